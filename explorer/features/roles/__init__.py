"""What each column is for: feature, target, prediction, identifier, time and others."""
