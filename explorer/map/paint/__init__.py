"""Counts by pixel as colours."""
