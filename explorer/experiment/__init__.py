"""A/B tests: arms against a control, by segment and on the map."""
