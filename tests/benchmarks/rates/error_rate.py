"""One simulated error rate beside the rate that is promised; the rows of bench_error_rates.py."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binom

__all__ = ["ErrorRate"]

# The chance that a rate which keeps its promise is called broken: a table has some hundred rows.
FALSE_CALL = 1e-4


@dataclass(frozen=True)
class ErrorRate:
    """How often something happened in simulated runs, and how often it may.

    Parameters
    ----------
    topic : str
        What is judged, such as "drift" or "ranking".
    case : str
        The simulated data: distribution, sizes, number of looks.
    event : str
        What was counted, such as "any alarm" or "interval misses the truth".
    count, runs : int
        Runs in which the event happened, and all runs.
    at_most, at_least : float
        The promised rate, both ends included. A coverage of 95 % is ``at_least=.95`` of the event
        "interval holds the truth".
    """

    topic: str
    case: str
    event: str
    count: int
    runs: int
    at_most: float = 1.0
    at_least: float = 0.0

    @property
    def rate(self) -> float:
        """The share of runs with the event."""
        return self.count / self.runs

    @property
    def kept(self) -> bool:
        """Whether the promise may be true, by an exact binomial test of either end at 1e-4."""
        too_many = binom.sf(self.count - 1, self.runs, self.at_most)
        too_few = binom.cdf(self.count, self.runs, self.at_least)
        return bool(too_many > FALSE_CALL and too_few > FALSE_CALL)
