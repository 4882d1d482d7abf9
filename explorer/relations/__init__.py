"""The Together tab: how features go with each other."""
