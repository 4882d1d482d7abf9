"""What the field for a filter offers: names of columns, and an example."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from explorer.core.errors import ExplorerError
from explorer.core.text_direction import isolated
from explorer.expressions.expression import parse_expression, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.table.table import Table

__all__ = ["example_filter", "quote_name"]


def quote_name(name: str) -> str:
    """Write a column's name for an expression, in double quotes where it needs them."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        return quoted(name)
    try:
        return name if parse_expression(f"{name} >= 0").columns == (name,) else quoted(name)
    except ExplorerError:
        return quoted(name)


def example_filter(table: Table, names: Sequence[str]) -> str:
    """Return a condition on the first of these features that is a number; empty without one.

    It is to be read: signs that keep its order may stand around the name.
    """
    for name in names:
        summary = table.summaries[name] if table.features[name].kind == "numeric" else None
        if (
            summary
            and summary.mean is not None
            and summary.minimum is not None
            and summary.maximum is not None
        ):
            bound = _round_number(summary.mean, summary.maximum - summary.minimum)
            return f"{isolated(quote_name(name))} >= {bound}"
    return ""


def _round_number(value: float, span: float) -> str:
    """Write a value to about a tenth of the span it comes from."""
    if not (math.isfinite(value) and math.isfinite(span)):
        return "0"
    digits = 1 - math.ceil(math.log10(span)) if span > 0 else 2
    rounded = round(value, digits)
    return f"{rounded:.{max(digits, 0)}f}" if abs(digits) < 12 else f"{rounded:.3g}"
