"""One person at one table, without Panel."""
