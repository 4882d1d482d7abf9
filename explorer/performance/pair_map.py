"""Pair map: where on a map one model does better than another, region by region."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ModelError, unknown_name
from explorer.core.gettext import _
from explorer.core.json_values import result_document
from explorer.experiment.analysis.effect_map_regions import map_regions
from explorer.experiment.analysis.experiment_verdict import CellVerdict, style_of, verdict_of
from explorer.performance.performance import ALPHA
from explorer.performance.scorer import additive_scorers, row_scores
from explorer.performance.slice import FEWEST
from explorer.stats.repeated import NEEDS_UNIT
from explorer.stats.testing.fdr import adjusted
from explorer.stats.testing.mcnemar import mcnemar
from explorer.stats.testing.slice_contrasts import slice_contrasts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.experiment.analysis.effect_map_regions import Labelled, MapLike
    from explorer.experiment.analysis.hexagons import Hexagons
    from explorer.map.regions.region import Regions
    from explorer.performance.model_predictions import ModelPredictions

__all__ = ["PairMap", "PairRegion", "pair_map"]


@dataclass(frozen=True, kw_only=True)
class PairRegion:
    """Two models in one region.

    Parameters
    ----------
    region, metric, a, b : str
    n, n_units : int
        Rows and units of the region that are compared.
    value_a, value_b : float
        The figure of each model there, greater is better.
    difference, low, high : float
        b less a on the same rows, and the ends of its 95 % interval.
    p_value, p_adjusted : float
        Of no difference; corrected over the regions (Benjamini & Hochberg 1995). NaN below 30
        units, and where both do the same.
    verdict : {"better", "worse", "inconclusive", "not enough data", "untrusted"}
        Of b; not to be trusted where rows seem to belong together and nobody has named their unit.
    strength : int
    colour, glyph, words : str
    """

    region: str
    metric: str
    a: str
    b: str
    n: int
    n_units: int
    value_a: float
    value_b: float
    difference: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    verdict: CellVerdict
    strength: int
    colour: str
    glyph: str
    words: str


@dataclass(frozen=True, kw_only=True, eq=False)
class PairMap:
    """Two models in the regions of a map.

    Parameters
    ----------
    regions : list of PairRegion
        Those with rows that are compared.
    labels : sequence of str
        Of all regions.
    codes : ndarray of shape (rows of the table,), int32
        Region of each row, -1 in none.
    compared : ndarray of shape (n,), int64
        Rows that are compared.
    hexagons : Hexagons
        Where the regions are.
    owners : ndarray of shape (hexagons,), int32, optional
        Region that each hexagon is drawn for, -1 for none; None: each is a region.
    n_without : int
        Rows that are compared and lie in no region.
    """

    regions: list[PairRegion]
    labels: Sequence[str]
    codes: NDArray[np.int32]
    compared: NDArray[np.int64]
    hexagons: Hexagons
    owners: NDArray[np.int32] | None
    n_without: int

    def __len__(self) -> int:
        return len(self.regions)

    def rows_of(self, region: str) -> NDArray[np.int64]:
        """Return the rows of the table that are compared and lie in a region, ascending.

        Raises
        ------
        UnknownName
            For a region that does not exist.
        """
        labels = list(self.labels)
        if region not in labels:
            raise unknown_name("region", region, labels)
        inside = self.codes[self.compared] == labels.index(region)
        return np.asarray(self.compared[inside])

    @property
    def words(self) -> str:
        """How many regions say what, and of how many rows."""
        better = sum(region.verdict == "better" for region in self.regions)
        worse = sum(region.verdict == "worse" for region in self.regions)
        few = sum(region.verdict == "not enough data" for region in self.regions)
        if not self.regions:
            return _("no row that is compared lies on the map")
        first = self.regions[0]
        text = _(
            "{b} better than {a} in {better:,} regions, worse in {worse:,}, of {count:,} "
            "tested ({metric})"
        ).format(
            b=first.b,
            a=first.a,
            better=better,
            worse=worse,
            count=len(self.regions) - few,
            metric=first.metric,
        )
        if waiting := sum(region.verdict == "untrusted" for region in self.regions):
            text += _("; in {waiting:,} {needs_unit}").format(
                waiting=waiting, needs_unit=NEEDS_UNIT
            )
        n = sum(region.n for region in self.regions)
        rows = _("; {n:,} rows, {n_without:,} not on the map").format(n=n, n_without=self.n_without)
        return (
            text
            + (
                _("; {few:,} have fewer than {fewest} units").format(few=few, fewest=FEWEST)
                if few
                else ""
            )
            + rows
        )

    def to_arrow(self) -> pa.Table:
        """Return a row per region."""
        import pyarrow as pa

        return pa.Table.from_pylist([asdict(region) for region in self.regions], schema=_schema())

    def document(self) -> dict[str, Any]:
        """Return everything but the rows as JSON, NaN as null."""
        return result_document(self, ("regions n_without"), words=self.words)


def pair_map(
    predicted: ModelPredictions,
    m: MapLike,
    a: str,
    b: str,
    metric: str | None = None,
    regions: int | Labelled | Regions = 100,
    num_rows: int | None = None,
) -> PairMap:
    """Compare two models in the regions of a map.

    Parameters
    ----------
    predicted : ModelPredictions
    m : Map
        Of the same table.
    a, b : str
        Models; differences are b less a.
    metric : str, optional
        A figure that is a mean over rows: "neg_log_loss", "neg_brier_score", "accuracy",
        "neg_mean_absolute_error", "neg_mean_squared_error". Default: the first of these that both
        have.
    regions : int, (ndarray of shape (rows of the map,), sequence of str), or Regions
        About how many hexagons; or the region of each row of the map (negative: none) and the
        regions' names; or the map's named regions.
    num_rows : int, optional
        Rows of the table.

    Raises
    ------
    UnknownName
        For a model that is not compared.
    ModelError
        For a figure that cannot be read region by region, such as an AUC, whose pairs of rows lie
        across regions.
    """
    scorer = _scorer(predicted, a, b, metric)
    assigned = map_regions(m, regions)
    least = int(max(predicted.rows.max(initial=-1), m.rows.max(initial=-1))) + 1
    codes = np.full(num_rows or least, -1, np.int32)
    codes[m.rows] = assigned.codes
    here = codes[predicted.rows]
    return PairMap(
        regions=_regions(predicted, a, b, scorer, here, assigned.labels),
        labels=assigned.labels,
        codes=codes,
        compared=predicted.rows,
        hexagons=assigned.hexagons,
        owners=assigned.owners,
        n_without=int((here < 0).sum()),
    )


def _scorer(predicted: ModelPredictions, a: str, b: str, metric: str | None) -> str:
    for name in (a, b):
        if name not in predicted.values:
            raise unknown_name("model", name, predicted.values)
    both = [
        scorer
        for scorer in additive_scorers(predicted, a)
        if scorer in additive_scorers(predicted, b)
    ]
    if metric is None and both:
        return both[0]
    if metric not in both:
        can = " or ".join(both) if both else _("no figure that both models have")
        raise ModelError(
            f"a map compares models row by row, by {can}; came {metric!r}, "
            "which is no mean over rows of both"
        )
    return metric


def _regions(
    predicted: ModelPredictions,
    a: str,
    b: str,
    scorer: str,
    codes: NDArray[np.int32],
    labels: Sequence[str],
) -> list[PairRegion]:
    k, unit = len(labels), predicted.unit
    first, second = (row_scores(predicted, name, scorer) for name in (a, b))
    contrasts = slice_contrasts(second - first, codes, k, unit)
    values = [slice_contrasts(scores, codes, k).mean.value for scores in (first, second)]
    p, method = np.array(contrasts.mean.p_value), ""
    if scorer == "accuracy" and unit is None:
        inside = codes >= 0
        only = [
            np.bincount(codes[inside & right], minlength=k)
            for right in (first > second, second > first)
        ]
        p, method = mcnemar(*only).p_value, " (McNemar)"
    p[contrasts.units < FEWEST] = math.nan
    corrected, (low, high) = adjusted(p), contrasts.mean.interval()
    regions = []
    for i in np.flatnonzero(contrasts.n).tolist():
        few, note = contrasts.units[i] < FEWEST, method
        verdict, strength = verdict_of(
            float(contrasts.mean.value[i]), float(corrected[i]), "increase", ALPHA
        )
        if predicted.repeated is not None and not few:
            verdict, note = ("untrusted", f": {NEEDS_UNIT}") if strength else (verdict, note)
            strength, p[i], corrected[i] = 0, math.nan, math.nan
        look = style_of("not enough data" if few else verdict, strength)
        regions.append(
            PairRegion(
                region=labels[i],
                metric=scorer,
                a=a,
                b=b,
                n=int(contrasts.n[i]),
                n_units=int(contrasts.units[i]),
                value_a=float(values[0][i]),
                value_b=float(values[1][i]),
                difference=float(contrasts.mean.value[i]),
                low=float(low[i]),
                high=float(high[i]),
                p_value=float(p[i]),
                p_adjusted=float(corrected[i]),
                verdict="not enough data" if few else verdict,
                strength=strength,
                colour=look.colour,
                glyph=look.glyph,
                words=look.words if few else look.words + note,
            )
        )
    return regions


def _schema() -> pa.Schema:
    import pyarrow as pa

    text = dict.fromkeys(("str", "CellVerdict"), pa.string())
    types = text | {"int": pa.int64(), "float": pa.float64()}
    return pa.schema([(field.name, types[str(field.type)]) for field in fields(PairRegion)])
