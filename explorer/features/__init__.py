"""Features: what each column is, what experts know of it, and how chosen ones become a matrix."""
