"""Base of the components of the page, and widgets that several use."""
