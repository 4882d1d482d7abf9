"""How figures are computed, as HTML for a dialog of the page."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

from markdown_it import MarkdownIt

from explorer.core.gettext import _

__all__ = ["PASSAGES", "TOPICS", "help_sections"]

_MARKDOWN = MarkdownIt("commonmark", {"html": False})

TOPICS: dict[str, str] = {
    "map": _("Rows on the map"),
    "neighbours": _("Neighbours preserved"),
    "importance": _("Features that made the map"),
    "regions": _("Names of regions"),
    "row": _("One row"),
    "charts": _("Charts and strips"),
    "list": _("List of features"),
    "roles": _("Roles of columns"),
    "feature": _("One feature"),
    "together": _("Features together"),
    "compare": _("Two groups compared"),
    "explanation": _("A selection explained"),
    "experiment": _("An experiment"),
    "models": _("Models compared"),
    "drift": _("Drift"),
    "engagement": _("Engagement"),
    "ranking": _("Ranking"),
    "maps": _("Two maps compared"),
    "review": _("Review"),
}
"""Titles of the sections, by the name that a view asks for, in their order."""

PASSAGES: dict[str, dict[str, str]] = {
    "map": {"colours": _("Colours and legend")},
    "neighbours": {"lasso": _("A shape drawn on the map")},
    "feature": {
        "distribution": _("Distribution"),
        "qq": _("QQ plot"),
        "gaussian": _("Gaussian check"),
        "outliers": _("Outliers"),
        "missing": _("Missing"),
        "nearest": _("Nearest features"),
        "times": _("Times"),
        "values": _("Values"),
    },
    "together": {
        "duplicates": _("Near-duplicates"),
        "inflation": _("Variance inflation"),
        "correlations": _("Correlations"),
        "pair": _("Pair"),
        "missing_together": _("Missing together"),
        "unusual": _("Unusual rows"),
        "relevance": _("Relevance to a target"),
    },
    "experiment": {"effect": _("Effect on the map")},
}
"""Titles of the passages of a section, in their order, by the name that a card asks for."""


@functools.cache
def help_sections() -> tuple[dict[str, Any], ...]:
    """Return the sections of the help text.

    Returns
    -------
    tuple of dict
        "topic", "title" and "html" of each section, and its "passages", a list of the same three.

    Raises
    ------
    ValueError
        Where the text has other sections than `TOPICS`, or other passages than `PASSAGES`.
    """
    file = resources.files("explorer.app").joinpath("help", "how_computed.md")
    _title, sections = _split(file.read_text(encoding="utf-8"), "\n## ", TOPICS)
    entries = []
    for topic, text in sections.items():
        passages = PASSAGES.get(topic, {})
        lead, parts = _split(text, "\n### ", passages)
        entry: dict[str, Any] = _entry(topic, TOPICS[topic], lead)
        entry["passages"] = [_entry(name, passages[name], part) for name, part in parts.items()]
        entries.append(entry)
    return tuple(entries)


def _split(text: str, mark: str, titles: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return what stands before the first heading, and the text of each, by the names given."""
    lead, *parts = text.split(mark)
    found = {title: part for title, _line, part in (part.partition("\n") for part in parts)}
    if [*found] != [*titles.values()]:
        raise ValueError(f"the help text has {[*found]} in place of {[*titles.values()]}")
    return lead, dict(zip(titles, found.values(), strict=True))


def _entry(topic: str, title: str, text: str) -> dict[str, str]:
    return {"topic": topic, "title": title, "html": _MARKDOWN.render(text)}
