"""Feature matrix: the chosen columns as one block of float32.

A document says all that was done to them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import FeatureError, unknown_name
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.cells import columns_of
from explorer.features.matrix.encode import (
    EncodingRequest,
    encoding_request,
    missing_of,
    read_cells,
)
from explorer.features.matrix.spec import MatrixSpec
from explorer.features.matrix.treatment import MatrixColumn, Treatment, fit_treatment
from explorer.features.matrix_memory import available_memory
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.sources.source import ArrowSource

__all__ = ["FeatureMatrix", "apply_matrix", "build_matrix"]

VERSION = 1
_BYTES_PER_ROW = 48  # float64 copies of one column while it is treated


@dataclass(frozen=True, eq=False)
class FeatureMatrix:
    """Chosen features of chosen rows, ready to be projected.

    Parameters
    ----------
    X : ndarray of shape (m, d), float32, C-contiguous
        Finite.
    rows : ndarray of shape (m,), int64
        Row of the table of each row of X, ascending.
    columns : list of MatrixColumn
        What each of the d columns is; features in table order.
    imputed_rows : ndarray of shape (m,), bool
        Rows with a value that was filled in.
    """

    X: NDArray[np.float32]
    rows: NDArray[np.int64]
    columns: list[MatrixColumn]
    imputed_rows: NDArray[np.bool_]
    _document: str

    def document(self) -> dict[str, Any]:
        """Return, as JSON, what was done to each feature: enough for `apply_matrix` to do it again.

        Keys: ``spec`` (see `MatrixSpec.document`), ``features`` (a treatment each, with the columns
        it made), ``left_out`` (feature: reason), ``dropping`` (requests of features that drop
        rows), ``rows`` (table, where, dropped, used, imputed), ``imputed`` (feature: rows filled
        in), ``notes`` (sentences).
        """
        document: dict[str, Any] = json.loads(self._document)
        return document


def build_matrix(
    source: ArrowSource,
    spec: MatrixSpec,
    progress: Progress | None = None,
    rows: NDArray[np.bool_] | None = None,
) -> FeatureMatrix:
    """Make the feature matrix of a table.

    Each feature is transformed, filled, scaled and weighted on the rows used, in float64, one
    column in memory at a time. A category of k levels weighs as one number: its columns are centred
    and divided by √(1 − Σp²), so that their variances add up to 1; so do those of a cycle and of a
    vector, save that a vector which is the only feature keeps its scale.

    Parameters
    ----------
    source : ArrowSource
    spec : MatrixSpec
    progress : callable, optional
        ``progress("matrix", done, total)``.
    rows : ndarray of shape (n,), bool, optional
        Only these rows of the table: those of ``spec.rows``, where the spec names some.

    Returns
    -------
    matrix : FeatureMatrix

    Raises
    ------
    UnknownName
        A feature, or a column that a setting names, that is not in the table.
    FeatureError
        A feature that cannot be used as asked, no feature that varies, fewer than two rows, or too
        little memory.
    SelectionError
        Other rows than those that the spec names.
    projections.Cancelled
        ``progress`` returned False.
    """
    if spec.rows is not None:
        if rows is None:
            raise FeatureError(
                f"the {spec.rows.count:,} rows to project ({spec.rows.name}) are not known any "
                "more: choose them again"
            )
        spec.rows.check(rows, source.fingerprint)
    requests = _requests(source, spec)
    steps = _MatrixProgress(progress, len(requests) * 3)
    dropping = [request for request in requests if request.missing == "drop"]
    steps.take(len(requests) - len(dropping))
    chosen = None if rows is None else np.flatnonzero(rows)
    used, counts = _rows_used(source, spec, dropping, 2, steps, chosen)
    _check_memory(used.size, _least_widths(source, requests))
    treatments: list[Treatment] = []
    left_out: dict[str, str] = {}
    for request, column in _columns(source, requests, used):
        treatment = fit_treatment(column, request, used)
        if treatment is None:
            left_out[request.name] = (
                f"constant: every present value of {len(used):,} rows is the same"
            )
        else:
            treatments.append(treatment)
        steps.take()
    if not treatments:
        names = ", ".join(repr(name) for name in left_out)
        raise FeatureError(
            f"nothing to project: {names} does not vary in {len(used):,} rows; tick one that does"
        )
    steps.take(len(left_out))
    done = {
        "spec": spec.document(),
        "dropping": [request.document() for request in dropping],
        "left_out": left_out,
    }
    return _fill(source, treatments, done, used, counts, steps)


def apply_matrix(
    source: ArrowSource,
    document: Mapping[str, Any],
    progress: Progress | None = None,
    least: int = 1,
) -> FeatureMatrix:
    """Do to a table what was done to another one.

    With the centres, scales, fills and levels learned there.

    Applied to the table it was learned on, it gives the same matrix, save that it is of all rows
    where the map was of chosen ones (``spec.rows``). Levels that were not there
    become "other" when there is such a column, and else none of the levels.

    Parameters
    ----------
    source : ArrowSource
        A table that has the same columns.
    document : mapping
        From `FeatureMatrix.document`.
    progress : callable, optional
        ``progress("matrix", done, total)``.
    least : int
        Rows that must be left; 0 for a batch that may have none.
    """
    if document.get("version") != VERSION:
        raise FeatureError(
            f"expected a matrix document of version {VERSION}, came {document.get('version')!r}"
        )
    spec = MatrixSpec.from_document(document["spec"])
    treatments = [Treatment.from_document(entry) for entry in document["features"]]
    _check_columns(source, spec.features)
    dropping = [EncodingRequest.from_document(entry) for entry in document["dropping"]]
    steps = _MatrixProgress(progress, len(treatments) + len(dropping))
    rows, counts = _rows_used(source, spec, dropping, least, steps)
    done = {key: document[key] for key in ("spec", "dropping", "left_out")}
    return _fill(source, treatments, done, rows, counts, steps)


class _MatrixProgress:
    """Counts features done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.done, self.total = progress, 0, total

    def take(self, count: int = 1) -> None:
        self.done += count
        report(self.progress, "matrix", self.done, self.total)


