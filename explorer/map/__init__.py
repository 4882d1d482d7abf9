"""The public Map: rows in tile order on disk, aggregated and drawn for a viewport."""
