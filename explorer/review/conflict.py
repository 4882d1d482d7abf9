"""Conflict: where a set and the verdicts on its features differ, and what would settle it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.review.opinion import Opinion

__all__ = ["Conflict", "apply_verdicts", "conflicts_of", "merged_by"]


@dataclass(frozen=True)
class Conflict:
    """One difference.

    Parameters
    ----------
    feature : str
    words : str
        "dropped, but in the set".
    open : str
        Why `applied` cannot settle it; empty when it can.
    """

    feature: str
    words: str
    open: str = ""


def conflicts_of(
    opinions: Mapping[str, Opinion], features: Sequence[str], transform: Mapping[str, str]
) -> list[Conflict]:
    """Compare a set with what the reviewers agree on, and name what they disagree on.

    Parameters
    ----------
    opinions : mapping of str to Opinion
        Of features that exist.
    features : sequence of str
        In the set.
    transform : mapping of str to str
        How the set transforms them.
    """
    conflicts = []
    for name, opinion in opinions.items():
        agreed = opinion.agreed
        if opinion.disagreement:
            conflicts.append(
                Conflict(
                    name,
                    _("reviewers disagree: {words}").format(words=opinion.words),
                    _("the reviewers disagree"),
                )
            )
        elif agreed is not None:
            text = _difference(name, agreed.decision, agreed.recipe, features, transform)
            if agreed.decision == "merge":
                text = _unmerged(name, _target(name, opinions) if agreed.into else "", features)
            if text:
                conflicts.append(Conflict(name, text, _why_open(name, opinions)))
    return conflicts


def apply_verdicts(
    opinions: Mapping[str, Opinion], features: Sequence[str], transform: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return features and transforms of the set after the verdicts.

    What is kept is in, what is dropped or merged is out.

    What reviewers disagree on, and what says neither recipe nor target, stays as it is.
    """
    now, how = list(features), dict(transform)
    for conflict in conflicts_of(opinions, features, transform):
        agreed = opinions[conflict.feature].agreed
        if conflict.open or agreed is None:
            continue
        if agreed.decision in ("drop", "merge"):
            now = [name for name in now if name != conflict.feature]
        wanted = (
            _target(conflict.feature, opinions) if agreed.decision == "merge" else conflict.feature
        )
        if agreed.decision != "drop" and wanted not in now:
            now.append(wanted)
        if agreed.decision == "transform":
            how[conflict.feature] = agreed.recipe
    return now, how


def merged_by(opinions: Mapping[str, Opinion], features: Sequence[str]) -> dict[str, str]:
    """Return features that a member of the set stands for by agreed verdicts, and which member."""
    merged = {}
    for name, opinion in opinions.items():
        agreed = opinion.agreed
        if agreed is not None and agreed.decision == "merge" and name not in features:
            target = _target(name, opinions)
            if target in features:
                merged[name] = target
    return merged


def _difference(
    name: str, decision: str, recipe: str, features: Sequence[str], transform: Mapping[str, str]
) -> str:
    inside = name in features
    if decision == "drop":
        return _("dropped, but in the set") if inside else ""
    if not inside:
        if decision == "transform":
            return _("to be transformed, but not in the set")
        return _("kept, but not in the set")
    now = transform.get(name, "none")
    if decision == "transform" and (not recipe or now != recipe):
        return _("to be transformed by {recipe}, the set has {now}").format(
            recipe=recipe or _("a recipe that is not named"), now=now
        )
    return ""


def _unmerged(name: str, into: str, features: Sequence[str]) -> str:
    if not into:
        return _("merged, but into no feature that is kept") if name in features else ""
    if name in features:
        return _("merged into {into}, but in the set").format(into=into)
    return (
        ""
        if into in features
        else _("merged into {into}, which is not in the set").format(into=into)
    )


def _why_open(name: str, opinions: Mapping[str, Opinion]) -> str:
    agreed = opinions[name].agreed
    if agreed is None:
        return _("the reviewers disagree")
    if agreed.decision == "transform" and not agreed.recipe:
        return _("the verdict names no recipe")
    if agreed.decision != "merge":
        return ""
    if not agreed.into:
        return _("the verdict names no feature to merge into")
    target = _target(name, opinions)
    if not target:
        return _("merged in a circle")
    stands = opinions[target].agreed if target in opinions else None
    return (
        _("{target} is dropped").format(target=target)
        if stands is not None and stands.decision == "drop"
        else ""
    )


def _target(name: str, opinions: Mapping[str, Opinion]) -> str:
    """Follow merges to the feature that stands for all of them; empty in a circle."""
    seen = {name}
    while True:
        opinion = opinions.get(name)
        agreed = opinion.agreed if opinion else None
        if agreed is None or agreed.decision != "merge" or not agreed.into:
            return name
        name = agreed.into
        if name in seen:
            return ""
        seen.add(name)
