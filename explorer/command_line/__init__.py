"""What commands share: arguments, progress, text tables, results. Together with the commands the only place that prints."""
