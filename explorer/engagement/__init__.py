"""What items earn, with and without propensities."""
