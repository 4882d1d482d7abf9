"""Regions of a map: communities of the neighbours in its features, named by what distinguishes them.

The features say what a region is, never the picture: a label on the map says something of the data. A map's picture only says where
the label stands.
"""
