"""The rows: the panel on the left, the Rows tab, labels, export."""
