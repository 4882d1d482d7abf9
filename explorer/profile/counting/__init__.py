"""Blocks of a column counted and merged: moments, levels, sorted values."""
