"""Long work in its own process: a queue of jobs, a warm spare worker, progress, cancel, forecast.

A crash or kill of a worker becomes an event in words; the process that asked lives on. The queue side imports
neither NumPy nor the engine.
"""

from explorer.jobs.events import Cancelled, Done, Event, Failed, Finished, Progress
from explorer.jobs.queue import Job, JobQueue

__all__ = ["Cancelled", "Done", "Event", "Failed", "Finished", "Job", "JobQueue", "Progress"]
