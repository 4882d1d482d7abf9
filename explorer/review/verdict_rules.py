"""Proposals: what rules over the profiles suggest for each feature; a person approves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from explorer.core.errors import ExplorerError, ReviewError, shown
from explorer.expressions.expression import parse_expression
from explorer.review.verdict import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.profile.profile import FeatureProfile

__all__ = ["COLUMNS", "RULES", "ProposedVerdict", "Rule", "parse_rules", "propose"]


@dataclass(frozen=True)
class Rule:
    """A condition over what is known of a feature, and the decision that it proposes.

    Parameters
    ----------
    name : str
        In a word or two, for the reason.
    when : str
        Expression over `COLUMNS`, as of `explorer.where`.
    decision : str
        Of `DECISIONS`. With "transform" the suggested transform is the recipe, with "merge" the
        nearest feature the target.
    """

    name: str
    when: str
    decision: str

    @property
    def text(self) -> str:
        """As `parse_rules` reads it: "drop: almost empty: missing_share > 0.95"."""
        return f"{self.decision}: {self.name}: {self.when}"

    def __post_init__(self) -> None:
        if self.decision not in DECISIONS:
            raise ReviewError(f"a rule decides {', '.join(DECISIONS)}, came {shown(self.decision)}")
        parsed = parse_expression(self.when)
        for name in parsed.columns:
            if name not in COLUMNS:
                raise ReviewError(
                    f"rule {self.name!r}: there is no {name!r}; "
                    f"a rule reads {', '.join(sorted(COLUMNS))}"
                )
        parsed.check(_SCHEMA)


@dataclass(frozen=True)
class ProposedVerdict:
    """What a rule suggests for a feature: a decision, which rule, and the figures behind it."""

    feature: str
    decision: str
    rule: str
    why: str
    recipe: str = ""
    into: str = ""

    @property
    def words(self) -> str:
        """The decision in words."""
        target = f" ({self.recipe})" if self.recipe else f" into {self.into}" if self.into else ""
        return f"{self.decision}{target}"

    def suggestion(self) -> dict[str, str]:
        """Return it as a verdict keeps it, apart from what the person decided."""
        return {
            "decision": self.decision,
            "recipe": self.recipe,
            "into": self.into,
            "why": f"{self.rule}: {self.why}",
        }


COLUMNS: dict[str, pa.DataType] = {
    "name": pa.string(), "kind": pa.string(), "rows": pa.int64(), "missing": pa.int64(),
    "missing_share": pa.float64(),
    "distinct_values": pa.int64(), "zeros_share": pa.float64(), "infinite": pa.int64(),
    "std": pa.float64(),
    "skewness": pa.float64(), "grade": pa.string(), "far_rate": pa.float64(),
    "transform": pa.string(),
    "top_share": pa.float64(), "nearest": pa.string(), "nearest_r": pa.float64(),
}  # fmt: skip

_SCHEMA = pa.schema(list(COLUMNS.items()))

# Conventions: a column that hardly varies or is hardly there cannot say much, whatever it means.
RULES = (
    Rule("constant", "distinct_values <= 1", "drop"),
    Rule("almost empty", "missing_share > 0.95", "drop"),
    Rule("identifier", "kind = 'identifier'", "drop"),
    Rule("almost constant", "top_share > 0.995", "drop"),
    Rule("nearly the same", "nearest_r >= 0.98", "merge"),
    Rule("far from Gaussian", "grade = 'not' and transform is not null", "transform"),
)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read rules, one a line as "drop: almost empty: missing_share > 0.95".

    Empty lines and those after # say nothing.

    Raises
    ------
    ReviewError
        With the line that is no rule.
    """
    rules = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = [part.strip() for part in line.split(":", 2)]
        if len(parts) < 3 or not all(parts):
            raise ReviewError(
                f"line {number}: expected DECISION: NAME: CONDITION, came {shown(line.strip())}"
            )
        try:
            rules.append(Rule(parts[1], parts[2], parts[0].lower()))
        except ExplorerError as error:
            raise ReviewError(f"line {number}: {error}") from error
    return tuple(rules)


def propose(
    profiles: Iterable[FeatureProfile],
    rules: Sequence[Rule] = RULES,
    keepers: Mapping[str, str] | None = None,
) -> list[ProposedVerdict]:
    """Apply rules to profiles; the first rule that fits a feature decides.

    Parameters
    ----------
    profiles : iterable of FeatureProfile
        In table order.
    rules : sequence of Rule
    keepers : mapping of str to str, optional
        For each feature of a group of near-duplicates, the one that stands for the group: that one
        is never merged.
    """
    listed = list(profiles)
    rows = [_row(profile, (keepers or {}).get(profile.name)) for profile in listed]
    batch = pa.RecordBatch.from_pylist(rows, schema=_SCHEMA)
    proposals: dict[str, ProposedVerdict] = {}
    for rule in rules:
        met = parse_expression(rule.when).mask(batch)
        for place in met.nonzero()[0].tolist():
            row = rows[place]
            proposal = _proposal(rule, row, listed[place])
            if row["name"] not in proposals and proposal is not None:
                proposals[row["name"]] = proposal
    return [proposals[row["name"]] for row in rows if row["name"] in proposals]


def _row(profile: FeatureProfile, keeper: str | None) -> dict[str, Any]:
    """Return what rules read; the feature that stands for a group has no nearest feature."""
    partners = dict(profile.redundant_with)
    near = keeper if keeper in partners else None
    gaussian, outliers = profile.gaussian, profile.outliers
    counted = profile.levels or profile.frequent
    return {
        "name": profile.name,
        "kind": profile.kind,
        "rows": profile.rows,
        "missing": profile.missing,
        "missing_share": profile.missing_share,
        "distinct_values": profile.distinct,
        "zeros_share": profile.zeros / profile.rows if profile.rows else None,
        "infinite": profile.infinite,
        "std": profile.std,
        "skewness": profile.skewness,
        "grade": gaussian.grade if gaussian else None,
        "far_rate": outliers.far_rate if outliers else None,
        "transform": gaussian.transform if gaussian else None,
        "top_share": counted[0][1] / profile.rows if counted and profile.rows else None,
        "nearest": near,
        "nearest_r": abs(partners[near]) if near else None,
    }


def _proposal(
    rule: Rule, row: Mapping[str, Any], profile: FeatureProfile
) -> ProposedVerdict | None:
    if rule.decision == "transform" and not row["transform"]:
        return None
    if rule.decision == "merge" and not row["nearest"]:
        return None
    return ProposedVerdict(
        feature=row["name"],
        decision=rule.decision,
        rule=rule.name,
        why=_why(rule, row, profile),
        recipe=row["transform"] if rule.decision == "transform" else "",
        into=row["nearest"] if rule.decision == "merge" else "",
    )


def _why(rule: Rule, row: Mapping[str, Any], profile: FeatureProfile) -> str:
    """Say the figures that the rule read."""
    figures = [
        f"{name} {_said(row[name])}"
        for name in parse_expression(rule.when).columns
        if row[name] is not None
    ]
    reasons = (
        list(profile.gaussian.reasons[:2])
        if profile.gaussian and rule.decision == "transform"
        else []
    )
    of = f"a sample of {profile.sampled:,} rows" if profile.sampled else ""
    return ", ".join(filter(None, [*figures, *reasons, of]))


def _said(value: Any) -> str:
    return (
        f"{value:.4g}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
