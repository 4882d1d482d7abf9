"""Explanation in lines: the sentence, then what stands behind it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from explorer.core.number_format import interval, p_value, rate, small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explorer.compare.explanation.clauses import Clause
    from explorer.compare.explanation.explanation import Explanation

__all__ = ["clause_figures", "explanation_lines", "tested_text"]


def explanation_lines(explanation: Explanation, width: int) -> Iterator[str]:
    """Write an explanation for a terminal of so many columns."""
    yield from textwrap.wrap(explanation.sentence, max(width, 40))
    for clause in explanation.clauses:
        yield f"  {clause.label}: {'; '.join(clause_figures(clause))}"
    for name, rows in (("Typical rows", explanation.typical), ("Edge rows", explanation.edge)):
        if rows:
            yield f"{name}: {'; '.join(f'{row.title} (row {row.row:,})' for row in rows)}"
    if explanation.examples_by:
        yield f"Typical: near the middle of the group; edge: far from it, {explanation.examples_by}"
    if not explanation.why_not:
        yield tested_text(explanation)


def clause_figures(clause: Clause) -> list[str]:
    """Return what stands behind a clause: effect, counts, and whether it is a finding."""
    ends = interval(clause.low, clause.high, _effect_text(clause))
    figures = [
        f"{_EFFECTS[clause.symbol]} {_effect_text(clause)(clause.effect)}"
        + (f" (95 % interval {ends})" if ends else "")
    ]
    if clause.about == "missing":
        figures.append(
            f"missing in {clause.missing_group:,} of {clause.missing_group + clause.n_group:,} rows"
            f", elsewhere {clause.missing_others:,} of {clause.missing_others + clause.n_others:,}"
        )
    else:
        figures.append(f"rows with a value: {clause.n_group:,}, elsewhere {clause.n_others:,}")
    if clause.used:
        figures.append(f"used to define the group ({clause.reason}): not tested")
    elif clause.p_adjusted == clause.p_adjusted:
        figures.append(f"adjusted p {p_value(clause.p_adjusted)}")
        if clause.reason:
            figures.append(clause.reason)
    if clause.same:
        figures.append(f"nearly the same: {', '.join(clause.same)}")
    if not clause.exact:
        figures.append("not exact yet")
    return figures


def tested_text(explanation: Explanation) -> str:
    """Say how many features were tested, and how many cannot be."""
    tested, used = explanation.tested, explanation.used
    text = (
        f"{_features(tested)} tested, {explanation.differing:,} of them "
        f"differ{'s' if explanation.differing == 1 else ''} detectably"
        if tested
        else "No feature was tested"
    )
    if not used:
        return f"{text}."
    return (
        f"{text}; {_features(used)} not tested, used to define the group or following from those "
        "that were."
    )


def _features(count: int) -> str:
    return f"{count:,} feature{'' if count == 1 else 's'}"


def _effect_text(clause: Clause) -> Callable[[float], str]:
    return rate if clause.about == "missing" else small


_EFFECTS = {
    "δ": "Cliff's δ",
    "δ within": "Cliff's δ",
    "V": "Cramér's V",
    "difference": "difference",
}
