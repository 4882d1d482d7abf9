"""Two maps of the same rows, compared."""
