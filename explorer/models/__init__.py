"""Models: how well predictions fit, which of two is better, whether a deployed one still behaves, engagement, rank on a page."""
