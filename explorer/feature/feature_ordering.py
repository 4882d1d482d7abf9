"""Ready sets of features, orders of the list, and the share of the selection in each bin."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.core.text_direction import isolated
from explorer.features.kind import NOT_PROFILED, countable
from explorer.profile.counting.histogram import BINS, bar_heights
from explorer.selection.code_counts import code_counts
from explorer.session.maps.validate_projection import unusable_reason, validate_projection
from explorer.table.mappable import mappable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.document import Document
    from explorer.table.table import Table

__all__ = ["FeatureOrdering"]

_SEEN = 0.2  # of the highest bar: a lower part is drawn on its own scale
_KINDS = ("numeric", "boolean", "vector")


class FeatureOrdering:
    """How the features of a table compare with each other.

    Parameters
    ----------
    table : Table
    rows : RowSelection
    start : Document
        What the session began with.
    """

    def __init__(self, table: Table, rows: RowSelection, start: Document) -> None:
        self._table, self._rows, self._start = table, rows, start
        self._sets: tuple[tuple[int, int, Any], dict[str, list[str]]] | None = None

    def sets(self) -> dict[str, list[str]]:
        """Return the ready sets of features.

        "start" is what the table opens with, "all" is every usable feature counted so far that may
        draw a map (see `explorer.table.mappable.mappable`): numbers and vectors; categories where
        there are none of these.
        """
        table = self._table
        profiles = table.summaries.counted()
        # an exact count that replaces a sample, and an edit, which makes another dict of features,
        # may change them
        seen = (
            len(profiles),
            sum(summary.sampled is None for summary in profiles.values()),
            table.features,
        )
        if self._sets is None or self._sets[0][:2] != seen[:2] or self._sets[0][2] is not seen[2]:
            named = self._usable(_KINDS) or self._usable(("categorical",))
            refusal = validate_projection(table, named, self._start.policy) if named else None
            refused = set(refusal.names) if refusal else set()
            usable = [name for name in named if name not in refused]
            self._sets = seen, {"start": list(self._start.features), "all": usable}
        return self._sets[1]

    def _usable(self, kinds: Sequence[str]) -> list[str]:
        table = self._table
        profiles, refused = table.summaries.counted(), mappable(table)
        return [
            name
            for name in table.column_names
            if name in profiles
            and not refused[name]
            and table.features[name].kind in kinds
            and NOT_PROFILED not in table.features[name].notes
            and not unusable_reason(table.features[name], profiles[name])
        ]

    def keys(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the numbers that an order sorts by, and words that say what they are.

        There is one number a feature; None where it is not known.

        Parameters
        ----------
        request : dict
            "key": "difference" of the selection, or "relevance" to the feature "target".
        """
        try:
            values, text = (
                self._difference()
                if request["key"] == "difference"
                else self._relevance(request["target"])
            )
        except ExplorerError as error:
            return {"key": request["key"], "values": {}, "words": str(error)}
        return {"key": request["key"], "values": values, "words": text}

    def selected(self, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Count the selection in the bins or levels of strips.

        Without a selection, count the rows that the filters leave.

        Yields
        ------
        name : str
        heights : str
            Base64 of 81 bytes: 40 heights of 0–255 of what it is a part of, 40 of the part, and 1
            where the part is drawn on a scale of its own, since it would hardly be seen on the
            other. Empty where there is no part.
        """
        selection, population = self._rows.selection(), self._rows.population()
        for name in names:
            part = population if selection is None else selection
            whole = None if selection is None else population
            if part is None:
                yield name, ""
                continue
            counts = self._counts(name, None if whole is None else whole.mask)
            chosen = self._counts(name, part.mask)
            if counts is not None and chosen is not None and counts.size and counts.max() > 0:
                yield name, base64.b64encode(_heights(counts, chosen)).decode()

    def _counts(self, name: str, mask: NDArray[np.bool_] | None) -> NDArray[np.int64] | None:
        table, feature = self._table, self._table.features[name]
        if not countable(feature) or feature.kind in ("text", "identifier"):
            return None
        if feature.kind == "categorical":
            levels = table.columns.levels(name)
            codes: NDArray[np.uint8] | NDArray[np.int32] = levels.codes
            size, beside = len(levels.labels), 1
        elif table.summaries[name].histogram is not None:
            bins = table.summaries.bins(name)
            codes, size, beside = bins.codes, len(bins.edges) - 1, 3
        else:
            return None
        return code_counts(codes, size + beside, mask)[: min(size, BINS)]

    def _difference(self) -> tuple[dict[str, float], str]:
        selection = self._rows.selection()
        if selection is None:
            raise ExplorerError(
                "select rows first: then the features that tell them from the rest come first"
            )
        return self._table.relations.differences(selection.mask)

    def _relevance(self, target: str | None) -> tuple[dict[str, float], str]:
        if target is None:
            raise ExplorerError(
                "choose a target column: the features that tell most of it come first"
            )
        relevance = self._table.relations.relevance(target)
        values = {
            row.feature: row.strength for row in relevance.rows if row.strength == row.strength
        }
        labels = self._table.features
        leaking = [row for row in relevance.rows if row.leak]
        leaks = [
            f"{isolated(labels[row.feature].label)} ({row.leak.removeprefix('leak: ')})"
            for row in leaking
        ]
        leak_text = (
            " · " + _("reveals it: {leaks}").format(leaks=list_names(leaks, 3, "; "))
            if leaks
            else ""
        )
        return values, relevance.words + leak_text


def _heights(counts: NDArray[np.int64], chosen: NDArray[np.int64]) -> bytes:
    whole, part = counts.max(), chosen.max()
    own = bool(0 < part < _SEEN * whole)
    bars = [bar_heights(counts, whole), bar_heights(chosen, part if own else whole)]
    return b"".join([*(heights.tobytes() for heights in bars), bytes([own])])
