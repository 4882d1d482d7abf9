"""Tests of many hypotheses together, and of allocations."""
