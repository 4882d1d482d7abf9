"""What is computed of a stream, chunk by chunk."""
