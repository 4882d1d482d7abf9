"""Rows compared with rows: two groups, every feature, effect sizes with intervals."""
