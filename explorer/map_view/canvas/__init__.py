"""The canvas that the map is drawn on."""
