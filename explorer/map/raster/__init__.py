"""Rows counted by pixel: exact, in parallel."""
