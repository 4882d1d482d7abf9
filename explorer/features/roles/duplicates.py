"""Columns that say the same as another one: in other units, on a logarithm, by other names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.features.roles.role import ColumnRole

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from explorer.features.roles.column_facts import ColumnFacts

__all__ = ["guess_duplicates"]

# Conventions. Two columns of yes and no agree in so many rows by chance once in 2**20 pairs.
_FEWEST_ROWS = 20
_SAME = 0.9999
_MOST_COMPARED = 1_000  # columns of numbers whose correlations are computed: a second on one core
_COMPARED_ROWS = 2_000
_TRANSFORMS = frozenset((
    "log", "log1p", "log10", "ln", "sqrt", "sq", "squared", "scaled", "std", "norm", "normalized",
    "normalised", "zscore", "rank", "pct", "inverse",
))  # fmt: skip


def guess_duplicates(
    facts: Mapping[str, ColumnFacts], fixed: Collection[str]
) -> dict[str, ColumnRole]:
    """Find columns that say the same as another one.

    Of two the first in the table stays, and one that is not called like a transform ("log_price").

    Parameters
    ----------
    facts : mapping of str to ColumnFacts
    fixed : collection of str
        Columns among them that have a role already: others repeat them, they repeat none.

    Returns
    -------
    dict of str to ColumnRole
    """
    usable = {name: fact for name, fact in facts.items() if fact.distinct > 1}
    order = sorted(
        usable,
        key=lambda name: (name not in fixed, usable[name].is_number, _transformed(usable[name])),
    )
    first: dict[tuple[str, bytes], str] = {}
    roles: dict[str, ColumnRole] = {}
    for name in order:
        fact = usable[name]
        keys = _keys(fact)
        repeated = next((first[key] for key in keys if key in first), None)
        if repeated is not None and fact.is_text and usable[repeated].is_number:
            repeated = None  # texts say more than the numbers of the same groups
        if repeated is not None and name not in fixed:
            roles[name] = _duplicate(repeated, keys, first)
            continue
        for key in keys:
            first.setdefault(key, name)
    numbers = [
        name for name in order if name not in roles and usable[name].is_number and name not in fixed
    ]
    roles.update(_linear(usable, numbers))
    return roles


def _duplicate(
    repeated: str, keys: list[tuple[str, bytes]], first: Mapping[tuple[str, bytes], str]
) -> ColumnRole:
    ordered = any(key[0] == "order" and first.get(key) == repeated for key in keys)
    reason = (
        _("It puts the rows in the same order as {column}.")
        if ordered
        else _("It has one value for each value of {column}.")
    )
    return ColumnRole("duplicate", reason.format(column=repeated), repeated)


def _transformed(fact: ColumnFacts) -> bool:
    return bool(_TRANSFORMS.intersection(fact.words)) or any(
        word.startswith("log") for word in fact.words
    )


def _keys(fact: ColumnFacts) -> list[tuple[str, bytes]]:
    """Return what two columns share when they say the same."""
    keys: list[tuple[str, bytes]] = []
    n = len(fact.codes)
    if n < _FEWEST_ROWS:
        return keys
    # groups of rows are the same, whatever they are called; values must repeat to make groups
    if fact.distinct <= fact.filled / 2:
        keys.append(("groups", fact.codes.tobytes()))
    if fact.is_number and fact.distinct > 2:
        ranks = fact.ranks
        falling = np.where(ranks < 0, -1, ranks.max() - ranks)
        keys.append(("order", min(ranks.tobytes(), falling.tobytes())))
    return keys


def _linear(facts: Mapping[str, ColumnFacts], names: list[str]) -> dict[str, ColumnRole]:
    """Find numbers that are the same on another scale, but for rounding."""
    chosen = [name for name in names if facts[name].distinct > 10][:_MOST_COMPARED]
    if len(chosen) < 2:
        return {}
    columns = [_standardized(facts[name].values[:: _step(facts[name].values)]) for name in chosen]
    matrix = np.stack(columns)
    r = matrix @ matrix.T / matrix.shape[1]
    roles: dict[str, ColumnRole] = {}
    for later in range(1, len(chosen)):
        for earlier in np.flatnonzero(np.abs(r[later, :later]) >= _SAME):
            other = chosen[earlier]
            if other not in roles and _same_missing(facts[other], facts[chosen[later]]):
                reason = _("It is {column} on another scale (r {r:.4f}).").format(
                    column=other, r=r[later, earlier]
                )
                roles[chosen[later]] = ColumnRole("duplicate", reason, other)
                break
    return roles


def _step(values: NDArray[np.float64]) -> int:
    return max(1, len(values) // _COMPARED_ROWS)


def _standardized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values with mean 0 and standard deviation 1; 0 where missing."""
    with np.errstate(invalid="ignore"):
        present = values[~np.isnan(values)]
        if present.size < 2 or np.ptp(present) == 0:
            return np.zeros_like(values)
        centred = (values - present.mean()) / present.std()
    scaled: NDArray[np.float64] = np.nan_to_num(centred) * np.sqrt(len(values) / present.size)
    return scaled


def _same_missing(a: ColumnFacts, b: ColumnFacts) -> bool:
    return bool(np.mean(np.isnan(a.values) != np.isnan(b.values)) < 0.01)
