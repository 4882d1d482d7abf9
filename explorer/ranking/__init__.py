"""How high on a page the played title was."""
