"""The expressions of filters and derived columns: parsed, checked and evaluated on batches."""
