"""Counts card: counts of a feature, quantiles, most frequent values or levels, and rhythm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core import number_format as figures
from explorer.core.html import Markup, join, tag
from explorer.profile.report.glossary import glossary_section, glossary_term
from explorer.profile.statistics import STATISTICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.profile.statistics import Statistic

__all__ = ["facts_card", "quantiles_card", "times_card", "values_card"]

_SHOWN_LEVELS = 50
_SHOWN_QUANTILES = (
    "0.001",
    "0.01",
    "0.05",
    "0.1",
    "0.25",
    "0.5",
    "0.75",
    "0.9",
    "0.95",
    "0.99",
    "0.999",
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def facts_card(document: Mapping[str, Any], missing_means: str = "") -> Markup:
    """Write what was counted."""
    kind, rows = document["kind"], document["rows"]
    facts: list[tuple[str, str]] = [("Missing", _of_rows(document["missing"], rows))]
    facts.append(("Distinct", figures.count(document["distinct"], document["distinct_exact"])))
    for word, key in (("Infinite", "infinite"), ("Zeros", "zeros"), ("Negative", "negatives")):
        if document.get(key) and (kind in ("numeric", "vector") or key == "infinite"):
            facts.append((word, _of_rows(document[key], rows)))
    if document.get("mean") is not None:
        facts += [
            (statistic.label, _statistic(statistic, document))
            for statistic in STATISTICS
            if statistic.label and statistic.scale != "shape"
        ]
    if document.get("outside"):
        facts.append(("Outside the valid range", _of_rows(document["outside"], rows)))
    lines = [
        tag("tr", tag("th", glossary_term(word), scope="row"), tag("td", shown, class_="n"))
        for word, shown in facts
    ]
    sentinels = [
        tag(
            "tr",
            tag(
                "th", f"Sentinel {figures.value(sentinel, figures.scale_of(document))}", scope="row"
            ),
            tag("td", _of_rows(cells, rows), class_="n"),
        )
        for sentinel, cells in document.get("sentinels") or ()
    ]
    return tag(
        "section",
        tag("h2", "Counted"),
        tag("table", tag("tbody", lines, sentinels), class_="plain"),
        tag("p", "Missing means: ", missing_means, class_="quiet") if missing_means else None,
        glossary_section(*(word for word, _ in facts)),
        class_="card",
    )


def _statistic(statistic: Statistic, document: Mapping[str, Any]) -> str:
    number = document.get(statistic.name)
    if statistic.scale == "spread":
        return figures.spread(number, document["kind"])
    return figures.value(number, figures.scale_of(document))


def quantiles_card(document: Mapping[str, Any]) -> Markup | None:
    """Write the least, the greatest and the values between; None without a finite value."""
    quantiles, kind = document.get("quantiles") or {}, figures.scale_of(document)
    if not quantiles:
        return None
    named = [
        (f"{100 * float(key):g} %", quantiles[key]) for key in _SHOWN_QUANTILES if key in quantiles
    ]
    rows = [("least", document["min"]), *named, ("greatest", document["max"])]
    lines = [
        tag(
            "tr",
            tag("th", "median" if word == "50 %" else word, scope="row"),
            tag("td", figures.value(quantile, kind), class_="n"),
        )
        for word, quantile in rows
    ]
    error = document.get("rank_error") or 0
    text = (
        f"The share below each is off by at most {figures.rate(error)}."
        if error
        else "Exact, linear between values."
    )
    return tag(
        "section",
        tag("h2", "Quantiles"),
        tag("table", tag("tbody", lines), class_="plain"),
        tag("p", text, class_="quiet"),
        class_="card",
    )


def values_card(document: Mapping[str, Any]) -> Markup | None:
    """Write the largest levels, or the most frequent values; None where no value repeats."""
    kind, rows = figures.scale_of(document), document["rows"]
    levels = document.get("levels") or ()
    counted, head = (
        (levels, "Levels") if levels else (document.get("frequent") or (), "Most frequent values")
    )
    if not counted or counted[0][1] < 2:
        return None
    shown = counted[:_SHOWN_LEVELS]
    others = (document.get("others") or 0) + sum(cells for _, cells in counted[_SHOWN_LEVELS:])
    most = max(cells for _, cells in shown) or 1
    lines = [
        _level(figures.value(level, kind), cells, rows, cells / most) for level, cells in shown
    ]
    rest = (
        tag("p", f"{others:,} cells in further levels.", class_="quiet")
        if levels and others
        else None
    )
    longest = (
        tag("p", f"The longest has {document['longest']:,} characters.", class_="quiet")
        if levels and document.get("longest", 0) > 60
        else None
    )
    return tag(
        "section",
        tag("h2", head),
        tag("table", tag("tbody", lines), class_="plain levels"),
        rest,
        longest,
        class_="card",
    )


def times_card(document: Mapping[str, Any]) -> Markup | None:
    """Write range, rhythm and gaps of times; None for other kinds."""
    times = document.get("times")
    if not times:
        return None
    scale = figures.scale_of(document)
    facts = [
        ("First", figures.value(times.get("first"), scale)),
        ("Last", figures.value(times.get("last"), scale)),
        ("Rhythm", str(times.get("rhythm") or figures.NONE)),
    ]
    lines = [
        tag("tr", tag("th", word, scope="row"), tag("td", shown, class_="n"))
        for word, shown in facts
    ]
    gaps = [
        tag(
            "li",
            f"{figures.value(gap['start'], scale)} to {figures.value(gap['end'], scale)}: "
            f"{figures.duration(gap['end'] - gap['start'])}",
        )
        for gap in times.get("gaps") or ()
    ]
    return tag(
        "section",
        tag("h2", "Times"),
        tag("table", tag("tbody", lines), class_="plain"),
        join([tag("h3", "Longest gaps"), tag("ul", gaps)]) if gaps else None,
        _cycle("Weekdays, UTC", _DAYS, times.get("weekdays")),
        _cycle("Hours, UTC", [f"{hour:02d}" for hour in range(24)], times.get("hours")),
        class_="card",
    )


def _cycle(head: str, names: Sequence[str], counts: Sequence[int] | None) -> Markup | None:
    total = sum(counts) if counts else 0
    if not counts or not total:
        return None
    lines = [
        _level(name, cells, total, cells / max(counts))
        for name, cells in zip(names, counts, strict=False)
    ]
    return join([tag("h3", head), tag("table", tag("tbody", lines), class_="plain levels")])


def _level(name: str, cells: int, rows: int, length: float) -> Markup:
    return tag(
        "tr",
        tag("th", tag("bdi", name or "(empty text)"), scope="row"),
        tag("td", tag("i", style=f"width:{100 * length:.1f}%"), class_="bar", aria_hidden="true"),
        tag("td", f"{cells:,}", class_="n"),
        tag("td", figures.rate(cells / rows) if rows else "", class_="n quiet"),
    )


def _of_rows(cells: int | None, rows: int) -> str:
    if cells is None:
        return figures.NONE
    return f"{cells:,} ({figures.rate(cells / rows)})" if rows and cells else f"{cells:,}"
