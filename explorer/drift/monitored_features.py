"""Which columns of a table are watched, how each is read, and what is counted of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.drift.analysis.chunk_performance import PerformanceTally
from explorer.drift.analysis.tallies import LevelTally, NumberTally
from explorer.drift.streaming import LevelReader, NumberReader
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.stats.bins import BINS, quantile_bins
from explorer.table.blocks import numbers_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from explorer.drift.analysis.timetable import Timetable
    from explorer.features.kind import Feature
    from explorer.table.table import Table

__all__ = ["MonitoredFeatures", "monitored_columns", "read_monitored_features", "row_numbers"]

_CELLS = (
    1 << 25
)  # of all tables of counts together: half a gigabyte; long timetables get fewer bins
_FEWEST_BINS = 50
_FEWEST_NUMBERED = (
    30  # rows that rise one after the other, from which a column is taken to number them
)


@dataclass(frozen=True, eq=False)
class MonitoredFeatures:
    """What is counted.

    Parameters
    ----------
    tallies : mapping of str to NumberTally or LevelTally
    roles : mapping of str to str
        feature, prediction, truth.
    levels : frozenset of str
        Columns read as levels; the others are numbers.
    readers : mapping of str to NumberReader or LevelReader
    performance : PerformanceTally or None
    pair : tuple of Feature or None
        Prediction and truth, where both are read together.
    """

    tallies: Mapping[str, Any]
    roles: Mapping[str, str]
    levels: frozenset[str]
    readers: Mapping[str, NumberReader | LevelReader]
    performance: PerformanceTally | None = None
    pair: tuple[Feature, Feature] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return tuple(self.readers)

    def works(
        self, batch: pa.RecordBatch, codes: NDArray[np.int32]
    ) -> Iterator[Callable[[], None]]:
        """Give what is to be done with a batch, column by column; each may run in a thread."""
        for name, reader in self.readers.items():
            yield partial(reader.read, batch.column(name), codes)
        if self.performance is not None and self.pair is not None:
            yield partial(self._fit, batch, codes)

    def _fit(self, batch: pa.RecordBatch, codes: NDArray[np.int32]) -> None:
        assert self.performance is not None
        assert self.pair is not None
        prediction, truth = (
            numbers_in(feature, pa.chunked_array([batch.column(feature.name)]))
            for feature in self.pair
        )
        self.performance.add(prediction, truth, codes)


def monitored_columns(
    table: Table,
    time: str,
    features: Iterable[str] | None,
    truth: str | None,
    prediction: str | None,
    named: Iterable[str] = (),
) -> tuple[dict[str, str], dict[str, str]]:
    """Choose the columns that are watched.

    Parameters
    ----------
    table : Table
    time, features, truth, prediction
        As for `explorer.drift`.
    named : iterable of str
        Columns that say which rows are the reference: outside it they differ by definition.

    Returns
    -------
    columns : dict of str to str
        Role of each: feature, prediction, truth, in this order.
    left_out : dict of str to str
        Why others are not watched.
    """
    targets = {prediction: "prediction", truth: "truth"}
    defining = set(named) - {time}
    for name in (prediction, truth):
        if name is not None:
            table.columns.feature(name)
    left_out: dict[str, str] = {}
    if features is None:
        wanted = []
        for name in table.column_names:
            why = _("the times") if name == time else _why_not(table.features[name])
            if name in defining:
                why = _("says which rows are the reference")
            if why and name not in targets:
                left_out[name] = why
            elif name not in targets:
                wanted.append(name)
    else:
        wanted = [
            name
            for name in dict.fromkeys([features] if isinstance(features, str) else features)
            if name not in targets
        ]
        for name in wanted:
            if name in defining:
                raise ModelError(
                    f"{name!r} says which rows are the reference, so it differs in all others: "
                    "leave it out of the features"
                )
            if table.features[name].kind == "vector":
                raise ModelError(
                    f"{name!r} is a vector: its parts can be watched, or what follows from them"
                )
    columns = dict.fromkeys(wanted, "feature") | {
        name: role for name, role in targets.items() if name is not None
    }
    if not columns:
        raise ModelError("no column is left to be watched: name features")
    return columns, left_out


def row_numbers(table: Table, columns: Mapping[str, str], rows: NDArray[np.int64]) -> list[str]:
    """Return the features that number the rows.

    Whole numbers that rise or fall from each row of a sample to the next.

    Parameters
    ----------
    table : Table
    columns : mapping of str to str
        Role of each column.
    rows : ndarray of shape (k,), int64, ascending
    """
    some = [name for name, role in columns.items() if role == "feature" and _is_number(table, name)]
    if len(rows) < _FEWEST_NUMBERED or not some:
        return []
    sample = table.source.lookup(rows, some)
    with np.errstate(invalid="ignore"):  # infinite values
        steps = {
            name: np.diff(numbers_in(table.features[name], sample.column(name))) for name in some
        }
    return [
        name
        for name, step in steps.items()
        if ((step > 0).all() or (step < 0).all()) and (step == np.round(step)).all()
    ]


def _why_not(feature: Feature) -> str:
    if feature.kind in ("identifier", "text", "vector"):
        return _("{kind}: its values are not expected to repeat").format(kind=feature.kind)
    return _("times always move forward") if feature.kind == "temporal" else ""


def read_monitored_features(
    table: Table,
    columns: Mapping[str, str],
    timetable: Timetable,
    rows: NDArray[np.int64],
    truth: str | None,
    prediction: str | None,
) -> tuple[MonitoredFeatures, list[str]]:
    """Make the tables that are counted into, with bins from rows of the reference.

    Says what a reader should know.

    Parameters
    ----------
    table : Table
    columns : mapping of str to str
        Role of each column.
    timetable : Timetable
    rows : ndarray of shape (k,), int64, ascending
        Of the reference.
    truth, prediction : str or None
    """
    levels = frozenset(name for name in columns if not _is_number(table, name))
    sample = table.source.lookup(rows, list(columns))
    size = len(timetable.chunks)
    most = int(np.clip(_CELLS // (size * max(len(columns), 1)), _FEWEST_BINS, BINS))
    notes = (
        [
            _("numbers are counted in {most} bins, since there are {size:,} chunks").format(
                most=most, size=size
            )
        ]
        if most < BINS
        else []
    )
    tallies: dict[str, Any] = {}
    readers: dict[str, NumberReader | LevelReader] = {}
    for name in columns:
        feature = table.features[name]
        if name in levels:
            tallies[name] = LevelTally(size)
            readers[name] = LevelReader(feature, tallies[name])
        else:
            values = numbers_in(feature, sample.column(name))
            tallies[name] = NumberTally(quantile_bins(values, most), size, _middle(values))
            readers[name] = NumberReader(feature, tallies[name])
    performance, pair = None, None
    if truth is not None and prediction is not None:
        pair = table.features[prediction], table.features[truth]
        performance, note = _performance(table, sample, pair, most, size)
        notes += [note] if note else []
    return MonitoredFeatures(tallies, columns, levels, readers, performance, pair), notes


def _is_number(table: Table, name: str) -> bool:
    feature = table.features[name]
    return feature.kind in ("numeric", "temporal") or NUMBERS_AS_TEXT in feature.notes


def _middle(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else 0.0


def _performance(
    table: Table, sample: pa.Table, pair: tuple[Feature, Feature], most: int, chunks: int
) -> tuple[PerformanceTally, str]:
    prediction, truth = pair
    for feature, what in ((prediction, "prediction"), (truth, "truth")):
        if feature.kind != "boolean" and not _is_number(table, feature.name):
            raise ModelError(
                f"the {what} {feature.name!r} is {feature.kind}: "
                "a probability and yes or no (0 and 1) are read, or two numbers"
            )
    p, y = (numbers_in(column, sample.column(column.name)) for column in pair)
    truths = y[np.isfinite(y)]
    binary = bool(np.isin(truths, (0.0, 1.0)).all()) and len(truths) > 0
    note = ""
    outside = (
        float(np.mean((p[np.isfinite(p)] < 0) | (p[np.isfinite(p)] > 1)))
        if np.isfinite(p).any()
        else 0.0
    )
    if binary and outside > 0:
        note = _(
            "{name}: {outside:.3g} % of the predictions of the reference are no "
            "probabilities; their order alone counts"
        ).format(name=prediction.name, outside=100 * outside)
    if not len(truths):
        note = _(
            "{name}: the reference has no truth: the performance of predictions is not known"
        ).format(name=truth.name)
    elif binary and len(np.unique(truths)) == 1:
        note = _("{name}: the reference has only one class: no area under the ROC curve").format(
            name=truth.name
        )
    return PerformanceTally(
        quantile_bins(p, most), chunks, "binary" if binary else "regression"
    ), note
