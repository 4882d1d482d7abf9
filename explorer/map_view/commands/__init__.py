"""The commands project and render."""
