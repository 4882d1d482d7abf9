"""Clauses: which differences of a comparison are worth a sentence, and how they are said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from explorer.core.gettext import _
from explorer.core.number_format import brief, number, rate, value
from explorer.core.text_direction import isolated
from explorer.features.kind import ZERO_ONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from explorer.compare.feature_comparison import FeatureComparison
    from explorer.features.kind import Feature

__all__ = ["Candidate", "Clause", "candidates_of", "choose_clauses"]

_MOST = 4
_MOST_USED = 2  # of features that defined the group, where others differ too
_SIGNIFICANT = 0.05
_LONGEST_LABEL, _LONGEST_LEVEL = 60, 40
_LEVEL_DIFFERS = 0.05  # share of the rows: a convention
_MILLION, _BILLION = 1e6, 1e9

About = Literal["value", "missing"]


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One difference, in words.

    Parameters
    ----------
    feature, label : str
    about : {"value", "missing"}
        Whether its values differ, or how often they are missing.
    used : bool
        Whether the feature was used to define the group, or follows from some that were: the
        difference is then no finding.
    text : str
        As in "Runtime 92 min (elsewhere 108 min)".
    symbol : {"δ", "V", "difference"}
        Cliff's delta, Cramér's V, or a difference of shares missing.
    effect, low, high : float
        With its interval.
    n_group, n_others : int
        Rows with a value.
    missing_group, missing_others : int
        Rows without one.
    p_adjusted : float
        NaN where nothing is tested.
    reason : str
        How the feature was used, or how far it follows from those that were.
    same : tuple of str
        Labels of features that say nearly the same, and are not said again.
    exact : bool
    """

    feature: str
    label: str
    about: About
    used: bool
    text: str
    symbol: str
    effect: float
    low: float
    high: float
    n_group: int
    n_others: int
    missing_group: int
    missing_others: int
    p_adjusted: float
    reason: str = ""
    same: tuple[str, ...] = ()
    exact: bool = True


class Candidate(NamedTuple):
    """A difference that may become a clause."""

    row: FeatureComparison
    about: About
    low: float  # lower end of the effect, unsigned


def candidates_of(
    rows: Sequence[FeatureComparison],
    margin: float,
    given: Collection[str] = (),
    withheld: bool = False,
    targets: Collection[str] = (),
) -> list[Candidate]:
    """Return the differences that are clear, the largest lower end of an effect first.

    That is, of a tested feature, a p-value of at most .05 after correction; of a feature that is
    not tested, an interval beyond the margin. What a model is to predict comes first, then features
    that themselves defined the group, then those that follow from them. A category none of whose
    levels differs by .05 of the rows is left out: no level can be named for it.

    Parameters
    ----------
    rows : sequence of FeatureComparison
        Corrected for all tests.
    margin : float
        δ₀ of the comparison.
    given : collection of str
        Features that themselves defined the group.
    withheld : bool
        Whether p-values are withheld, since rows may belong together: tested features are then
        judged by their intervals as well.
    targets : collection of str
        Features with the role of a target.
    """
    differences = []
    for row in rows:
        by_interval = bool(row.seen) or withheld
        value_clear, missing_clear = (
            low > margin if by_interval else p <= _SIGNIFICANT
            for low, p in (
                (row.effect_low, row.p_adjusted),
                (row.missing_effect, row.missing_p_adjusted),
            )
        )
        if value_clear and _can_be_said(row):
            differences.append(Candidate(row, "value", row.effect_low))
        if missing_clear:
            differences.append(Candidate(row, "missing", row.missing_effect))
    return sorted(
        differences,
        key=lambda item: (
            item.row.feature not in targets,
            bool(item.row.seen) and item.row.feature not in given,
            -item.low,
        ),
    )


def _can_be_said(row: FeatureComparison) -> bool:
    return not row.levels or any(
        abs(level.share_a - level.share_b) >= _LEVEL_DIFFERS for level in row.levels
    )


def choose_clauses(
    candidates: Sequence[Candidate],
    features: Mapping[str, Feature],
    same: Callable[[Candidate, Candidate], bool],
    *,
    elsewhere: str = "elsewhere",
    about: bool = False,
    scale: Callable[[Feature], str] = lambda feature: feature.kind,
) -> list[Clause]:
    """Say the largest differences, at most four: what defined the group, then what is tested.

    Parameters
    ----------
    candidates : sequence of Candidate
        The largest first.
    features : mapping of str to Feature
    same : callable
        Tells whether two say nearly the same; the larger is then said for both.
    elsewhere : str
        How the other rows are called.
    about : bool
        Whether figures are those of a sample.
    scale : callable
        How values of a feature are written; see `explorer.core.number_format.value`.
    """
    chosen: dict[bool, list[Candidate]] = {True: [], False: []}
    repeats: dict[Candidate, list[str]] = {}
    for candidate in candidates:
        group = chosen[bool(candidate.row.seen)]
        if len(group) == _MOST:
            continue
        label = _label(features, candidate.row.feature)
        said = next(
            (said for said in [*chosen[True], *chosen[False]] if same(said, candidate)), None
        )
        if said is None:
            group.append(candidate)
        elif said.row.feature != candidate.row.feature:
            repeats.setdefault(said, []).append(label)
    used = chosen[True][: max(_MOST_USED, _MOST - len(chosen[False]))]
    tested = chosen[False][: _MOST - len(used)]
    return [
        _clause(candidate, features, tuple(repeats.get(candidate, ())), elsewhere, about, scale)
        for candidate in [*used, *tested]
    ]


