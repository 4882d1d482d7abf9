"""Drift: false alarms of a stable stream, shifts that are named, bands of performance that miss.

Numbers of weeks (or days), normal, with levels that differ between chunks by ``tau`` standard
deviations as a first-order autoregression. Rows are drawn as counts in bins, which is what the
rules see of a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rates.error_rate import ErrorRate
from scipy.special import ndtr

from explorer.drift.analysis.chunk_performance import usual_range
from explorer.drift.analysis.chunk_tests import DriftTest, judge_chunks
from explorer.drift.analysis.feature_drift import ChunkReferences, measure_numbers
from explorer.drift.analysis.missing_seasons import missing_seasons
from explorer.drift.analysis.tallies import NumberTally
from explorer.drift.analysis.timetable import Chunk
from explorer.stats.bins import Bins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

DAY = 86_400.0
BINS = 60
_NOTHING = np.zeros(1, np.int16)


class Stream(NamedTuple):
    """How a stream is simulated.

    Parameters
    ----------
    features, rows : int
        Rows are those of a chunk.
    reference, watched : int
        Chunks.
    days : int
        Of a chunk.
    tau, phi : float
        Levels of chunks: standard deviation beside 1 between rows, and autocorrelation.
    weekly, yearly : float
        Standard deviation of the means of weekdays; amplitude of a wave of a year, whose phase
        differs between features.
    shift : float
        Of the first feature in all watched chunks.
    dates : bool
        Whether chunks have dates: a change that the season may explain is no alarm then. Without,
        all changes count.
    """

    features: int = 10
    rows: int = 400
    reference: int = 13
    watched: int = 52
    days: int = 7
    tau: float = 0.0
    phi: float = 0.0
    weekly: float = 0.0
    yearly: float = 0.0
    shift: float = 0.0
    dates: bool = False


def autoregression(
    random: np.random.Generator, phi: float, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """First-order autoregressions of variance 1."""
    noise = random.standard_normal(shape)
    for t in range(1, shape[0]):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    return noise


def watched(seed: int, how: Stream) -> list[DriftTest]:
    """Simulate a stream and judge it as `explorer.drift` does."""
    random = np.random.default_rng(seed)
    size = how.reference + how.watched
    reference = np.arange(size) < how.reference
    day = np.arange(size) * how.days
    levels = how.tau * autoregression(random, how.phi, (size, how.features))
    levels += how.yearly * np.sin(2 * np.pi * (day[:, None] / 365.25 + random.random(how.features)))
    season = np.arange(size) % 7 if how.days == 1 else np.zeros(size, np.int64)
    levels += random.normal(0, how.weekly, (7, how.features))[season]
    levels[~reference, 0] += how.shift
    against = ChunkReferences(reference, season)
    found = [
        measure_numbers(
            str(j), "feature", counted(random, levels[:, j], how.rows, how.reference), against
        )
        for j in range(how.features)
    ]
    start = 20_000 * DAY + day * DAY
    chunks = [
        Chunk(str(i), one, one + how.days * DAY, how.rows, i < how.reference)
        for i, one in enumerate(start)
    ]
    return judge_chunks(
        found,
        against,
        np.ones(size, bool),
        missing_seasons(chunks, reference) if how.dates else None,
    )


def counted(
    random: np.random.Generator, levels: NDArray[np.float64], rows: int, reference: int
) -> NumberTally:
    """Draw each chunk's rows into bins that end at the reference's smallest and largest value."""
    known = levels[:reference]
    # the extremes of normal rows, each chunk's by the inverse of their distribution
    ends = [
        sign * np.max(sign * known + -_quantile(1 - random.random(reference) ** (1 / rows)))
        for sign in (-1, 1)
    ]
    edges = np.linspace(*ends, BINS + 1)
    upto = ndtr(edges - levels[:, None])
    shares = np.column_stack([upto[:, 0], np.diff(upto, axis=1), 1 - upto[:, -1]])
    shares[:reference, [0, -1]] = 0.0
    shares /= shares.sum(axis=1, keepdims=True)
    counts = np.stack([random.multinomial(rows, one) for one in shares])
    tally = NumberTally(Bins(edges, _NOTHING, 0.0, 1.0, _NOTHING, np.nan, np.nan), len(levels), 0.0)
    middle = np.concatenate([edges[:1] - 0.1, (edges[1:] + edges[:-1]) / 2, edges[-1:] + 0.1])
    tally.counts[:, :-1] = counts
    tally.sums[:] = counts * middle
    tally.extra[:, 2] = counts @ middle**2
    return tally


def _quantile(upper: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri(upper))


STABLE = {
    "10 features, AR(.5) of .3 sd": (Stream(tau=0.3, phi=0.5), 400),
    "10 features, AR(.8) of .3 sd": (Stream(tau=0.3, phi=0.8), 400),
    "10 features, yearly wave of .5 sd, reference a quarter": (Stream(yearly=0.5, dates=True), 400),
    "10 features, days, weekdays .3 sd, AR(.5) of .1 sd": (
        Stream(tau=0.1, phi=0.5, days=1, reference=56, watched=56, weekly=0.3),
        400,
    ),
    "10 features, independent weeks": (Stream(), 200),
    "10 features, weeks differ by .3 sd": (Stream(tau=0.3), 200),
    "10 features, AR(.8) of 1 sd": (Stream(tau=1.0, phi=0.8), 200),
    "1 feature, AR(.8) of .3 sd": (Stream(features=1, tau=0.3, phi=0.8), 400),
    "3 features, AR(.5) of .3 sd, 3 reference weeks": (
        Stream(features=3, tau=0.3, phi=0.5, reference=3),
        400,
    ),
    "10 features, yearly wave of .5 sd, reference a year": (
        Stream(yearly=0.5, reference=53, dates=True),
        100,
    ),
}
"""Streams that do not change, and in how many runs."""

POWER = {
    "50 features, independent weeks": (Stream(50, 2_000, watched=1, shift=0.2), 0.95),
    "50 features, weeks differ by .02 sd": (Stream(50, 2_000, watched=1, tau=0.02, shift=0.2), 0.8),
    "1 feature, independent weeks": (Stream(1, 2_000, watched=1, shift=0.2), 0.7),
}


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rates of false alarms, of named shifts, and of bands that hold a like chunk."""
    for case, (how, most) in STABLE.items():
        runs = 10 if quick else most
        count = sum(any(one.alarm.any() for one in watched(seed, how)) for seed in range(runs))
        yield ErrorRate("drift", case, "any false alarm in a year", count, runs, at_most=0.05)
    runs = 3 if quick else 60
    for case, (how, least) in POWER.items():
        named = sum(
            any(one.alarm.any() for one in watched(seed, how) if one.feature == "0")
            for seed in range(runs)
        )
        yield ErrorRate(
            "drift", case, "shift of .2 sd named in its first week", named, runs, at_least=least
        )
    yield from _bands(200 if quick else 2_000)


def _bands(runs: int) -> Iterator[ErrorRate]:
    for chunks, rows in ((3, 200), (5, 200), (13, 200)):
        random = np.random.default_rng(chunks)
        held = inside = 0
        for _ in range(runs):
            figures = np.array([_area(random, rows) for _ in range(chunks + 1)])
            low, high = usual_range(figures[:-1], (0.0, 1.0))
            held += bool(low <= figures[-1] <= high)
            inside += bool(0 <= low <= high <= 1)
        case = f"AUC of {chunks} reference chunks of {rows} rows"
        yield ErrorRate(
            "drift", case, "usual range holds a chunk like them", held, runs, at_least=1 - 0.05 / 52
        )
        yield ErrorRate("drift", case, "usual range lies in [0, 1]", inside, runs, at_least=1.0)


def _area(random: np.random.Generator, rows: int) -> float:
    zeros, ones = random.standard_normal(rows // 2), random.standard_normal(rows // 2) + 1.5
    return float(np.searchsorted(np.sort(zeros), ones).mean() / len(zeros))
