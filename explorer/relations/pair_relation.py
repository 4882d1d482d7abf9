"""How a pair of features correlates, in all rows shown and within groups, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError
from explorer.core.gettext import _
from explorer.core.number_format import correlation_text
from explorer.profile.relations.within_groups import GroupCorrelation, WithinGroups, within_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.selection.selection import Selection
    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = ["pair_relation"]

_MOST_RANKED = 1_000_000  # rows: ranked in two seconds, and r is then known to ± .002
_SEED = 0


def pair_relation(
    table: Table, rows: RowSelection, first: str, other: str, by: str = ""
) -> dict[str, Any]:
    """Correlate a pair over the rows shown, and within the groups of a category.

    Parameters
    ----------
    table : Table
    rows : RowSelection
        Those that the filters leave are counted.
    first, other : str
        Numbers, booleans or times.
    by : str
        A category; empty: over all rows only.

    Returns
    -------
    dict
        Plain JSON with words.

    Raises
    ------
    FeatureError
        The three names do not differ.
    """
    if first == other or by in (first, other):
        raise FeatureError("a pair and the column of its groups must be different: choose another")
    used, of = _ranked_rows(rows.population(), table.num_rows)
    x, y = (_finite(table.columns.numbers(name)[used]) for name in (first, other))
    label = {name: table.features[name].label for name in (first, other, by) if name}
    single = np.zeros(x.size, np.int64)
    methods = {
        method: within_groups(x, y, single, [""], method=method).overall
        for method in ("spearman", "pearson")
    }
    answer: dict[str, Any] = {
        "one": first,
        "other": other,
        "by": by,
        "of": of,
        **{method: _in_words(within) for method, within in methods.items()},
    }
    if by:
        coded = table.columns.levels(by)
        codes = np.where(coded.codes < len(coded.labels), coded.codes, -1)[used].astype(np.int64)
        within = within_groups(
            x, y, codes, coded.labels, names=(label[first], label[other], label[by])
        )
        answer |= {"within": _groups(within, label[by])}
    return answer


def _ranked_rows(
    population: Selection | None, n_rows: int
) -> tuple[NDArray[np.int64] | slice, str]:
    """Return the rows to correlate, and which these are in words."""
    shown = n_rows if population is None else population.count()
    if shown > _MOST_RANKED:
        rows = np.arange(n_rows) if population is None else population.rows()
        drawn = np.sort(np.random.default_rng(_SEED).choice(rows, _MOST_RANKED, replace=False))
        return drawn, _("a random sample of {most_ranked:,} of the {shown:,} rows shown").format(
            most_ranked=_MOST_RANKED, shown=shown
        )
    if population is None:
        return slice(None), _("all {shown:,} rows").format(shown=shown)
    return population.rows(), _("the {shown:,} rows shown, all of them").format(shown=shown)


def _finite(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(cells), cells, np.nan)


def _in_words(group: GroupCorrelation) -> dict[str, Any]:
    defined = not math.isnan(group.r)
    low, high = (group.low, group.high) if defined else (math.nan, math.nan)
    return {
        "group": group.group,
        "n": group.n,
        "r": correlation_text(group.r) if defined else "–",
        "value": group.r if defined else None,
        "interval": _("{low} to {high}").format(
            low=correlation_text(low), high=correlation_text(high)
        )
        if defined
        else "",
    }


def _groups(within: WithinGroups, label: str) -> dict[str, Any]:
    more = within.n_groups - len(within.groups)
    notes = (
        [_("{more:,} smaller groups not listed, but in the pooled figure").format(more=more)]
        if more > 0
        else []
    )
    notes += (
        [
            _("{without_group:,} rows without {label} left out").format(
                without_group=within.without_group, label=label
            )
        ]
        if within.without_group
        else []
    )
    between = correlation_text(within.between) if not math.isnan(within.between) else "–"
    return {
        "label": label,
        "words": " ".join(within.words),
        "reversed": within.reversed,
        "overall": _in_words(within.overall),
        "pooled": _in_words(within.pooled),
        "between": between,
        "groups": [_in_words(group) for group in within.groups],
        "notes": notes,
    }
