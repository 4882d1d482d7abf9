"""Drift cards: what the drift view shows of chunks, features and alarms, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.json_values import plain
from explorer.core.number_format import NONE, instant, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.drift.analysis.drift import Drift
    from explorer.drift.analysis.drift_cell import Alarm
    from explorer.features.kind import Feature

__all__ = ["MOST_FEATURES", "cell_card", "drift_card"]

MOST_FEATURES = 300
"""Features that are drawn: those with most alarms and largest scores."""


def drift_card(found: Drift, features: Mapping[str, Feature]) -> dict[str, Any]:
    """Return the heat map, the alarms and the words; JSON.

    Parameters
    ----------
    found : Drift
    features : mapping of str to Feature
        For their labels.
    """
    order = feature_order(found)
    times = not found.chunk.endswith("rows")
    chunks = [
        [
            one.label,
            one.rows,
            2 if not one.judged else int(one.reference),
            one.note,
            "" if times else instant_words(one.start),
        ]
        for one in found.timetable
    ]
    scores = np.round(found.scores, 3)
    names = found.features
    return plain(  # type: ignore[no-any-return]
        {
            "words": found.words,
            "fit": found.performance_words,
            "method": found.method,
            "notes": found.notes,
            "reference": found.reference,
            "seasons": found.seasons,
            "chunk": found.chunk,
            "chunks": chunks,
            "judged": found.judged,
            "rows": [
                {
                    "feature": names[i],
                    "label": features[names[i]].label,
                    "role": found.measured[i].role,
                    "scores": scores[i],
                    "alarms": np.flatnonzero(found.alarmed[i]),
                    "seasonal": np.flatnonzero(found.maybe_seasonal[i] & ~found.alarmed[i]),
                }
                for i in order
            ],
            "left": len(names) - len(order),
            "left_out": len(found.left_out),
            "alarms": _told(found, found.alarms, features),
            "seasonal": _told(found, found.seasonal, features),
            "seasonal_words": found.seasonal_words,
            "n_alarms": len(found.alarms),
            "metrics": [one.metric for one in found.performance],
            "size": (
                f"{len(names):,} features × {len(found.timetable):,} chunks, "
                f"{found.n_rows:,} rows in {found.seconds:.1f} s"
            ),
        }
    )


def feature_order(found: Drift) -> list[int]:
    """Return the places of the features to be drawn.

    Most alarms first, then the largest score; ties as in the table.
    """
    largest = [float(np.max(row[np.isfinite(row)], initial=-1.0)) for row in found.scores]
    several = found.alarmed.sum(axis=1) if len(found.measured) else []
    keys = sorted(range(len(found.measured)), key=lambda i: (-int(several[i]), -largest[i], i))
    return keys[:MOST_FEATURES]


def _told(
    found: Drift, alarms: Iterable[Alarm], features: Mapping[str, Feature]
) -> list[dict[str, Any]]:
    """Return the features with alarms, in the order of the first one of each.

    In words, and where the others are.
    """
    places = _places(found)
    told: dict[str, dict[str, Any]] = {}
    for one in alarms:
        if one.feature in told:
            told[one.feature]["again"].append([places[one.chunk], one.chunk])
        elif len(told) < MOST_FEATURES:
            words = f"{features[one.feature].label}, {one.words.removeprefix(f'{one.feature}, ')}"
            told[one.feature] = {
                "feature": one.feature,
                "place": places[one.chunk],
                "words": words,
                "again": [],
            }
    return list(told.values())


def _places(found: Drift) -> dict[str, int]:
    """Return the place of each chunk that may have an alarm, by its label."""
    return {one.label: i for i, one in enumerate(found.timetable) if not one.reference}


def instant_words(seconds: float) -> str:
    """Write when a chunk begins, where its name does not say it."""
    return instant(seconds) if abs(seconds) > 1e8 else number(seconds)


def cell_card(found: Drift, feature: str, place: int) -> dict[str, Any]:
    """Return what is known of one feature in one chunk, as lines; JSON.

    Each a name, a figure and words.

    Parameters
    ----------
    found : Drift
    feature : str
    place : int
        Of the chunk.
    """
    at = found.features.index(feature) * len(found.timetable) + place
    cell = found.chunks[at]
    one = found.measured[found.features.index(feature)]
    unit = {
        "wasserstein": "standard deviations, Wasserstein",
        "jensen_shannon": "Jensen–Shannon, 0 to 1",
    }.get(cell.statistic, f"of its values differ from {one.constant}")
    lines = [
        ["distance", _shown(cell.value), unit],
        ["usually", f"{_shown(cell.expected)} ± {_shown(cell.deviation)}", _limit(cell.threshold)],
        ["score", _shown(cell.score), "1 is the limit, of all tests of the feature"],
        ["missing", _percent(cell.missing), ""],
        [
            "outside the range",
            _percent(cell.below + cell.above),
            f"{_percent(cell.below)} below, {_percent(cell.above)} above",
        ],
        ["new levels", f"{cell.new_levels:,}", _percent(cell.new_rate) + " of the rows"],
        ["PSI", _shown(cell.psi), f"by chance up to {_shown(cell.psi_floor)}"],
        ["KS", _shown(cell.ks), "largest difference of the distribution functions"],
        ["JS", _shown(cell.js), "Jensen–Shannon distance"],
        ["χ²", _shown(cell.chi2), "of the levels"],
        ["mean", _shown(cell.mean), ""],
    ]
    skipped = {"PSI", "KS", "JS", "χ²", "mean", "score"}
    kept = [line for line in lines if line[0] not in skipped or line[1] != NONE]
    if one.statistic != "jensen_shannon" and not cell.new_levels:
        kept = [line for line in kept if line[0] != "new levels"]
    words = [
        alarm.words.removeprefix(f"{feature}, {cell.chunk}: ")
        for alarm in (*found.alarms, *found.seasonal)
        if alarm.feature == feature and alarm.chunk == cell.chunk and not cell.reference
    ]
    note = cell.note or (
        "a chunk of the reference, beside the others of it" if cell.reference else ""
    )
    if cell.seasonal:
        note = "no alarm: this may be a season, since the reference is too short to know it"
    return {
        "feature": feature,
        "place": place,
        "chunk": cell.chunk,
        "rows": f"{cell.rows:,}",
        "note": note,
        "words": words,
        "seasonal": cell.seasonal,
        "lines": kept,
    }


def _shown(value: float) -> str:
    return number(value) if value == value and abs(value) != float("inf") else NONE


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %" if value == value else NONE


def _limit(threshold: float) -> str:
    return (
        f"limit about {_shown(threshold)}" if threshold == threshold else "chunks of the reference"
    )
