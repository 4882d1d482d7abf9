"""Which rows a person filters, selects and looks at."""
