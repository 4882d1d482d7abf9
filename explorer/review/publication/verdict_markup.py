"""Verdicts as markup: the pill of a decision, the card of a reviewer, the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.review.opinion import Opinion
    from explorer.review.publication.entry import Entry
    from explorer.review.verdict import Verdict

__all__ = [
    "NO_REASON",
    "decision_of",
    "history_card",
    "instant",
    "pill",
    "suggestion_words",
    "verdict_card",
]


def pill(one: Verdict) -> Markup:
    """Write a decision the way verdicts are: keep filled, drop struck, the others outlined."""
    told = f" {one.recipe}" if one.recipe else ""
    into = join([" into ", tag("bdi", one.into)]) if one.into else None
    return tag("span", tag("b", one.decision), told, into, class_=f"pill {one.decision}")


def decision_of(opinion: Opinion | None) -> Markup:
    """Write what the reviewers say at present: one pill where they agree, else one each."""
    if opinion is None or not opinion.verdicts:
        return tag("span", "undecided", class_="quiet")
    if opinion.disagreement:
        return _each(opinion.verdicts)
    together = opinion.decided or opinion.verdicts
    names = join([[", " if i else "", tag("bdi", one.reviewer)] for i, one in enumerate(together)])
    waiting = [one for one in opinion.verdicts if one not in together]
    return join(
        [tag("span", pill(together[-1]), " ", tag("small", names), class_="each"), _each(waiting)]
    )


def _each(given: Sequence[Verdict]) -> Markup:
    return join(
        [tag("span", tag("bdi", one.reviewer), " ", pill(one), class_="each") for one in given]
    )


NO_REASON = "No reason was written; what was known is below, as evidence."


def suggestion_words(one: Verdict) -> str:
    """Say what was proposed at that moment, and whether the reviewer followed.

    Empty when nothing was.
    """
    told = one.suggestion
    if not told or not told.get("decision"):
        return ""
    recipe, into = told.get("recipe") or "", told.get("into") or ""
    what = f"{told['decision']}{f' ({recipe})' if recipe else f' into {into}' if into else ''}"
    followed = (told["decision"], recipe, into) == one.says
    why = f" ({told['why']})" if told.get("why") else ""
    decided = "decided the same" if followed else "decided otherwise"
    return f"The application proposed: {what}{why}. The reviewer {decided}."


def verdict_card(one: Verdict, fingerprint: str) -> Markup:
    """Write what one reviewer decided.

    Parameters
    ----------
    one : Verdict
    fingerprint : str
        Of the table as it is now; empty where it is not known.
    """
    told = [
        instant(one.time),
        f"in the review of {one.in_set}" if one.in_set else "for every set of the table",
    ]
    if fingerprint and one.fingerprint and one.fingerprint != fingerprint:
        told.append(f"on other data ({one.fingerprint})")
    suggested = suggestion_words(one)
    return tag(
        "section",
        tag("h2", tag("bdi", one.reviewer)),
        tag("p", pill(one), f" confidence: {one.confidence}" if one.confidence else None),
        tag("p", one.reason, class_="reason", dir="auto")
        if one.reason
        else tag("p", NO_REASON, class_="quiet"),
        tag("p", " · ".join(told), class_="quiet"),
        tag("p", suggested, class_="proposed", dir="auto") if suggested else None,
        class_="card",
    )


def history_card(entry: Entry) -> Markup | None:
    """List the verdicts that later ones of the same reviewers replaced; None without any."""
    if not entry.history:
        return None
    rows: Sequence[Markup] = [
        tag(
            "tr",
            tag("td", instant(one.time), class_="when"),
            tag("td", tag("bdi", one.reviewer)),
            tag("td", pill(one)),
            tag("td", tag("span", one.reason, class_="reason", dir="auto")),
        )
        for one in entry.history
    ]
    heads = tag(
        "thead",
        tag(
            "tr",
            [tag("th", name, scope="col") for name in ("When", "Reviewer", "Decision", "Reason")],
        ),
    )
    table = tag("table", heads, tag("tbody", rows), class_="plain history")
    return tag("section", tag("h2", "Superseded"), table, class_="card wide")


def instant(time: str) -> str:
    """Write an ISO 8601 time to the minute."""
    return f"{time[:16].replace('T', ' ')} UTC"
