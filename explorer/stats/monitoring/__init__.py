"""Series of distances over time: what is usual, and when it is left."""
