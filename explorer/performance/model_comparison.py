"""Model comparison: how models perform, which is better, where each is weak; on the same rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.core.errors import ModelError, unknown_name
from explorer.core.gettext import _
from explorer.core.json_values import result_document
from explorer.performance.density import PredictionDensity, prediction_densities
from explorer.performance.pair_map import pair_map
from explorer.performance.performance import ALPHA, measure_models
from explorer.performance.reliability import Reliability
from explorer.performance.scorer import DECIDING, additive_scorers
from explorer.performance.slice import slices_of, weakest_slices
from explorer.stats.classification.threshold_curves import (
    gain_of_counts,
    precision_recall_of_counts,
    roc_of_counts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.experiment.analysis.effect_map_regions import Labelled, MapLike
    from explorer.features.segments import Segments
    from explorer.map.regions.region import Regions
    from explorer.performance.model_predictions import Kind, ModelPredictions
    from explorer.performance.pair_map import PairMap
    from explorer.performance.performance import ModelFigure, ModelPair
    from explorer.performance.slice import Slice
    from explorer.stats.classification.confusion import Confusion
    from explorer.stats.classification.threshold_curves import GainCurve, PrecisionRecall, RocCurve
    from explorer.stats.repeated import RepeatedRows
    from projections.errors import Progress

__all__ = ["Curves", "ModelComparison"]

_FEWEST = 30  # rows below which nothing is said to know the truth
_KNOWS = (
    ("roc_auc", "AUC", 0.99),
    ("roc_auc_ovr", "AUC", 0.99),
    ("balanced_accuracy", _("balanced accuracy"), 0.99),
    ("r2", "R²", 0.99**2),
)  # as features that give a target away
_DRAWN = 400  # points of a curve that are written to a document


class Curves(NamedTuple):
    """The threshold curves of a model, exact: a point for each different score."""

    roc: RocCurve
    precision_recall: PrecisionRecall
    gain: GainCurve


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelComparison:
    """Models on the same rows; made by `explorer.compare_models`.

    Parameters
    ----------
    truth : str
        Column.
    columns : dict of str to str or dict
        Column of each model's prediction, or its columns by class.
    kind : {"binary", "multiclass", "regression"}
    positive : str, optional
        Level that counts as 1.
    unit, where : str, optional
    by : tuple of str
        Columns of slices.
    missing : dict of str to int
        Rows with a truth in which each model's prediction is missing; they are left out for all.
    notes : list of str
        What was left out, and what may be wrong.
    n_rows : int
        Rows of the table.
    fingerprint : str
        Of the table.
    predicted : ModelPredictions
        The rows that are compared.
    segments : dict of str to Segments
        Of each column of slices, over all rows of the table.
    seconds : float
        To read the columns.
    """

    truth: str
    columns: Mapping[str, Any]
    kind: Kind
    predicted: ModelPredictions
    n_rows: int
    fingerprint: str
    positive: str | None = None
    unit: str | None = None
    where: str = ""
    by: tuple[str, ...] = ()
    missing: Mapping[str, int] = field(default_factory=dict)
    reading_notes: Sequence[str] = ()
    segments: Mapping[str, Segments] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def repeated(self) -> RepeatedRows | None:
        """Rows that seem to belong together; None if none do, or the unit was named or declined."""
        return self.predicted.repeated

    def measure(self, progress: Progress | None = None) -> ModelComparison:
        """Compute the figures and their differences now, not when looked at; returns itself.

        Parameters
        ----------
        progress : callable, optional
            Called with "figures", and figures done and to do; where it returns False, `Cancelled`
            is raised.
        """
        if "_measured" not in self.__dict__:
            self.__dict__["_measured"] = measure_models(self.predicted, progress)
        return self

    @cached_property
    def _measured(self) -> tuple[dict[str, dict[str, ModelFigure]], list[ModelPair]]:
        return measure_models(self.predicted)

    @property
    def models(self) -> dict[str, dict[str, ModelFigure]]:
        """By model, by scikit-learn's name of the scorer: value, low, high, exact.

        Greater is always better.
        """
        return self._measured[0]

    @property
    def paired(self) -> list[ModelPair]:
        """Every pair of models in every figure that both have."""
        return self._measured[1]

    @property
    def n(self) -> int:
        """Rows that are compared."""
        return self.predicted.n

    @property
    def deciding(self) -> str:
        """The figure by which models are compared first."""
        return DECIDING[self.kind]

    @cached_property
    def calibration(self) -> dict[str, Reliability]:
        """Of the models that state probabilities of one class."""
        grouped = self.predicted.unit is not None and self.predicted.n_units < self.n
        return {
            name: Reliability(self.predicted.counts(name), grouped)
            for name in self.predicted.names
            if self.kind == "binary" and self.predicted.forms[name] == "probability"
        }

    @cached_property
    def curves(self) -> dict[str, Curves]:
        """ROC, precision and recall, and gain of every model of two classes."""
        if self.kind != "binary":
            return {}
        some = {name: self.predicted.counts(name) for name in self.predicted.names}
        return {
            name: Curves(
                roc_of_counts(counts), precision_recall_of_counts(counts), gain_of_counts(counts)
            )
            for name, counts in some.items()
        }

    @cached_property
    def slices(self) -> list[Slice]:
        """By column, model, figure and slice."""
        return slices_of(self.predicted, self.segments)

    def weakest(self, metric: str | None = None, model: str | None = None) -> list[Slice]:
        """Return slices in which a model does worse than elsewhere beyond chance.

        The surest large gap first.

        Parameters
        ----------
        metric : str, optional
            Default: the AUC where slices were tested by it, which asks less of the rate of ones in
            a slice than a loss does; else the sharpest mean over rows that the first model has.
        model : str, optional
            Default: any.
        """
        return weakest_slices(self.slices, metric or self.slice_metric, model)

    @property
    def slice_metric(self) -> str:
        """The figure by which the weakest slices are ranked."""
        if any(
            slice_.metric == "roc_auc" and slice_.difference == slice_.difference
            for slice_ in self.slices
        ):
            return "roc_auc"
        return next(iter(additive_scorers(self.predicted, self.predicted.names[0])), "")

    def rows_of(self, by: str, label: str) -> NDArray[np.int64]:
        """Return the rows of the table that are compared and lie in a slice, ascending.

        Raises
        ------
        UnknownName
            For a column that was not asked for, or a slice that it does not have.
        """
        if by not in self.segments:
            raise unknown_name("column of slices", by, self.segments)
        labels = list(self.segments[by].labels)
        if label not in labels:
            raise unknown_name("slice", label, labels)
        rows = self.predicted.rows
        return np.asarray(rows[self.segments[by].codes[rows] == labels.index(label)])

    def confusion(self, name: str, threshold: float | None = None) -> Confusion:
        """Count the rows of a model by true and by called class.

        Parameters
        ----------
        name : str
        threshold : float, optional
            Of two classes: from which score on a row is called 1; default: that of the comparison.

        Raises
        ------
        ModelError
            For numbers; and without a threshold for scores that are no probabilities.
        """
        if name not in self.predicted.values:
            raise unknown_name("model", name, self.predicted.values)
        if self.kind == "regression":
            raise ModelError("numbers have no confusion: it is of classes")
        if threshold is None and self.predicted.forms[name] == "score":
            raise ModelError(
                f"{name!r} is no probability: give the threshold from which on a row is called 1"
            )
        return self.predicted.confusion(name, threshold)

    def on_map(
        self,
        m: MapLike,
        a: str,
        b: str,
        metric: str | None = None,
        regions: int | Labelled | Regions = 100,
    ) -> PairMap:
        """Compare two models in the regions of a map.

        See `explorer.performance.pair_map.pair_map`.
        """
        if m.fingerprint != self.fingerprint:
            raise ModelError(
                f"the map belongs to another table ({m.fingerprint[:12]}…, "
                f"the comparison's is {self.fingerprint[:12]}…): project this table"
            )
        return pair_map(self.predicted, m, a, b, metric, regions, self.n_rows)

    def densities(
        self, name: str, width: int = 400, height: int = 400
    ) -> tuple[PredictionDensity, PredictionDensity]:
        """Count all rows by predicted and actual, and by predicted and residual.

        See `explorer.performance.density.prediction_densities`.

        Raises
        ------
        ModelError
            Where predictions are no numbers.
        """
        if self.kind != "regression":
            raise ModelError(
                "residuals are of numbers (kind='regression'); classes have curves and a confusion"
            )
        if name not in self.predicted.values:
            raise unknown_name("model", name, self.predicted.values)
        return prediction_densities(
            self.predicted.truth, self.predicted.values[name], width, height
        )

    @cached_property
    def notes(self) -> list[str]:
        """What was left out, and what may be wrong."""
        notes = [*([self.repeated.words] if self.repeated else []), *self.reading_notes]
        notes += [self._leak_note(name) for name in self.models if self._leak_note(name)]
        if self.kind == "binary":
            notes += [
                _(
                    "{name}: AUC {auc:.3f}, clearly below .5; "
                    "is it the probability of the other class?"
                ).format(name=name, auc=figures["roc_auc"].value)
                for name, figures in self.models.items()
                if figures["roc_auc"].high < 0.5
            ]
            notes += [self._call_note(name) for name in self.models if self._call_note(name)]
        return notes

    def _leak_note(self, name: str) -> str:
        """Say it where a prediction is so near the truth that it may know it."""
        figures = self.models[name]
        for metric, text, least in _KNOWS:
            if metric in figures and self.n >= _FEWEST and figures[metric].low >= least:
                return _(
                    "{name}: {text} {value:.3f}; was {truth} used to make the prediction, "
                    "or one of its features?"
                ).format(name=name, text=text, value=figures[metric].value, truth=self.truth)
        return ""

    def _call_note(self, name: str) -> str:
        """Say where a model calls all rows alike: figures of calls then tell nothing of it."""
        least, levels = self.predicted.threshold, self.predicted.levels
        if self.predicted.forms[name] == "score":
            return ""
        score = self.predicted.values[name]
        if not (score >= least).any():
            return _(
                "{name} predicts {levels} for no row: figures of predicted classes say "
                "little; choose another threshold"
            ).format(name=name, levels=levels[1])
        return (
            _(
                "{name} predicts {levels} for every row: figures of predicted classes say little"
            ).format(name=name, levels=levels[1])
            if (score >= least).all()
            else ""
        )

    @property
    def method(self) -> str:
        """Sentences for the methods section."""
        unit = _("units of {unit!r}").format(unit=self.unit) if self.unit else "rows"
        how = {
            "binary": _("AUC by DeLong's method")
            + (
                (" " + _("as extended to repeated units by Obuchowski,") + " ")
                if self.unit
                else ", "
            )
            + ("" if self.unit else (_("accuracy by McNemar's test,") + " "))
            + _("other figures by the infinitesimal jackknife over {unit}").format(unit=unit),
            "multiclass": ("" if self.unit else (_("accuracy by McNemar's test,") + " "))
            + _("other figures by the infinitesimal jackknife over {unit}").format(unit=unit),
            "regression": _(
                "medians by a bootstrap, other figures by the infinitesimal jackknife over {unit}"
            ).format(unit=unit),
        }[self.kind]
        calls = (
            (
                " "
                + _("A row was predicted as 1 from a probability of {threshold:g}.").format(
                    threshold=self.predicted.threshold
                )
            )
            if self.kind == "binary"
            else ""
        )
        return _(
            "{count} models were compared on the same {n:,} rows, those where {truth!r} "
            "and every prediction are there: {how}. Differences in {deciding} were "
            "corrected by Holm's method, all others by Benjamini and Hochberg's; slices "
            "of all figures together by the latter.{calls} Calibration is CORP "
            "(Dimitriadis, Gneiting and Jordan 2021). Levels of significance: {first_level:g} "
            "and {second_level:g}."
        ).format(
            count=len(self.predicted.names),
            n=self.n,
            truth=self.truth,
            how=how,
            deciding=self.deciding,
            calls=calls,
            first_level=ALPHA[0],
            second_level=ALPHA[1],
        )

    def to_arrow(self) -> pa.Table:
        """Return a row per model and figure: model, metric, value, low, high, error, exact, n."""
        import pyarrow as pa

        rows = [
            {"model": name, "metric": metric, **asdict(figure), "n": self.n}
            for name, figures in self.models.items()
            for metric, figure in figures.items()
        ]
        numbers = [(name, pa.float64()) for name in ("value", "low", "high", "error")]
        schema = [
            ("model", pa.string()),
            ("metric", pa.string()),
            *numbers,
            ("exact", pa.bool_()),
            ("n", pa.int64()),
        ]
        return pa.Table.from_pylist(rows, schema=pa.schema(schema))

    def document(self) -> dict[str, Any]:
        """Return everything but the rows as JSON, NaN as null.

        Curves of many points are thinned to 400 that draw the same line.
        """
        return result_document(
            self,
            (
                "truth kind positive unit by where missing notes n_rows n deciding fingerprint "
                "seconds method"
            ),
            predictions=self.columns,
            threshold=self.predicted.threshold,
            levels=self.predicted.levels,
            repeated=self.repeated,
            n_units=self.predicted.n_units,
            forms=self.predicted.forms,
            models=self.models,
            paired=self.paired,
            calibration=self.calibration,
            curves={name: _curves(curves) for name, curves in self.curves.items()},
            slices=self.slices,
        )


def _curves(curves: Curves) -> dict[str, Any]:
    return {name: vars(curve.thinned(_DRAWN)) for name, curve in curves._asdict().items()}
