"""From a graph of neighbours to coordinates."""
