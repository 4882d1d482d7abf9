"""The public facade: Table, Embedding, Map. The only place that wires rooms together."""
