"""Effects on the regions of a map."""
