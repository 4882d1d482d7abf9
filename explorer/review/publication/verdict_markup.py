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
    "suggestion_text",
    "verdict_card",
]


def pill(verdict: Verdict) -> Markup:
    """Write a decision the way verdicts are: keep filled, drop struck, the others outlined."""
    recipe = f" {verdict.recipe}" if verdict.recipe else ""
    into = join([" into ", tag("bdi", verdict.into)]) if verdict.into else None
    return tag("span", tag("b", verdict.decision), recipe, into, class_=f"pill {verdict.decision}")


def decision_of(opinion: Opinion | None) -> Markup:
    """Write what the reviewers say at present: one pill where they agree, else one each."""
    if opinion is None or not opinion.verdicts:
        return tag("span", "undecided", class_="quiet")
    if opinion.disagreement:
        return _each(opinion.verdicts)
    together = opinion.decided or opinion.verdicts
    names = join(
        [[", " if i else "", tag("bdi", verdict.reviewer)] for i, verdict in enumerate(together)]
    )
    waiting = [verdict for verdict in opinion.verdicts if verdict not in together]
    return join(
        [tag("span", pill(together[-1]), " ", tag("small", names), class_="each"), _each(waiting)]
    )


def _each(given: Sequence[Verdict]) -> Markup:
    return join(
        [
            tag("span", tag("bdi", verdict.reviewer), " ", pill(verdict), class_="each")
            for verdict in given
        ]
    )


NO_REASON = "No reason was written; what was known is below, as evidence."


def suggestion_text(verdict: Verdict) -> str:
    """Say what was proposed at that moment, and whether the reviewer followed.

    Empty when nothing was.
    """
    suggestion = verdict.suggestion
    if not suggestion or not suggestion.get("decision"):
        return ""
    recipe, into = suggestion.get("recipe") or "", suggestion.get("into") or ""
    what = (
        f"{suggestion['decision']}{f' ({recipe})' if recipe else f' into {into}' if into else ''}"
    )
    followed = (suggestion["decision"], recipe, into) == verdict.says
    why = f" ({suggestion['why']})" if suggestion.get("why") else ""
    decided = "decided the same" if followed else "decided otherwise"
    return f"The application proposed: {what}{why}. The reviewer {decided}."


def verdict_card(verdict: Verdict, fingerprint: str) -> Markup:
    """Write what one reviewer decided.

    Parameters
    ----------
    verdict : Verdict
    fingerprint : str
        Of the table as it is now; empty where it is not known.
    """
    facts = [
        instant(verdict.time),
        f"in the review of {verdict.in_set}" if verdict.in_set else "for every set of the table",
    ]
    if fingerprint and verdict.fingerprint and verdict.fingerprint != fingerprint:
        facts.append(f"on other data ({verdict.fingerprint})")
    suggested = suggestion_text(verdict)
    return tag(
        "section",
        tag("h2", tag("bdi", verdict.reviewer)),
        tag(
            "p", pill(verdict), f" confidence: {verdict.confidence}" if verdict.confidence else None
        ),
        tag("p", verdict.reason, class_="reason", dir="auto")
        if verdict.reason
        else tag("p", NO_REASON, class_="quiet"),
        tag("p", " · ".join(facts), class_="quiet"),
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
            tag("td", instant(verdict.time), class_="when"),
            tag("td", tag("bdi", verdict.reviewer)),
            tag("td", pill(verdict)),
            tag("td", tag("span", verdict.reason, class_="reason", dir="auto")),
        )
        for verdict in entry.history
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
