"""Ranked lists: positions, gains, propensities."""
