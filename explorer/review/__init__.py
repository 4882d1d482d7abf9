"""Reviews: sets of features, verdicts with evidence, and where they are kept."""
