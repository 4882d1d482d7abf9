"""From a projection request to an embedding with provenance; save, open, cache."""
