"""How well a map keeps the data, and how two maps differ."""
