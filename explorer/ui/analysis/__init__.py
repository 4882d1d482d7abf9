"""The view of an analysis of a log: set-up, progress, files."""
