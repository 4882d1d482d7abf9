"""Profiles: what was counted of each feature, and what follows from it."""
