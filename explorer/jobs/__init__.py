"""Projections in a process of their own: queue, worker, progress, cancel, forecast."""
