"""Decisions table: a line a feature, for the index and the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.html import Markup, join, tag, text
from explorer.profile.report.bars import HEIGHT, WIDTH, bars_path
from explorer.review.publication.verdict_markup import decision_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.review.publication.entry import Entry

__all__ = ["decisions_table", "shortened"]

_REASON = 160  # characters; the page has all of it
_HEADS = ("Feature", "In the set", "Decision", "Distribution", "Reason", "Notes")


def decisions_table(entries: Sequence[Entry], folder: str | None) -> Markup:
    """Write the table.

    Parameters
    ----------
    entries : sequence of Entry
    folder : str or None
        Where the pages of the features are; None writes no links.
    """
    heads = [tag("th", name, scope="col") for name in _HEADS]
    lines = "\n".join(_line(entry, folder) for entry in entries)
    return Markup(
        f'<div class="scroll"><table class="decisions"><thead><tr>{join(heads)}</tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody></table></div>"
    )


def _line(entry: Entry, folder: str | None) -> str:
    """Write a line without the end tags that HTML lets one leave out: the page stays small."""
    label = tag("bdi", entry.label)
    named = label if folder is None else tag("a", label, href=f"{folder}{entry.page}")
    own = tag("code", tag("bdi", entry.name)) if entry.label != entry.name else ""
    unit = tag("small", entry.feature.unit) if entry.feature and entry.feature.unit else ""
    notes = join([tag("span", note, class_="chip warn") for note in entry.notes])
    inside = (
        join(["yes", tag("small", f" {entry.treatment}") if entry.treatment else ""])
        if entry.member
        else text("no")
    )
    cells = [
        f"<tr><td>{named} {own}{unit}",
        inside,
        decision_of(entry.opinion),
        _strip(entry),
        _reasons(entry),
        notes,
    ]
    return "<td>".join(cells)


def _reasons(entry: Entry) -> Markup:
    """Write the reason of the verdict that stands; of each reviewer where they disagree."""
    if entry.opinion is None or not entry.opinion.disagreement:
        shown = shortened(entry.current_verdict.reason) if entry.current_verdict else ""
        return tag("span", shown, dir="auto", class_="reason") if shown else _evidence(entry)
    reasons = [
        (verdict.reviewer, shortened(verdict.reason, _REASON // 2)) for verdict in entry.present
    ]
    return join(
        [
            tag("div", tag("bdi", f"{name}: "), tag("bdi", reason), class_="reason")
            for name, reason in reasons
        ]
    )


def _evidence(entry: Entry) -> Markup:
    """Say what was known where nobody wrote a reason."""
    frozen = (
        [entry.evidence.get(key) for key in entry.current_verdict.evidence]
        if entry.current_verdict
        else []
    )
    title = next((piece.title for piece in frozen if piece is not None and piece.title), "")
    return tag("small", f"Evidence: {shortened(title)}", class_="quiet") if title else Markup("")


def _strip(entry: Entry) -> Markup:
    """Draw the small histogram, or the largest levels of a category."""
    profile = entry.profile or {}
    strip = profile.get("strip")
    counts = strip["counts"] if strip else [n for _, n in profile.get("levels") or ()]
    path = bars_path(counts[:40])
    return Markup(
        f"<svg width={WIDTH} height={HEIGHT} aria-hidden=true><path d='{path}'/></svg>"
        if path
        else ""
    )


def shortened(text: str, most: int = _REASON) -> str:
    """Cut a text at a word, with "…" where something is cut; line breaks become spaces."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0][:most].rstrip() + "…"
