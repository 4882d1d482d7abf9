"""Units and segments: which unit, list or segment each row belongs to."""
