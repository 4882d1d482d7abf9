"""HTML of the pages."""
