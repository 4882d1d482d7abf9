"""Families of columns in the list of features: one strip each."""
