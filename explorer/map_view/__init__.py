"""The map on the page, and the commands project and render."""
