"""What is computed of an experiment: NumPy in, verdicts out."""
