"""What the Review tab shows, as plain JSON: the state, verdicts, and the feature looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core import number_format as figures
from explorer.core.gettext import _, translated
from explorer.features.matrix.transform import TRANSFORMS
from explorer.review.make_evidence import profile_evidence
from explorer.review.page.verdict_marks import LETTERS
from explorer.review.verdict import CONFIDENCES, DECISION_LABELS, DECISIONS
from explorer.ui.ago import since

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.profile.profile import FeatureProfile
    from explorer.review.controller import ReviewController
    from explorer.review.verdict import Verdict
    from explorer.review.verdict_rules import ProposedVerdict
    from explorer.table.table import Table

__all__ = ["detail_card", "feature_lines", "review_card"]

_SHOWN = (
    ("missing", _("missing")), ("distinct", _("distinct")), ("mean", _("mean")), ("std", _("sd")),
    ("min", _("minimum")), ("q0.5", _("median")),
    ("max", _("maximum")), ("skewness", _("skewness")), ("grade", _("Gaussian")),
    ("far_rate", _("far rate")),
)  # fmt: skip
_TARGETS = 5_000
_PLACES = ("mean", "min", "q0.5", "max")


def review_card(table: Table, controller: ReviewController) -> dict[str, Any]:
    """Return the head of the tab: the set, its state, what stands in its way, who approved."""
    review, edits, who = controller.review(), controller.edits(), controller.reviewer
    card: dict[str, Any] = {
        "set": controller.in_set,
        "failed": controller.reviews.failed,
        "store": controller.reviews.name,
        "who": who,
        "edits": edits.words if edits else "",
        "judged": len(controller.opinions()),
        "total": len(table.features),
        "rules": "\n".join(rule.text for rule in controller.rules),
    }
    if review is None:
        return {**card, "state": "", "hindrances": []}
    return {
        **card,
        "state": review.state,
        "quorum": review.quorum,
        "approvers": review.approvers,
        "hindrances": review.hindrances,
        "outdated": review.outdated[:20],
        "mine": who in review.approvers,
        "members": len(review.feature_set.features),
        "undecided": len(review.undecided),
    }


def feature_lines(
    controller: ReviewController,
    proposals: list[ProposedVerdict],
    marks: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    """Return what the line of each feature with a verdict, conflict or proposal shows.

    And who reviews.
    """
    opinions = controller.opinions()
    conflicts = {conflict.feature: conflict for conflict in controller.conflicts()}
    lines: dict[str, dict[str, Any]] = {}
    for name, opinion in opinions.items():
        by = {verdict.reviewer: _short(verdict) for verdict in opinion.verdicts}
        lines[name] = {**marks.get(name, {}), "by": by}
    for proposal in proposals:
        lines.setdefault(proposal.feature, {})["proposal"] = {
            "words": proposal.words,
            "why": f"{proposal.rule}: {proposal.why}",
        }
    for name, conflict in conflicts.items():
        lines.setdefault(name, {})["conflict"] = conflict.words + (
            f" ({conflict.open})" if conflict.open else ""
        )
    people = list(
        dict.fromkeys(
            verdict.reviewer for opinion in opinions.values() for verdict in opinion.verdicts
        )
    )
    return {
        "lines": lines,
        "people": people,
        "queue": controller.queue(),
        "apply": sum(not c.open for c in conflicts.values()),
    }


def detail_card(
    table: Table,
    controller: ReviewController,
    name: str,
    profile: FeatureProfile | None,
    ticked: Sequence[str],
    proposal: ProposedVerdict | None,
) -> dict[str, Any]:
    """Return the feature looked at: what is known and was said of it, and the form's start.

    Parameters
    ----------
    table : Table
    controller : ReviewController
    name : str
    profile : FeatureProfile or None
        None while nothing is known of the feature.
    ticked : sequence of str
        Features of the session: those that it may be merged into come first.
    proposal : ProposedVerdict or None
    """
    feature = table.features[name]
    history = [verdict for verdict in controller.seen.verdicts if verdict.feature == name]
    mine = next(
        (verdict for verdict in reversed(history) if verdict.reviewer == controller.reviewer), None
    )
    form = ("decision", "recipe", "into", "confidence", "reason")
    return {
        "name": name,
        "label": feature.label,
        "unit": feature.unit,
        "description": feature.description,
        "proposal": None
        if proposal is None
        else {"words": proposal.words, "why": f"{proposal.rule}: {proposal.why}"},
        "history": [_verdict_line(table, verdict) for verdict in reversed(history)],
        "confidences": list(CONFIDENCES[1:]),
        "decisions": [
            [LETTERS[decision], decision, DECISION_LABELS[decision]] for decision in DECISIONS
        ],
        "mine": None if mine is None else {key: getattr(mine, key) for key in form},
        **_evidence_preview(feature.kind, profile),
        **_form_choices(table, ticked, name, profile),
    }


def _evidence_preview(kind: str, profile: FeatureProfile | None) -> dict[str, Any]:
    """Return what a verdict would freeze: figures, words and picture."""
    if profile is None:
        return {"picture": "", "title": _("not counted yet"), "sampled": None, "figures": []}
    frozen = profile_evidence(profile, "")
    shown = [(label, key, frozen.numbers.get(key)) for key, label in _SHOWN]
    figures = [
        [label, translated(_figure(key, value, kind))]
        for label, key, value in shown
        if value is not None
    ]
    return {
        "picture": frozen.picture,
        "title": frozen.title,
        "sampled": frozen.sampled,
        "figures": figures,
    }


def _form_choices(
    table: Table, ticked: Sequence[str], name: str, profile: FeatureProfile | None
) -> dict[str, Any]:
    """Return recipes and features to merge into, the likeliest first."""
    features = table.features
    partners = (
        []
        if profile is None
        else [other for other, _ in profile.redundant_with if other in features]
    )
    others = [
        target for target in [*ticked, *features] if target != name and target not in partners
    ]
    ends = [profile.quantiles.get(key) for key in ("0.01", "0.99")] if profile is not None else []
    clip = (
        [f"clip({ends[0]!r}, {ends[1]!r})"]
        if len(ends) == 2 and None not in ends and ends[0] != ends[1]
        else []
    )
    suggested = profile.gaussian.transform if profile is not None and profile.gaussian else None
    return {
        "recipes": [recipe for recipe in TRANSFORMS if recipe not in ("none", "clip")] + clip,
        "recipe": suggested or "",
        "targets": [
            [target, features[target].label] for target in dict.fromkeys([*partners, *others])
        ][:_TARGETS],
        "into": partners[0] if partners else "",
    }


def _short(verdict: Verdict) -> dict[str, str]:
    return {"letter": LETTERS[verdict.decision], "words": verdict.words, "reason": verdict.reason}


def _verdict_line(table: Table, verdict: Verdict) -> dict[str, Any]:
    return {
        "who": verdict.reviewer,
        "words": verdict.words,
        "reason": verdict.reason,
        "confidence": verdict.confidence,
        "set": verdict.in_set,
        "time": since(verdict.time),
        "at": verdict.time,
        "evidence": len(verdict.evidence),
        "suggested": verdict.suggestion.get("decision", ""),
        "other_data": bool(
            verdict.fingerprint
            and table.columns.known_fingerprint
            and verdict.fingerprint != table.columns.known_fingerprint
        ),
    }


def _figure(key: str, value: Any, kind: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if key in _PLACES:
        return figures.brief(value, kind)
    return figures.spread(value, kind) if key == "std" else figures.number(value)
