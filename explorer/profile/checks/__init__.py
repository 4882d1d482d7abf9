"""What a distribution is like: Gaussian or not, outliers, modes."""
