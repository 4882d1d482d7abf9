"""Plots of distributions as HoloViews elements."""
