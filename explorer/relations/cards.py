"""The cards of the Together tab as plain JSON.

Near-duplicates, inflation, correlations, missing cells, unusual rows, a target.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.core.number_format import NONE, correlation_text, number, p_value, percent
from explorer.core.text_direction import isolated
from explorer.profile.checks.ecod import EXPECTED
from explorer.session.rows.row_cells import format_value
from explorer.session.rows.row_search import row_titles
from explorer.ui.filter_entry import quote_name
from explorer.ui.plots.ticks import time_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.profile.relations.missing_together import MissingTogether
    from explorer.profile.relations.redundancy import Redundancy
    from explorer.profile.relations.relevance import Relevance, RelevanceRow
    from explorer.profile.relations.vif import VarianceInflation
    from explorer.relations.controller import ChosenFeatures, CorrelationMatrix, UnusualRows
    from explorer.table.table import Table

__all__ = [
    "FAR_ROWS",
    "inflation_card",
    "matrix_card",
    "missing_card",
    "near_card",
    "relevance_card",
    "set_card",
    "unusual_card",
]

HIGH_INFLATION = (
    10.0  # a convention (Marquardt 1970, doi:10.2307/1267205): R² = .9 from the other features
)
FAR_ROWS = 1_000  # rows beyond the cutoff that a selection can name one by one
_LISTED_ROWS = 20
_LISTED_GROUPS = 100
_LISTED_PATTERNS = 20
_LISTED_TARGETS = 200
_PARTS = 3  # features named for an unusual row
_MEASURES = {
    "auc": "AUC",
    "spearman": _("Spearman's r"),
    "correlation_ratio": _("η² of ranks"),
    "cramers_v": _("Cramér's V"),
}


def set_card(table: Table, chosen: ChosenFeatures) -> dict[str, Any]:
    """Return which features the page is about."""
    out = [f"{isolated(_label(table, name))} ({why})" for name, why in chosen.left_out.items()]
    return {
        "key": chosen.key,
        "words": chosen.words,
        "ticked": chosen.ticked,
        "names": list(chosen.names),
        "labels": [_label(table, name) for name in chosen.names],
        "left_out": _("Left out, without one number a row: {out}").format(out=list_names(out))
        if out
        else "",
        "basis": _(
            "of all {num_rows:,} rows of the table or a stated sample of them; filters "
            "count in the pair only"
        ).format(num_rows=table.num_rows),
    }


# --- redundancy


def near_card(table: Table, chosen: ChosenFeatures, redundancy: Redundancy) -> dict[str, Any]:
    """Return groups of near-duplicates, each with the one that stands for it."""
    linear = {
        (int(i), int(j)): float(r)
        for i, j, r in zip(redundancy.first, redundancy.second, redundancy.pearson, strict=True)
    }
    place = {name: k for k, name in enumerate(redundancy.names)}

    def member(name: str, leader: str) -> dict[str, Any]:
        pair = tuple(sorted((place[name], place[leader])))
        return {
            "name": name,
            "label": _label(table, name),
            "same": redundancy.same.get(name, ""),
            "r": correlation_text(redundancy.partners.get(leader, {}).get(name)),
            "pearson": correlation_text(linear.get((pair[0], pair[1]))),
        }

    groups = []
    for group in redundancy.groups[:_LISTED_GROUPS]:
        leader = redundancy.representatives[group[0]]
        others = [member(name, leader) for name in group if name != leader]
        groups.append({"leader": leader, "label": _label(table, leader), "others": others})
    more = len(redundancy.groups) - len(groups)
    return {
        "key": chosen.key,
        "groups": groups,
        "words": redundancy.words,
        "same": len(redundancy.same),
        "drop": [name for name, leader in redundancy.representatives.items() if name != leader],
        "more": _("{more:,} further groups not listed").format(more=more) if more else "",
    }


def inflation_card(
    table: Table, chosen: ChosenFeatures, inflation: VarianceInflation
) -> dict[str, Any]:
    """Return the variance inflation of each feature, the largest first."""
    defined = [
        (name, value)
        for name, value in zip(inflation.names, inflation.values, strict=True)
        if not math.isnan(value)
    ]
    rows = [
        {
            "name": name,
            "label": _label(table, name),
            "high": value > HIGH_INFLATION,
            "value": "∞"
            if math.isinf(value)
            else f"{value:,.1f}"
            if value < 1e4
            else number(value),
            "explained": "all" if math.isinf(value) else percent(max(0.0, 1 - 1 / value)),
        }
        for name, value in sorted(defined, key=lambda pair: -pair[1])
    ]
    bound = [" + ".join(_label(table, name) for name in names) for names in inflation.bound]
    return {
        "key": chosen.key,
        "rows": rows,
        "bound": bound,
        "words": list(inflation.words[len(inflation.bound) :]),
        "convention": _(
            "above {limit:.0f} counts as high by convention (Marquardt 1970): the "
            "other features explain 90 % of the variance"
        ).format(limit=HIGH_INFLATION),
    }


def matrix_card(table: Table, chosen: ChosenFeatures, matrix: CorrelationMatrix) -> dict[str, Any]:
    """Return the correlations for the heat map, row by row."""
    of = (
        _("all {rows:,} rows").format(rows=matrix.rows)
        if matrix.exact
        else _("a random sample of {rows:,} rows").format(rows=matrix.rows)
    )
    more = (
        _("; the first {count} of the set, {left_out:,} more not drawn").format(
            count=len(matrix.names), left_out=matrix.left_out
        )
        if matrix.left_out
        else ""
    )
    return {
        "key": chosen.key,
        "names": list(matrix.names),
        "labels": [_label(table, name) for name in matrix.names],
        "spearman": _plain(matrix.spearman),
        "pearson": _plain(matrix.pearson),
        "n": matrix.n.tolist(),
        "words": _("Spearman's r over the rows where both are present, of {of}{more}").format(
            of=of, more=more
        ),
    }


def _plain(r: NDArray[np.float64]) -> list[list[float | None]]:
    return [[None if math.isnan(cell) else round(cell, 4) for cell in line] for line in r.tolist()]


# --- missing cells


def missing_card(
    table: Table, chosen: ChosenFeatures, names: Sequence[str], missing: MissingTogether
) -> dict[str, Any]:
    """Return what is missing together, each with the definition of its rows."""

    def labels(these: Sequence[str]) -> str:
        return list_names([_label(table, name) for name in these], 6)

    extra = [name for name in names if name not in chosen.names]
    added = _(", {count:,} of them not ticked").format(count=len(extra)) if extra else ""
    return {
        "key": chosen.key,
        "words": _("{words} ({count:,} checked{added})").format(
            words=missing.words[0], count=len(names), added=added
        )
        if names
        else _("no feature is known to miss a value"),
        "always": [
            {
                "words": labels(group),
                "rows": missing.missing[group[0]],
                "definition": _absent(group),
            }
            for group in missing.always
        ],
        "nested": [
            {
                "inner": _label(table, first),
                "outer": _label(table, other),
                "rows": missing.missing[first],
                "definition": _absent([first, other]),
            }
            for first, other in missing.nested
        ],
        "pairs": [
            {
                "words": f"{_label(table, pair.one)}, {_label(table, pair.other)}",
                "phi": correlation_text(pair.phi),
                "both": pair.both,
                "one": pair.only_one,
                "other": pair.only_other,
                "definition": _absent([pair.one, pair.other]),
            }
            for pair in missing.pairs
        ],
        "patterns": [
            {
                "words": labels(pattern.features),
                "rows": pattern.rows,
                "share": percent(pattern.rows / missing.rows),
                "definition": _pattern(pattern.features, names),
            }
            for pattern in missing.patterns[:_LISTED_PATTERNS]
        ],
        "more": _more_patterns(missing),
        "sampled": missing.sampled is not None,
    }


def _more_patterns(missing: MissingTogether) -> str:
    more = missing.n_patterns - _LISTED_PATTERNS
    exact = (
        "" if missing.patterns_exact else _("; rare patterns were dropped, counts may be too small")
    )
    return (
        _("{more:,} rarer patterns not listed{exact}").format(more=more, exact=exact)
        if more > 0
        else ""
    )


def _absent(names: Sequence[str]) -> dict[str, Any]:
    return {"expression": " and ".join(f"{quote_name(name)} is null" for name in names)}


def _pattern(absent: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """Return the definition of rows where exactly these of the compared features are missing."""
    present = [name for name in names if name not in absent]
    if not present:
        return _absent(absent)
    others = {"expression": " or ".join(f"{quote_name(name)} is null" for name in present)}
    return {"and": [_absent(absent), {"not": others}]}


# --- unusual rows


def unusual_card(table: Table, chosen: ChosenFeatures, unusual: UnusualRows) -> dict[str, Any]:
    """Return rates beside those of clean data, and the most unusual rows by both measures."""
    of = (
        _("all {count:,} rows").format(count=len(unusual.rows))
        if unusual.exact
        else _("a random sample of {count:,} rows").format(count=len(unusual.rows))
    )
    more = (
        _("; the first {count} features, {left_out:,} more left out").format(
            count=len(unusual.names), left_out=unusual.left_out
        )
        if unusual.left_out
        else ""
    )
    by_tails = _measure(table, unusual, "ecod", unusual.ecod.rate, _("independent features"))
    by_tails["notes"] = [
        _("correlated features raise this rate: use the order of the rows, not the excess")
    ]
    card: dict[str, Any] = {
        "key": chosen.key,
        "of": _("of {of}{more}").format(of=of, more=more),
        "ecod": by_tails,
        "refused": unusual.refused,
        "robust": None,
    }
    if unusual.robust is not None:
        card["robust"] = _measure(
            table, unusual, "robust", unusual.robust.rate, _("Gaussian features")
        )
        card["robust"]["notes"] = [*unusual.robust.words, *_unfit(table, unusual)]
    return card


def _measure(
    table: Table, unusual: UnusualRows, by: str, rate: float, clean: str
) -> dict[str, Any]:
    places = unusual.furthest(by, _LISTED_ROWS)
    titles = row_titles(table, unusual.rows[places])
    beyond = len(unusual.beyond(by))
    return {
        "rate": percent(rate),
        "excess": _excess(rate),
        "clean": _("{clean} would give {share}").format(clean=clean, share=percent(EXPECTED)),
        "beyond": beyond,
        "select": min(beyond, FAR_ROWS),
        "rows": [
            {
                "row": int(unusual.rows[place]),
                "title": title,
                **_distance_card(table, unusual, by, int(place)),
            }
            for place, title in zip(places.tolist(), titles, strict=True)
        ],
    }


def _excess(rate: float) -> str:
    """Say how a rate compares with that of clean data."""
    more = rate - EXPECTED
    if abs(more) < 0.0005:
        return _("as many as in data without outliers")
    text = (
        _("{share} of the rows more than in data without outliers")
        if more > 0
        else _("{share} of the rows fewer than in data without outliers")
    )
    return text.format(share=percent(abs(more)))


def _distance_card(table: Table, unusual: UnusualRows, by: str, place: int) -> dict[str, Any]:
    if by == "robust" and unusual.robust is not None:
        distance, parts = (
            math.sqrt(unusual.robust.squared[place]),
            unusual.robust.top(place, _PARTS),
        )
    else:
        distance, parts = float(unusual.ecod.scores[place]), unusual.ecod.top(place, _PARTS)
    named = [
        {
            "name": (name := unusual.names[at]),
            "label": _label(table, name),
            "share": percent(share),
            "value": _value(table.features[name], float(unusual.cells[place, at])),
        }
        for at, share in parts
    ]
    return {"distance": f"{distance:,.1f}", "parts": named}


def _unfit(table: Table, unusual: UnusualRows) -> list[str]:
    """Say which features the distances are without, by why."""
    reasons: dict[str, list[str]] = {}
    for at, why in unusual.robust.left_out if unusual.robust else ():
        reasons.setdefault(why, []).append(_label(table, unusual.names[at]))
    return [
        _("without {labels}: {why}").format(labels=list_names(labels), why=why)
        for why, labels in reasons.items()
    ]


def _value(feature: Feature, value: float) -> str:
    if math.isnan(value):
        return "missing"
    return time_in_words(value) if feature.kind == "temporal" else format_value(value, feature)


# --- relevance


def relevance_card(table: Table, relevance: Relevance) -> dict[str, Any]:
    """Return what features tell of a target, the strongest first, leaks marked."""
    more = len(relevance.rows) - _LISTED_TARGETS
    return {
        "target": relevance.target,
        "words": relevance.words,
        "rows": [_relevant(table, row) for row in relevance.rows[:_LISTED_TARGETS]],
        "more": _("{more:,} weaker features not listed").format(more=more) if more > 0 else "",
        "left_out": _("{count:,} features cannot be compared").format(count=len(relevance.left_out))
        if relevance.left_out
        else "",
    }


def _relevant(table: Table, row: RelevanceRow) -> dict[str, Any]:
    gone, write = row.missing_value, correlation_text
    tells = not math.isnan(gone) and row.missing_p_adjusted < 0.05
    return {
        "name": row.feature,
        "label": _label(table, row.feature),
        "measure": _MEASURES[row.measure],
        "value": write(row.value),
        "interval": ""
        if math.isnan(row.value)
        else _("{low} to {high}").format(low=write(row.low), high=write(row.high)),
        "p": p_value(row.p_adjusted, all_digits=True) or NONE,
        "n": row.n,
        "leak": row.leak,
        "strength": 0.0 if math.isnan(row.strength) else row.strength,
        "missing": _("missing cells are informative too ({measure} {strength})").format(
            measure=_MEASURES[row.missing_measure], strength=write(gone)
        )
        if tells
        else "",
    }


def _label(table: Table, name: str) -> str:
    return table.features[name].label
