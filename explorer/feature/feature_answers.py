"""What the Feature tab computes on request, in a thread.

Residuals within groups, a p-value, and where a feature is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.core.number_format import fraction
from explorer.feature.feature_counts import missing_shares
from explorer.feature.normality_card import gaussian_figures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = ["compute_answer", "p_value", "within_groups"]

_SEED = 0


def compute_answer(
    table: Table, rows: RowSelection, what: str, name: str, column: str
) -> dict[str, Any]:
    """Return what was asked of a feature as JSON, or an error in words.

    Parameters
    ----------
    table : Table
    rows : RowSelection
    what : {"missing", "within", "test"}
    name : str
        The feature.
    column : str
        The category or time it is asked by; empty for "test".
    """
    try:
        if what == "missing":
            result = missing_shares(table, rows, name, column)
        elif what == "within":
            result = within_groups(table, rows, name, column)
        else:
            result = p_value(table, rows, name)
    except ExplorerError as error:
        result = {"column": column, "error": str(error)}
    return {"name": name, **result}


def within_groups(table: Table, rows: RowSelection, name: str, column: str) -> dict[str, Any]:
    """Return the Gaussian check of residuals within the groups of a category.

    It is over the rows shown.
    """
    from explorer.profile.checks.gaussian import gaussian_within

    coded = table.columns.levels(column)
    used = _shown(table, rows, name) & (coded.codes < len(coded.labels))
    result = gaussian_within(table.columns.numbers(name)[used], coded.codes[used])
    label = table.features[column].label
    return {
        "column": column,
        "words": _("of {used:,} rows within {label}").format(used=int(used.sum()), label=label),
        **gaussian_figures(result),
    }


def p_value(table: Table, rows: RowSelection, name: str) -> dict[str, Any]:
    """Return a p-value of a stated sample of the rows shown, with the words that belong to it."""
    from explorer.profile.checks.gaussian import normal_p_value

    result = normal_p_value(table.columns.numbers(name)[_shown(table, rows, name)], _SEED)
    p = result["p_value"]
    text = "" if p is None else "p < .001" if p < 0.001 else f"p = {fraction(p)}"
    return {"p": text, "words": result["words"]}


def _shown(table: Table, rows: RowSelection, name: str) -> NDArray[np.bool_]:
    """Return which rows of the population have a finite value."""
    finite, population = np.isfinite(table.columns.numbers(name)), rows.population()
    return finite if population is None else finite & population.mask
