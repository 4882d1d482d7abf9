"""Long work in its own process: a queue of jobs, a warm spare worker, progress, cancel, forecast.

A crash or kill of a worker becomes an event in words; the process that asked lives on. The queue side imports
neither NumPy nor the engine.
"""
