"""What experts know of the columns of a table: read, edited, kept."""
