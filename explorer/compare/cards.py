"""What the Compare tab shows of a comparison: a line a feature, and one feature in both groups."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.compare.pair import pair_of
from explorer.core.errors import ExplorerError
from explorer.core.gettext import _, translated
from explorer.core.number_format import brief, interval, number, p_value, rate, small
from explorer.profile.counting.histogram import bar_heights
from explorer.ui.repeated_card import other_notes, repeated_card

if TYPE_CHECKING:
    from explorer.compare.comparison import Comparison
    from explorer.compare.feature_comparison import FeatureComparison
    from explorer.compare.pair import GroupPair
    from explorer.session.rows.selection_resolver import SelectionResolver
    from explorer.table.table import Table

__all__ = ["detail_card", "pair_of_comparison", "result_card"]

_LEVELS_SHOWN = 12
_TAILS = _(
    "its interval is too narrow where a group has a long tail and few rows "
    "(lognormal, 100 rows: about .8 to .9 instead of .95)"
)
_FIGURES = (
    (_("Cliff's δ"), _("2 AUC − 1"), "cliffs_delta", "cliffs"),
    ("AUC", _("chance that a row of A has the larger value"), "auc", "auc"),
    (
        _("means, in sd"),
        _("standardised difference of the means; {tails}").format(tails=_TAILS),
        "standardized_difference",
        "standardized",
    ),
    (_("Kolmogorov D"), _("largest difference of the distribution functions"), "ks", "ks"),
    (
        _("W₁, in sd"),
        _("Wasserstein distance over the standard deviation; {tails}").format(tails=_TAILS),
        "wasserstein",
        "wasserstein",
    ),
    (_("Cramér's V"), _("with Bergsma's correction"), "cramers_v", "cramers"),
    (_("AUC within"), _("AUC within the strata that are adjusted for"), "adjusted_auc", "adjusted"),
    ("missing", _("share missing in A minus share missing in B"), "missing_difference", "missing"),
)


def result_card(table: Table, comparison: Comparison, key: str, name: str) -> dict[str, Any]:
    """Return a comparison as the page lists it."""
    block_of = {name: block.name for block in table.column_blocks for name in block.columns}
    return {
        "key": key,
        "name": name,
        "words": comparison.words,
        "method": comparison.method,
        "margin": small(comparison.margin),
        "notes": other_notes(comparison.notes, comparison.repeated),
        "repeated": repeated_card(comparison.repeated),
        "rows": [
            {**_line(table, row), "block": block_of.get(row.feature, "")} for row in comparison.rows
        ],
        "adjust": comparison.adjust or "",
        "unit": comparison.unit or "",
        "seconds": f"{comparison.seconds:.1f} s",
        "sampled": sum(row.sampled for row in comparison.rows),
    }


def _line(table: Table, row: FeatureComparison) -> dict[str, Any]:
    feature = table.features.get(row.feature)
    symbol, value, low, high = row.shown
    missing = [
        count / (count + n) if count + n else 0.0
        for count, n in ((row.missing_a, row.n_a), (row.missing_b, row.n_b))
    ]
    return {
        "name": row.feature,
        "label": feature.label if feature else row.feature,
        "unit": feature.unit if feature else "",
        "symbol": symbol,
        "value": _json(value),
        "low": _json(low),
        "high": _json(high),
        "order": _json(row.effect_low),
        "words": f"{symbol} {small(value)}" if symbol else "",
        "interval": interval(low, high, small),
        "a": _typical(row, "a"),
        "b": _typical(row, "b"),
        "p": _json(row.p_adjusted),
        "p_words": p_value(row.p_adjusted),
        "missing": [round(share, 6) for share in missing],
        "missing_words": " / ".join(rate(share) for share in missing) if any(missing) else "",
        "missing_effect": round(row.missing_effect, 6),
        "missing_p": _json(row.missing_p_adjusted),
        "seen": translated(row.seen),
        "follows": row.follows,
        "note": row.note,
        "exact": row.exact,
        "sampled": row.sampled,
    }


def pair_of_comparison(resolver: SelectionResolver, comparison: Comparison) -> GroupPair:
    """Return the groups of a comparison, also of one that was kept.

    Raises
    ------
    ExplorerError
        When its groups cannot be made again here: a map that is gone, a group of row numbers.
    """
    a, b = (resolver.rows_of(comparison.groups[which]) for which in "ab")
    return pair_of(a, b)


def detail_card(
    table: Table, resolver: SelectionResolver, comparison: Comparison, feature: str
) -> dict[str, Any]:
    """Return one feature in both groups: figures, and bars or levels."""
    row = comparison[feature]
    catalogued = table.features.get(feature)
    return {
        "name": feature,
        "label": catalogued.label if catalogued else feature,
        "unit": catalogued.unit if catalogued else "",
        "description": catalogued.description if catalogued else "",
        "seen": translated(row.seen),
        "note": row.follows or row.note,
        "sides": [_side(row, which) for which in "ab"],
        "figures": _figures(row, comparison.margin),
        "levels": [_level(share) for share in row.levels[:_LEVELS_SHOWN]],
        "more_levels": max(len(row.levels) - _LEVELS_SHOWN, 0),
        "bars": _bars(table, resolver, comparison, feature),
    }


def _side(row: FeatureComparison, which: str) -> dict[str, str]:
    n, missing = getattr(row, f"n_{which}"), getattr(row, f"missing_{which}")
    mean, std, median = (getattr(row, f"{name}_{which}") for name in ("mean", "std", "median"))
    return {
        "n": f"{n:,}",
        "missing": f"{missing:,}" if missing else "",
        "mean": _value(mean, row.kind),
        "sd": number(_json(std)) if std == std and row.kind != "temporal" else "",
        "median": _value(median, row.kind),
    }


def _figures(row: FeatureComparison, margin: float) -> list[list[str]]:
    lines = []
    for symbol, meaning, value, stem in _FIGURES:
        amount, low, high = (getattr(row, name) for name in (value, f"{stem}_low", f"{stem}_high"))
        if amount == amount:
            lines.append([symbol, meaning, small(amount), interval(low, high, small)])
    if row.tested:
        for name, what, p in (
            ("p adj.", "effect", row.p_adjusted),
            (_("p adj., missing"), "difference", row.missing_p_adjusted),
        ):
            if p == p:
                explanation = _("of {what} no more than {margin}, Benjamini–Hochberg").format(
                    what=what, margin=small(margin)
                )
                lines.append([name, explanation, p_value(p), ""])
    return lines


def _level(share: Any) -> dict[str, Any]:
    return {
        "level": share.level,
        "a": _json(share.share_a),
        "b": _json(share.share_b),
        "rows": [share.a, share.b],
        "words": [rate(_json(share.share_a)), rate(_json(share.share_b))],
        "residual": small(share.residual, 1),
    }


def _bars(
    table: Table, resolver: SelectionResolver, comparison: Comparison, feature: str
) -> dict[str, Any]:
    """Return the histogram of both groups, each as shares of its own rows, if there is one."""
    if feature not in table.features or not table.columns.is_number(feature):
        return {}
    try:
        pair, bins = pair_of_comparison(resolver, comparison), table.summaries.bins(feature)
    except ExplorerError as error:
        return {"error": str(error)}
    size = len(bins.edges) - 1
    counts = [np.bincount(bins.codes[mask], minlength=size + 3)[:size] for mask in (pair.a, pair.b)]
    rows = [max(int(np.count_nonzero(mask)), 1) for mask in (pair.a, pair.b)]
    shares = [count / n for count, n in zip(counts, rows, strict=True)]
    most = max(float(np.max(share)) for share in shares) or 1.0
    kind = table.features[feature].kind
    return {
        "a": bar_heights(shares[0], most).tolist(),
        "b": bar_heights(shares[1], most).tolist(),
        "low": brief(float(bins.edges[0]), kind),
        "high": brief(float(bins.edges[-1]), kind),
        "most": rate(most),
    }


def _typical(row: FeatureComparison, which: str) -> str:
    """Return the median of a group, of yes and no the share of yes."""
    if row.kind == "boolean":
        share = getattr(row, f"mean_{which}")
        return rate(share) if share == share else ""
    return _value(getattr(row, f"median_{which}"), row.kind)


def _value(amount: float, kind: str) -> str:
    return brief(amount, kind) if math.isfinite(amount) else ""


def _json(amount: float) -> float | None:
    return float(f"{amount:.6g}") if math.isfinite(amount) else None
