"""How figures are computed, as HTML for a dialog of the page."""

from __future__ import annotations

import functools
import html
from importlib import resources

from markdown_it import MarkdownIt

from explorer.core.gettext import _

__all__ = ["TOPICS", "help_sections"]

TOPICS: dict[str, str] = {
    "map": _("Rows on the map"),
    "neighbours": _("Neighbours preserved"),
    "importance": _("Features that made the map"),
    "regions": _("Names of regions"),
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


@functools.cache
def help_sections() -> tuple[dict[str, str], ...]:
    """Return topic, title and HTML of each section of the help text.

    Raises
    ------
    ValueError
        Where the text and `TOPICS` name different sections.
    """
    file = resources.files("explorer.app").joinpath("help", "how_computed.md")
    _, *parts = file.read_text(encoding="utf-8").split("\n## ")
    sections = {title: text for title, _, text in (part.partition("\n") for part in parts)}
    if [*sections] != [*TOPICS.values()]:
        raise ValueError(f"sections {[*sections]} are not those of TOPICS: {[*TOPICS.values()]}")
    markdown = MarkdownIt("commonmark", {"html": False})
    return tuple(
        {"topic": topic, "title": html.escape(title), "html": markdown.render(sections[title])}
        for topic, title in TOPICS.items()
    )
