"""What the effect map says in words and numbers, its scale, and its ledger; as plain JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.hexagons import CORNERS
from explorer.experiment.effect_map.effect_measure import DifferenceFormat
from explorer.experiment.effect_map.effect_scale import EffectScale, scale_of
from explorer.experiment.effect_map.region_picture import (
    FEW,
    HATCHED,
    PLAIN,
    UNTRUSTED,
    region_paint,
)
from explorer.map.export.legend import hex_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.effect_map.effect_regions import EffectRegions
    from explorer.features.kind import Feature
    from explorer.state.experiment_settings import ExperimentCell, ExperimentSettings

__all__ = ["KEYS", "chosen_metric_and_arm", "effect_card"]

_STOPS = 17  # colours of the bar: between two of them the page runs evenly, as the scale does
_TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)

KEYS = {
    PLAIN: _("differs from overall"),
    HATCHED: _("no difference from overall"),
    FEW: _("not enough data"),
    UNTRUSTED: _("not to be trusted"),
}
"""What each way of painting means."""


def chosen_metric_and_arm(experiment: Experiment, look: ExperimentCell) -> tuple[str, str]:
    """Return the metric and the arm looked at: those asked for, else the first of each."""
    metrics, arms = [metric.name for metric in experiment.metrics], experiment.arms[1:]
    metric, arm = look.metric, look.arm
    return metric if metric in metrics else metrics[0], arm if arm in arms else arms[0]


def effect_card(
    features: Mapping[str, Feature],
    settings: ExperimentSettings,
    regions: EffectRegions,
    experiment: Experiment,
    theme: str,
) -> dict[str, Any]:
    """Return all that the page shows of an effect map but the picture itself."""
    effect_map = regions.effect_map
    metric, arm = chosen_metric_and_arm(experiment, settings.look)
    block = effect_map.block(metric, arm)
    measure, scale = DifferenceFormat.of(block.measured.metric, features), scale_of(block)
    return {
        "status": "ready",
        "metrics": [metric.name for metric in experiment.metrics],
        "arms": list(experiment.arms[1:]),
        "metric": metric,
        "arm": arm,
        "control": experiment.control,
        "regions": settings.regions,
        "line": _noise(experiment) + effect_map.words(metric, arm),
        "notes": [*_trouble(experiment), _covered(regions, metric, arm), *effect_map.notes],
        "legend": _legend(scale, measure, theme),
        "cells": _cells(regions, metric, arm, measure, scale, experiment, theme),
        "lattice": _lattice(regions),
    }


def _noise(experiment: Experiment) -> str:
    return (
        ""
        if experiment.dealt is None
        else (
            _("arms shuffled (seed {dealt}), every colour is noise:").format(dealt=experiment.dealt)
            + " "
        )
    )


def _trouble(experiment: Experiment) -> list[str]:
    analysis = experiment.analysis
    return (
        []
        if analysis is None or not analysis.distrust
        else [_("Not to be trusted: {distrust}.").format(distrust=analysis.distrust)]
    )


def _covered(regions: EffectRegions, metric: str, arm: str) -> str:
    """Say how many rows lie in regions that can be read."""
    read = int(regions.rows[regions.effect_map.block(metric, arm).testable].sum())
    total = int(regions.rows.sum())
    return _("{read:,} of the {total:,} rows on the map lie in regions with enough data").format(
        read=read, total=total
    )


def _legend(scale: EffectScale, measure: DifferenceFormat, theme: str) -> dict[str, Any]:
    ramp = scale.ramp(theme)[np.linspace(0, 255, _STOPS).round().astype(int)]
    return {
        "title": (
            _("effect minus overall effect, shrunken{value}").format(
                value=f" ({measure.unit.strip()})" if measure.unit else ""
            )
        ),
        "stops": [hex_of(colour) for colour in ramp.tolist()],
        "ticks": [[(place + 1) / 2, measure.signed(scale.deviation_at(place))] for place in _TICKS],
        "ends": list(scale.ends),
        "keys": [KEYS[kind] for kind in (PLAIN, HATCHED, FEW, UNTRUSTED)],
    }


def _cells(
    regions: EffectRegions,
    metric: str,
    arm: str,
    measure: DifferenceFormat,
    scale: EffectScale,
    experiment: Experiment,
    theme: str,
) -> list[dict[str, Any]]:
    paint = region_paint(regions.effect_map, metric, arm, theme)
    whole = experiment.cells.find(metric, arm)
    return [
        {
            "name": regions.name(place),
            "kind": kind,
            "colour": hex_of(colour),
            "rows": int(rows),
            "lines": _lines(cell, kind, whole, measure, scale, experiment.control),
        }
        for place, (cell, kind, colour, rows) in enumerate(
            zip(
                regions.effect_map.part(metric, arm),
                paint.kinds.tolist(),
                paint.colours.tolist(),
                regions.rows,
                strict=True,
            )
        )
    ]


def _lines(
    cell: Cell, kind: int, whole: Cell, measure: DifferenceFormat, scale: EffectScale, control: str
) -> Sequence[tuple[str, str]]:
    """Return the figures of a region, each with its name."""
    units = _("{n_control:,} in {control} · {n_treatment:,} in {arm}").format(
        n_control=cell.n_control, control=control, n_treatment=cell.n_treatment, arm=cell.arm
    )
    verdict = _verdict(cell, kind, scale)
    if not math.isfinite(cell.difference) or kind == FEW:
        return [("units", units), ("", verdict)]
    return [
        ("units", units),
        ("effect", measure.with_ends(cell.difference, cell.low, cell.high)),
        (_("of the whole"), f"{measure.signed(whole.difference)}{measure.unit}"),
        (
            _("minus overall"),
            measure.with_ends(cell.deviation, cell.deviation_low, cell.deviation_high),
        ),
        ("shrunken", f"{measure.signed(cell.shrunk)}{measure.unit}"),
        (
            "p, corrected",
            f"{cell.deviation_p_adjusted:.2g}"
            if math.isfinite(cell.deviation_p_adjusted)
            else _("not tested"),
        ),
        (
            "detectable",
            _("{effect}{unit} (power .8)").format(
                effect=measure.signed(cell.detectable).lstrip("+"), unit=measure.unit
            ),
        ),
        ("", verdict),
    ]


def _verdict(cell: Cell, kind: int, scale: EffectScale) -> str:
    if kind == UNTRUSTED:
        return _("! not to be trusted: {words}").format(words=cell.words)
    if kind == FEW:
        return _("○ not enough data: {words}").format(words=cell.words)
    against = (
        ""
        if cell.verdict in ("inconclusive", "as the whole")
        else _("; the effect here: {words}").format(words=cell.words)
    )
    if kind == HATCHED:
        return _("no difference from overall{against}").format(against=against)
    return f"{scale.ends[int(scale.places(np.array([cell.deviation]))[0] > 0)]}{against}"


def _lattice(regions: EffectRegions) -> dict[str, Any]:
    hexagons, owners = regions.effect_map.hexagons, regions.effect_map.owners
    if hexagons is None:
        return {"places": []}
    return {
        "origin": list(hexagons.origin),
        "size": hexagons.size,
        "corners": [list(corner) for corner in CORNERS],
        "places": hexagons.places.tolist(),
        "owners": None if owners is None else owners.tolist(),
    }
