"""Classifiers: ROC, precision, confusion, calibration, and their comparison."""