def _clause(
    candidate: Candidate,
    features: Mapping[str, Feature],
    same: tuple[str, ...],
    elsewhere: str,
    about: bool,
    scale: Callable[[Feature], str],
) -> Clause:
    row, feature = candidate.row, features[candidate.row.feature]
    _symbol, effect, low, high = row.shown
    if candidate.about == "missing":
        symbol, effect = "difference", row.missing_difference
        low, high = row.missing_low, row.missing_high
    else:
        symbol = row.shown.symbol
    words = _Words(elsewhere, (_("about") + " ") if about else "")
    return Clause(
        feature=row.feature,
        label=_label(features, row.feature),
        about=candidate.about,
        used=bool(row.seen),
        text=_text(candidate, feature, words, scale(feature)),
        symbol=symbol,
        effect=effect,
        low=low,
        high=high,
        n_group=row.n_a,
        n_others=row.n_b,
        missing_group=row.missing_a,
        missing_others=row.missing_b,
        p_adjusted=row.missing_p_adjusted if candidate.about == "missing" else row.p_adjusted,
        reason=row.seen or row.follows,
        same=same,
        exact=row.exact,
    )


class _Words(NamedTuple):
    """How the other rows are called, and what stands before a figure of a sample."""

    elsewhere: str
    about: str

    def both(self, group: str, others: str) -> str:
        return f"{self.about}{group} ({self.elsewhere} {self.about}{others})"


def _text(candidate: Candidate, feature: Feature, words: _Words, scale: str) -> str:
    row, label = candidate.row, _shortened(feature.label or feature.name, _LONGEST_LABEL)
    if candidate.about == "missing":
        shares = (
            rate(missing / (missing + present))
            for missing, present in ((row.missing_a, row.n_a), (row.missing_b, row.n_b))
        )
        return _("{label} missing in {both}").format(label=label, both=words.both(*shares))
    if row.levels:
        return f"{label} {_level_text(row, words)}"
    if row.kind == "boolean" or ZERO_ONE in feature.notes:
        return _("{label} in {mean_a}").format(
            label=label, mean_a=words.both(rate(row.mean_a), rate(row.mean_b))
        )
    unit = "" if feature.unit.lower() in label.lower() else feature.unit  # "Critic reviews 7"
    return _number_text(row, label, unit, words, scale)


def _level_text(row: FeatureComparison, words: _Words) -> str:
    frequent = [level for level in row.levels if level.share_a >= 0.5 and level.residual > 0]
    differing = max(row.levels, key=lambda level: abs(level.share_a - level.share_b))
    level = max(frequent, key=lambda level: level.share_a) if frequent else differing
    how = _("mostly") if frequent else _("more often") if level.residual > 0 else _("less often")
    name = _shortened(level.level, _LONGEST_LEVEL) or _("an empty text")
    return f"{how} {name}, {words.both(rate(level.share_a), rate(level.share_b))}"


def _number_text(row: FeatureComparison, label: str, unit: str, words: _Words, scale: str) -> str:
    """Say the medians, or the means where the medians are the same."""
    up = row.shown.value > 0
    direction = ("later" if up else "earlier") if scale == "temporal" else _direction(up)
    lead = label if row.seen else f"{direction} {label},"
    typical = [_amount(median, unit, scale) for median in (row.median_a, row.median_b)]
    if typical[0] != typical[1]:
        return f"{lead} {words.both(typical[0], typical[1])}"
    means = [_amount(mean, unit, scale) for mean in (row.mean_a, row.mean_b)]
    if means[0] != means[1] and all(map(math.isfinite, (row.mean_a, row.mean_b))):
        return _("{lead} mean {means}").format(lead=lead, means=words.both(means[0], means[1]))
    return _("{direction} {label}, with the same median, {typical}").format(
        direction=direction, label=label, typical=typical[0]
    )


def _direction(up: bool) -> str:
    return "higher" if up else "lower"


def _amount(amount: float, unit: str, scale: str) -> str:
    """Write a value with its unit, large ones in millions."""
    if scale == "temporal":
        return brief(amount, scale)
    if scale in ("clock", "duration"):
        return value(amount, scale)
    size = abs(amount)
    if size >= 1000 * _BILLION or size != size:
        text = number(amount)
    elif size >= _BILLION:
        text = _("{amount} billion").format(amount=number(amount / _BILLION, 3))
    elif size >= _MILLION:
        text = _("{amount} million").format(amount=number(amount / _MILLION, 3))
    elif size < 1000 and amount != int(amount):
        text = number(amount, 3)
    else:
        text = number(amount)
    return f"{text} {unit}" if unit else text


def _label(features: Mapping[str, Feature], name: str) -> str:
    return features[name].label or name


def _shortened(text: str, most: int) -> str:
    return isolated(text if len(text) <= most else f"{text[: most - 1]}…")
