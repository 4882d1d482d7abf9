"""Outlier card: rates beside a Gaussian's, isolated values, and values like sentinels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core import number_format as figures
from explorer.core.html import Markup, join, tag
from explorer.profile.report.glossary import glossary_section, glossary_term

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["outlier_card"]

_RULES = (("Modified z", "mad"), ("Fences", "tukey"), ("Far out", "far"))


def outlier_card(document: Mapping[str, Any]) -> Markup | None:
    """Write the card of a feature's profile; None where nothing was looked for."""
    outliers = document.get("outliers")
    if not outliers:
        return None
    return tag(
        "section",
        tag("h2", "Outliers"),
        _chips(outliers),
        _rates(outliers),
        _isolated(outliers),
        _sentinel_like(outliers),
        glossary_section("Modified z", "Fences", "Far out", "Adjusted fences", "Isolated"),
        class_="card most",
    )


def _chips(outliers: Mapping[str, Any]) -> Markup | None:
    labels = outliers.get("words") or ()
    return tag("p", [tag("span", label, class_="chip") for label in labels]) if labels else None


def _rates(outliers: Mapping[str, Any]) -> Markup:
    after = outliers.get("after") or {}
    heads = [
        "Rule",
        "Values",
        "Rate",
        "A Gaussian",
        *([f"After {after.get('transform', '')}"] if after else []),
        "Inside",
    ]
    body = [_rule(outliers, after, word, key) for word, key in _RULES]
    if outliers.get("adjusted_rate") is not None:
        body.append(_adjusted(outliers, bool(after)))
    scales = ("Modified z by the", outliers.get("scale")), ("fences of the", outliers.get("fences"))
    text = ", ".join(f"{what} {which}" for what, which in scales if which) or None
    return tag(
        "table",
        tag("caption", text),
        tag(
            "thead",
            tag(
                "tr",
                [
                    tag(
                        "th",
                        head,
                        scope="col",
                        class_={"Rule": None, "Inside": "quiet"}.get(head, "n"),
                    )
                    for head in heads
                ],
            ),
        ),
        tag("tbody", body),
        class_="plain",
    )


def _rule(outliers: Mapping[str, Any], after: Mapping[str, Any], word: str, key: str) -> Markup:
    cells = [
        tag("td", figures.count(outliers.get(f"{key}_count")), class_="n"),
        tag("td", tag("strong", figures.rate(outliers.get(f"{key}_rate"))), class_="n"),
        tag("td", figures.rate(outliers.get(f"{key}_expected")), class_="n"),
        tag("td", figures.rate(after.get(f"{key}_rate")), class_="n") if after else None,
        tag("td", _range(outliers.get(f"{key}_range")), class_="quiet"),
    ]
    return tag("tr", tag("th", glossary_term(word), scope="row"), cells)


def _adjusted(outliers: Mapping[str, Any], after: bool) -> Markup:
    shown = f"medcouple {figures.small(outliers.get('medcouple'))}"
    return tag(
        "tr",
        tag("th", glossary_term("Adjusted fences"), scope="row"),
        tag("td", figures.NONE, class_="n"),
        tag("td", tag("strong", figures.rate(outliers.get("adjusted_rate"))), class_="n"),
        tag("td", shown, class_="quiet", colspan=2 if after else None),
        tag("td", _range(outliers.get("adjusted_range")), class_="quiet"),
    )


def _range(ends: Any) -> str:
    if not ends:
        return "not defined"
    low, high = ends
    return f"{figures.number(low)} to {figures.number(high)}"


def _isolated(outliers: Mapping[str, Any]) -> Markup | None:
    groups = outliers.get("isolated") or ()
    if not groups:
        return None
    lines = [
        tag(
            "li",
            f"{_values(group)}: {figures.count(group.get('count'))} at the "
            f"{group.get('side') or 'end'} end, beyond a gap of "
            f"{figures.number(group.get('gap'))} spreads",
        )
        for group in groups
    ]
    rows = outliers.get("isolated_rows") or ()
    rows_text = f"Rows (counted from 0): {', '.join(f'{row:,}' for row in rows)}" if rows else None
    total = sum(group.get("count") or 0 for group in groups)
    more = f" and {total - len(rows):,} more" if rows and total > len(rows) else ""
    return join(
        [
            tag("h3", glossary_term("Isolated", "Isolated values")),
            tag("ul", lines),
            tag("p", rows_text, more, class_="quiet"),
        ]
    )


def _values(group: Mapping[str, Any]) -> str:
    low, high = group.get("low"), group.get("high")
    return (
        figures.number(low) if low == high else f"{figures.number(low)} to {figures.number(high)}"
    )


def _sentinel_like(outliers: Mapping[str, Any]) -> Markup | None:
    candidates = outliers.get("sentinel_like") or ()
    if not candidates:
        return None
    lines = [
        tag("li", f"{figures.number(value)}: {figures.count(cells)} cells, {why}")
        for value, cells, why in candidates
    ]
    return join([tag("h3", "May stand for missing"), tag("ul", lines)])
