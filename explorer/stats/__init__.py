"""Statistics: NumPy in and out; nothing here knows of tables."""
