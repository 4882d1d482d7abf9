"""Arrow in: open a table, read it in batches, by column, by row or as a random sample."""
