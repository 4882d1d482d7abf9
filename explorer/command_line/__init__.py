"""What commands share: arguments, progress, text tables and results."""
