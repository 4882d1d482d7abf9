"""From a projection request to an embedding with provenance; save and open."""
