"""A page: views arranged around one session."""
