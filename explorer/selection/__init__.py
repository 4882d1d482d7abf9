"""Rows that were chosen: selections, saved selections, row labels."""
