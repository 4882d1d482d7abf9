"""Regions of a map: communities of the neighbours in its features, and what distinguishes each."""
