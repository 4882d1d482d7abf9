"""Chosen features as a matrix: encoded, transformed, scaled, missing values treated."""
