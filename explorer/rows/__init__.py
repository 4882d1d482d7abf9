"""Rows of a table: expressions that say which, and selections that hold which."""
