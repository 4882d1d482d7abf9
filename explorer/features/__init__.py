"""What a feature is."""
