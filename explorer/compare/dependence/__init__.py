"""How far columns follow from the features that made the groups of a comparison."""
