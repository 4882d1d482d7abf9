"""Drift cards: what the drift view shows of chunks, features and alarms, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.json_values import plain
from explorer.core.number_format import NONE, instant, number, significant_percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.drift.analysis.drift import Drift
    from explorer.drift.analysis.drift_cell import Alarm
    from explorer.features.kind import Feature

__all__ = ["MOST_FEATURES", "cell_card", "drift_card"]

MOST_FEATURES = 300
"""Features that are drawn: those with most alarms and largest scores."""


def drift_card(drift: Drift, features: Mapping[str, Feature]) -> dict[str, Any]:
    """Return the heat map, the alarms and the words; JSON.

    Parameters
    ----------
    drift : Drift
    features : mapping of str to Feature
        For their labels.
    """
    order = feature_order(drift)
    times = not drift.chunk.endswith("rows")
    chunks = [
        [
            chunk.label,
            chunk.rows,
            2 if not chunk.judged else int(chunk.reference),
            chunk.note,
            "" if times else instant_words(chunk.start),
        ]
        for chunk in drift.timetable
    ]
    scores = np.round(drift.scores, 3)
    names = drift.features
    return plain(  # type: ignore[no-any-return]
        {
            "words": drift.words,
            "headline": drift.headline,
            "fit": drift.performance_words,
            "method": drift.method,
            "notes": drift.notes,
            "reference": drift.reference,
            "seasons": drift.seasons,
            "chunk": drift.chunk,
            "chunks": chunks,
            "judged": drift.judged,
            "rows": [
                {
                    "feature": names[i],
                    "label": features[names[i]].label,
                    "role": drift.measured[i].role,
                    "scores": scores[i],
                    "alarms": np.flatnonzero(drift.alarmed[i]),
                    "seasonal": np.flatnonzero(drift.maybe_seasonal[i] & ~drift.alarmed[i]),
                }
                for i in order
            ],
            "left": len(names) - len(order),
            "left_out": len(drift.left_out),
            "alarms": _alarm_lines(drift, drift.alarms, features),
            "seasonal": _alarm_lines(drift, drift.seasonal, features),
            "seasonal_words": drift.seasonal_words,
            "n_alarms": len(drift.alarms),
            "metrics": [metric.metric for metric in drift.performance],
            "size": (
                _(
                    "{features:,} features × {chunks:,} chunks, {n_rows:,} rows in {seconds:.1f} s"
                ).format(
                    features=len(names),
                    chunks=len(drift.timetable),
                    n_rows=drift.n_rows,
                    seconds=drift.seconds,
                )
            ),
        }
    )


def feature_order(drift: Drift) -> list[int]:
    """Return the places of the features to be drawn.

    Most alarms first, then the largest score; ties as in the table.
    """
    largest = [float(np.max(row[np.isfinite(row)], initial=-1.0)) for row in drift.scores]
    several = drift.alarmed.sum(axis=1) if len(drift.measured) else []
    keys = sorted(range(len(drift.measured)), key=lambda i: (-int(several[i]), -largest[i], i))
    return keys[:MOST_FEATURES]


def _alarm_lines(
    drift: Drift, alarms: Iterable[Alarm], features: Mapping[str, Feature]
) -> list[dict[str, Any]]:
    """Return the features with alarms, in the order of the first one of each.

    In words, and where the others are.
    """
    places = _places(drift)
    by_feature: dict[str, dict[str, Any]] = {}
    for alarm in alarms:
        if alarm.feature in by_feature:
            by_feature[alarm.feature]["again"].append([places[alarm.chunk], alarm.chunk])
        elif len(by_feature) < MOST_FEATURES:
            text = (
                f"{features[alarm.feature].label}, {alarm.words.removeprefix(f'{alarm.feature}, ')}"
            )
            by_feature[alarm.feature] = {
                "feature": alarm.feature,
                "place": places[alarm.chunk],
                "words": text,
                "again": [],
            }
    return list(by_feature.values())


def _places(drift: Drift) -> dict[str, int]:
    """Return the place of each chunk that may have an alarm, by its label."""
    return {chunk.label: i for i, chunk in enumerate(drift.timetable) if not chunk.reference}


def instant_words(seconds: float) -> str:
    """Write when a chunk begins, where its name does not say it."""
    return instant(seconds) if abs(seconds) > 1e8 else number(seconds)


def cell_card(drift: Drift, feature: str, place: int) -> dict[str, Any]:
    """Return what is known of one feature in one chunk, as lines; JSON.

    Each a name, a figure and words.

    Parameters
    ----------
    drift : Drift
    feature : str
    place : int
        Of the chunk.
    """
    at = drift.features.index(feature) * len(drift.timetable) + place
    cell = drift.chunks[at]
    measured = drift.measured[drift.features.index(feature)]
    unit = {
        "wasserstein": _("standard deviations, Wasserstein"),
        "jensen_shannon": _("Jensen–Shannon, 0 to 1"),
    }.get(cell.statistic, f"of its values differ from {measured.constant}")
    lines = [
        ["distance", number(cell.value), unit],
        ["usually", f"{number(cell.expected)} ± {number(cell.deviation)}", _limit(cell.threshold)],
        ["score", number(cell.score), _("1 is the limit, of all tests of the feature")],
        ["missing", significant_percent(cell.missing), ""],
        [
            _("outside the range"),
            significant_percent(cell.below + cell.above),
            _("{below} below, {above} above").format(
                below=significant_percent(cell.below), above=significant_percent(cell.above)
            ),
        ],
        [
            _("new levels"),
            f"{cell.new_levels:,}",
            significant_percent(cell.new_rate) + (" " + _("of the rows")),
        ],
        [
            "PSI",
            number(cell.psi),
            _("by chance up to {psi_floor}").format(psi_floor=number(cell.psi_floor)),
        ],
        ["KS", number(cell.ks), _("largest difference of the distribution functions")],
        ["JS", number(cell.js), _("Jensen–Shannon distance")],
        ["χ²", number(cell.chi2), _("of the levels")],
        ["mean", number(cell.mean), ""],
    ]
    skipped = {"PSI", "KS", "JS", "χ²", "mean", "score"}
    shown = [line for line in lines if line[0] not in skipped or line[1] != NONE]
    if measured.statistic != "jensen_shannon" and not cell.new_levels:
        shown = [line for line in shown if line[0] != "new levels"]
    texts = [
        alarm.words.removeprefix(f"{feature}, {cell.chunk}: ")
        for alarm in (*drift.alarms, *drift.seasonal)
        if alarm.feature == feature and alarm.chunk == cell.chunk and not cell.reference
    ]
    note = cell.note or (
        _("a chunk of the reference, beside the others of it") if cell.reference else ""
    )
    if cell.seasonal:
        note = _("no alarm, since this may be a season: the reference is too short to show it")
    return {
        "feature": feature,
        "place": place,
        "chunk": cell.chunk,
        "rows": f"{cell.rows:,}",
        "note": note,
        "words": texts,
        "seasonal": cell.seasonal,
        "lines": shown,
    }


def _limit(threshold: float) -> str:
    return (
        _("limit about {threshold}").format(threshold=number(threshold))
        if threshold == threshold
        else _("chunks of the reference")
    )
