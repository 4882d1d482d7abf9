"""Explanation in lines: the sentence, then what stands behind it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from explorer.core.gettext import _, ngettext, translated
from explorer.core.name_list import list_names
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
    for name, rows in (
        (_("Typical rows"), explanation.typical),
        (_("Edge rows"), explanation.edge),
    ):
        if rows:
            yield f"{name}: {'; '.join(f'{row.title} (row {row.row:,})' for row in rows)}"
    if explanation.examples_by:
        yield _("Typical: near the middle of the group; edge: far from it, {examples_by}").format(
            examples_by=explanation.examples_by
        )
    if not explanation.why_not:
        yield tested_text(explanation)


def clause_figures(clause: Clause) -> list[str]:
    """Return what stands behind a clause: effect, counts, and whether it is a finding."""
    ends = interval(clause.low, clause.high, _effect_text(clause))
    figures = [
        f"{_EFFECTS[clause.symbol]} {_effect_text(clause)(clause.effect)}"
        + ((" " + _("(95 % interval {ends})").format(ends=ends)) if ends else "")
    ]
    if clause.about == "missing":
        figures.append(
            _(
                "missing in {missing_group:,} of {rows_group:,} rows, elsewhere "
                "{missing_others:,} of {rows_others:,}"
            ).format(
                missing_group=clause.missing_group,
                rows_group=clause.missing_group + clause.n_group,
                missing_others=clause.missing_others,
                rows_others=clause.missing_others + clause.n_others,
            )
        )
    else:
        figures.append(
            _("rows with a value: {n_group:,}, elsewhere {n_others:,}").format(
                n_group=clause.n_group, n_others=clause.n_others
            )
        )
    if clause.used:
        figures.append(
            _("used to define the group ({reason}): not tested").format(
                reason=translated(clause.reason)
            )
        )
    elif clause.p_adjusted == clause.p_adjusted:
        figures.append(_("adjusted p {p_adjusted}").format(p_adjusted=p_value(clause.p_adjusted)))
        if clause.reason:
            figures.append(translated(clause.reason))
    if clause.same:
        figures.append(_("nearly the same: {same}").format(same=list_names(clause.same)))
    if not clause.exact:
        figures.append(_("not exact yet"))
    return figures


def tested_text(explanation: Explanation) -> str:
    """Say how many features were tested, and how many cannot be."""
    tested, used = explanation.tested, explanation.used
    text = (
        ngettext(
            "{tested} tested, {differing:,} of them differs detectably",
            "{tested} tested, {differing:,} of them differ detectably",
            explanation.differing,
        ).format(tested=_features(tested), differing=explanation.differing)
        if tested
        else _("No feature was tested")
    )
    if not used:
        return f"{text}."
    return _(
        "{text}; {used} not tested: they define the group, or follow from features that do."
    ).format(text=text, used=_features(used))


def _features(count: int) -> str:
    return ngettext("{count:,} feature", "{count:,} features", count).format(count=count)


def _effect_text(clause: Clause) -> Callable[[float], str]:
    return rate if clause.about == "missing" else small


_EFFECTS = {
    "δ": _("Cliff's δ"),
    "δ within": _("Cliff's δ"),
    "V": _("Cramér's V"),
    "difference": "difference",
}