def _check_columns(source: ArrowSource, names: Iterable[str]) -> None:
    existing = frozenset(source.column_names)
    for name in names:
        if name not in existing:
            raise unknown_name("feature", name, source.column_names)


def _requests(source: ArrowSource, spec: MatrixSpec) -> list[EncodingRequest]:
    encode = () if isinstance(spec.encode, str) else spec.encode
    missing = (
        () if isinstance(spec.missing, str) else [name for name in spec.missing if name != "*"]
    )
    _check_columns(source, (*spec.features, *spec.transform, *spec.weights, *encode, *missing))
    features = describe_columns(source, names=spec.features)
    return [
        encoding_request(feature, source.schema.field(name).type, spec)
        for name, feature in features.items()
    ]


def _rows_used(
    source: ArrowSource,
    spec: MatrixSpec,
    dropping: Sequence[EncodingRequest],
    least: int,
    steps: _MatrixProgress,
    chosen_rows: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Return the chosen rows for which ``where`` is true, less those that a feature drops."""
    rows = np.arange(source.num_rows) if chosen_rows is None else chosen_rows
    if spec.where is not None:
        from explorer.selection.selection import where as select

        sentinels = {name: tuple(values) for name, values in spec.sentinels.items()}
        rows = rows[select(source, spec.where, sentinels).mask[rows]]
    n_filtered = rows.size
    dropped = np.zeros(rows.size, dtype=bool)
    for request, column in _columns(source, dropping, rows):
        dropped |= missing_of(read_cells(column, request, rows))
        steps.take()
    rows = rows[~dropped] if dropping else rows
    if rows.size < least:
        raise FeatureError(
            f"a matrix needs at least {least} rows, came {rows.size}: the table has "
            f"{source.num_rows:,}, "
            f"{n_filtered:,} after 'where'{' of the chosen ones' * (chosen_rows is not None)}, "
            f"{rows.size:,} without a missing cell that is to be dropped"
        )
    return rows, {
        "table": source.num_rows,
        "where": n_filtered,
        "dropped": n_filtered - rows.size,
        "used": rows.size,
    }


def _columns(
    source: ArrowSource, requests: Sequence[EncodingRequest], rows: NDArray[np.int64]
) -> Iterator[tuple[EncodingRequest, pa.ChunkedArray]]:
    """Yield each feature's cells of the rows used."""
    mask = None
    if rows.size < source.num_rows:
        used = np.zeros(source.num_rows, dtype=bool)
        used[rows] = True
        mask = pa.array(used)
    columns = columns_of(source, [request.name for request in requests])
    for request, (_, column) in zip(requests, columns, strict=True):
        yield request, column if mask is None else column.filter(mask)


def _fill(
    source: ArrowSource,
    treatments: Sequence[Treatment],
    done: Mapping[str, Any],
    rows: NDArray[np.int64],
    counts: dict[str, int],
    steps: _MatrixProgress,
) -> FeatureMatrix:
    columns = [column for treatment in treatments for column in treatment.columns]
    _check_memory(
        rows.size,
        [
            (feature_treatment.request.encoding, len(feature_treatment.columns))
            for feature_treatment in treatments
        ],
    )
    X = np.empty((rows.size, len(columns)), dtype=np.float32)
    imputed_rows = np.zeros(rows.size, dtype=bool)
    imputed: dict[str, int] = {}
    start = 0
    by_name = {treatment.request.name: treatment for treatment in treatments}
    for request, column in _columns(source, [treatment.request for treatment in treatments], rows):
        treatment = by_name[request.name]
        end = start + len(treatment.columns)
        filled = treatment.write(column, X[:, start:end], rows)
        imputed_rows |= filled
        imputed[request.name] = int(filled.sum())
        start = end
        steps.take()
    notes = [f"{name} is left out: {reason}" for name, reason in done["left_out"].items()]
    notes += [
        f"{treatment.request.name}: {treatment.note}" for treatment in treatments if treatment.note
    ]
    document = {
        "version": VERSION,
        **done,
        "features": [treatment.document() for treatment in treatments],
        "rows": {**counts, "imputed": int(imputed_rows.sum())},
        "imputed": imputed,
        "notes": notes,
    }
    return FeatureMatrix(X, rows, columns, imputed_rows, json.dumps(document, allow_nan=False))


def _least_widths(
    source: ArrowSource, requests: Sequence[EncodingRequest]
) -> list[tuple[str, int]]:
    """Return encoding and number of columns of each feature, as far as its type says."""
    types = [source.schema.field(request.name).type for request in requests]
    lengths = [type_.list_size if pa.types.is_fixed_size_list(type_) else 1 for type_ in types]
    return [(request.encoding, length) for request, length in zip(requests, lengths, strict=True)]


def _check_memory(rows: int, widths: Sequence[tuple[str, int]]) -> None:
    columns = sum(width for _, width in widths)
    # while a vector is treated, its numbers are held a second time
    vector = max((width for encoding, width in widths if encoding == "vector"), default=0)
    needed = rows * (4 * columns + 8 * vector + _BYTES_PER_ROW)
    free = available_memory()
    if free is not None and needed > free:
        raise FeatureError(
            f"the matrix of {rows:,} rows × {columns:,} columns needs {needed / 1e9:.1f} GB and "
            f"{free / 1e9:.1f} GB "
            "are free: tick fewer features, or project fewer rows with 'where'"
        )
