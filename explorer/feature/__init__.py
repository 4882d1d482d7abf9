"""One feature: the list, the Feature tab, the command profile."""
