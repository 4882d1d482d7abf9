"""Ticked features that cannot be projected as they are: found before a job starts, all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.errors import FeatureError
from explorer.features.pick import MOST_MISSING
from explorer.features.summary import Summary, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.workbench.table import Table

__all__ = ["Refusal", "refusal_of", "varies"]


@dataclass(frozen=True)
class Refusal:
    """Features to untick, and why in one sentence."""

    names: list[str]
    words: str

    def error(self) -> FeatureError:
        """Return it as an error."""
        return FeatureError(self.words)


def refusal_of(table: Table, names: Sequence[str], policy: dict[str, Any]) -> Refusal | None:
    """Return what is wrong with these features under a policy; None when nothing is known to be.

    Counts of a sample are no ground for refusing: there the projection itself finds out.
    """
    why = {name: words for name in names if (words := _why(table.summaries[name], policy))}
    varying = [name for name in names if varies(table.summaries[name])]
    if names and not varying and not why:
        why = dict.fromkeys(names, "constant")
    if not why:
        return None
    shown = "; ".join(f"{table.features[name].label}: {words}" for name, words in list(why.items())[:4])
    more = f"; and {len(why) - 4} more" if len(why) > 4 else ""
    other_way = " or choose another way with missing values" if policy["missing"] == "median" else ""
    return Refusal(list(why), f"Untick{other_way}: {shown}{more}")


def varies(summary: Summary) -> bool:
    """Say whether a feature tells rows apart; the different lists of a vector are not counted, so one may."""
    return summary.distinct > 1 or summary.kind == "vector"


def _why(summary: Summary, policy: dict[str, Any]) -> str:
    if summary.sampled:
        return ""
    if summary.rows and summary.missing == summary.rows:
        return "all missing"
    if summary.infinite:
        return f"{summary.infinite:,} infinite values"
    if policy["missing"] == "median" and summary.missing_share > MOST_MISSING:
        return f"{percent(summary.missing_share)} missing"
    return ""
