"""A profile as pages to be read offline."""
