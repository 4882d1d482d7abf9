"""What was counted of each feature."""
