"""How a stream of rows changes over time."""
