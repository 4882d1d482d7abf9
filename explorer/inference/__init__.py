"""Inference: corrections, intervals and effect sizes, NumPy in and out; knows nothing of tables."""
