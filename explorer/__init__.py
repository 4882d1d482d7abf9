"""Explorer: open a wide, long table, choose features, see all rows as one map."""
