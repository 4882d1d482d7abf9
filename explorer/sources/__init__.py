"""Arrow in: open, schema, Hive partitions, batches, columns, sample, fingerprint."""
