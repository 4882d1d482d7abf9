"""Drift: a stream's features, predictions and truth in each chunk, and what is an alarm."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ModelError
from explorer.core.json_values import result_document
from explorer.drift.analysis.chunk_tests import RULE
from explorer.drift.analysis.drift_cell import Alarm, DriftCell, alarm_words
from explorer.drift.analysis.timetable import FEWEST_CHUNKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.drift.analysis.chunk_performance import ChunkPerformance
    from explorer.drift.analysis.chunk_tests import DriftTest
    from explorer.drift.analysis.feature_drift import FeatureDrift
    from explorer.drift.analysis.multivariate_drift import MultivariateDrift
    from explorer.drift.analysis.timetable import Chunk
    from projections.errors import Progress

__all__ = ["Drift"]

_FIGURES = (
    "value",
    "bound",
    "missing",
    "below",
    "above",
    "new_rate",
    "mean",
    "psi",
    "psi_floor",
    "ks",
    "js",
    "chi2",
)
_STATISTICS = {"creep": "moving mean", "missing": "missing", "distance": "", "range": "range"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Drift:
    """Features by chunk, against a reference.

    Parameters
    ----------
    time, chunk : str
        Column of the times, and how rows fall into chunks.
    reference : str
        Which rows are the reference, in words.
    timetable : tuple of Chunk
        In the order of time; those of a reference that was named come before others of the same
        stretch.
    measured : tuple of FeatureDrift
    judgements : tuple of DriftTest
    performance : tuple of ChunkPerformance
        Metrics over time, where a prediction was named; empty without.
    left_out : mapping of str to str
        Columns that are not looked at, and why.
    sample : int
        Rows of the reference from which the edges of bins were read.
    """

    time: str
    chunk: str
    reference: str
    timetable: tuple[Chunk, ...]
    measured: tuple[FeatureDrift, ...]
    judgements: tuple[DriftTest, ...]
    performance: tuple[ChunkPerformance, ...] = ()
    truth: str | None = None
    prediction: str | None = None
    where: str = ""
    seasons: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    sample: int = 0
    notes: list[str] = field(default_factory=list)
    n_rows: int = 0
    fingerprint: str = ""
    seconds: float = 0.0
    domain: Callable[[Progress | None], MultivariateDrift] | None = field(default=None, repr=False)
    likely: Callable[[Progress | None], NDArray[np.float32]] | None = field(
        default=None, repr=False
    )

    @property
    def features(self) -> tuple[str, ...]:
        """What is looked at: features, then prediction and truth."""
        return tuple(drift.feature for drift in self.measured)

    @cached_property
    def chunks(self) -> tuple[DriftCell, ...]:
        """A row a feature and chunk; features as in the table, chunks in the order of time."""
        return tuple(
            self._cell(drift, i) for drift in self.measured for i in range(len(self.timetable))
        )

    @cached_property
    def alarms(self) -> tuple[Alarm, ...]:
        """What is an alarm, in the order of time.

        Of a feature and chunk the distance where it is one, else values outside the range, missing
        values, creep.
        """
        return self._told(seasonal=False)

    @cached_property
    def seasonal(self) -> tuple[Alarm, ...]:
        """What would be an alarm, and may be a season that the reference is too short to know.

        In the order of time.
        """
        return self._told(seasonal=True)

    def _told(self, seasonal: bool) -> tuple[Alarm, ...]:
        alarming = [
            (i, drift)
            for drift in self.measured
            for i in range(len(self.timetable))
            if self._alarming(drift.feature, i, seasonal)
            and not (seasonal and self._alarming(drift.feature, i))
        ]
        return tuple(
            self._alarm(drift, i, seasonal)
            for i, drift in sorted(alarming, key=lambda pair: pair[0])
        )

    @cached_property
    def multivariate(self) -> MultivariateDrift:
        """How well a classifier tells the rows of each chunk from those of the reference.

        Computed when first looked at.
        """
        return self.tell_chunks()

    def tell_chunks(self, progress: Progress | None = None) -> MultivariateDrift:
        """Compute `multivariate`, unless it is there.

        Parameters
        ----------
        progress : callable, optional
            Called with "chunks", and chunks done and to do; where it returns False, `Cancelled` is
            raised.
        """
        if "multivariate" not in self.__dict__:
            if self.domain is None:
                raise ModelError(
                    "this drift was read from a file and has no rows: compute it again"
                )
            self.__dict__["multivariate"] = self.domain(progress)
        multivariate: MultivariateDrift = self.__dict__["multivariate"]
        return multivariate

    def probability(self, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return how much more each row looks like those after the reference than like those of it.

        By a classifier, cross-fitted, of a sample of either; it takes a while.

        Parameters
        ----------
        progress : callable, optional
            Called with "rows", and rows done and to do; where it returns False, `Cancelled` is
            raised.

        Returns
        -------
        ndarray of shape (num_rows of the table,), float32
            0 to 1, ½ for neither.
        """
        if self.likely is None:
            raise ModelError("this drift was read from a file and has no rows: compute it again")
        return self.likely(progress)

    @property
    def judged(self) -> bool:
        """Whether the reference has chunks enough to say what is usual."""
        return sum(chunk.judged and chunk.reference for chunk in self.timetable) >= FEWEST_CHUNKS

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """Return what is furthest beyond its limit, (features, chunks).

        1 is the limit; NaN where nothing is judged.
        """
        if not self.measured:
            return np.empty((0, len(self.timetable)))
        size = len(self.timetable)
        return np.stack(
            [_largest([j.score for j in self._of(drift.feature)], size) for drift in self.measured]
        )

    @cached_property
    def alarmed(self) -> NDArray[np.bool_]:
        """Where there is an alarm, (features, chunks)."""
        return self._where("alarm")

    @cached_property
    def maybe_seasonal(self) -> NDArray[np.bool_]:
        """Where there is a change that may be a season, (features, chunks)."""
        return self._where("seasonal")

    def _where(self, name: str) -> NDArray[np.bool_]:
        none = np.zeros(len(self.timetable), bool)
        return np.array(
            [
                np.any([none, *(getattr(j, name) for j in self._of(drift.feature))], axis=0)
                for drift in self.measured
            ]
        ).reshape(-1, len(none))

    def judgement(self, feature: str, test: str) -> DriftTest | None:
        """Return one test of a feature; None where nothing was judged."""
        return next((judged for judged in self._of(feature) if judged.test == test), None)

    def expected(self, feature: str) -> tuple[float, float]:
        """Return mean and standard deviation of the feature's distance in the reference.

        Over its chunks; ddof 1.
        """
        drift = self.measured[self.features.index(feature)]
        some = drift.value[[chunk.reference and chunk.judged for chunk in self.timetable]]
        some = some[np.isfinite(some)]
        nan = float("nan")
        return float(some.mean()) if len(some) else nan, float(some.std(ddof=1)) if len(
            some
        ) > 1 else nan

    @property
    def performance_words(self) -> str:
        """Which metrics fell below what is usual, and when first; empty where none did.

        They are no alarms of features.
        """
        sentences = []
        for metric in self.performance:
            worse = [
                chunk.label
                for chunk, below in zip(self.timetable, metric.worse, strict=True)
                if chunk.judged and not chunk.reference and below
            ]
            if worse:
                sentences.append(
                    f"{metric.metric} is worse than usual in {len(worse):,} "
                    f"chunk{'s' if len(worse) > 1 else ''}, first {worse[0]}"
                )
        return "; ".join(sentences)

    @property
    def words(self) -> str:
        """What was found, in a sentence or two."""
        fit = self.performance_words
        return f"{self._alarm_words}. Performance: {fit}" if fit else self._alarm_words

    @property
    def _alarm_words(self) -> str:
        fresh = [chunk for chunk in self.timetable if chunk.judged and not chunk.reference]
        if not self.judged:
            return (
                f"{len(self.features):,} features in {len(self.timetable):,} chunks; "
                f"the reference has fewer than {FEWEST_CHUNKS} chunks, "
                "so how much chunks differ among themselves is not known and nothing is judged: "
                "choose shorter chunks or a longer reference"
            )
        several = f"{len(self.features):,} features in {len(fresh):,} chunks after the reference"
        if not self.alarms:
            return f"{several}: no alarm{self.seasonal_words and f'; {self.seasonal_words}'}"
        named = dict.fromkeys(alarm.feature for alarm in self.alarms)
        return (
            f"{several}: {len(self.alarms):,} alarm{'s' if len(self.alarms) > 1 else ''} "
            f"in {len(named):,} feature{'s' if len(named) > 1 else ''}"
            f"{self.seasonal_words and f'; {self.seasonal_words}'}; "
            f"the first: {self.alarms[0].words}"
        )

    @property
    def seasonal_words(self) -> str:
        """How many changes may be a season; empty where none may."""
        named = dict.fromkeys(alarm.feature for alarm in self.seasonal)
        if not named:
            return ""
        return (
            f"{len(self.seasonal):,} more changes in {len(named):,} "
            f"feature{'s' if len(named) > 1 else ''} may be a season, "
            "since the reference is too short to know it"
        )

    @property
    def method(self) -> str:
        """Sentences for the methods section."""
        return (
            f"Rows were taken by {self.chunk} along {self.time!r} and compared with "
            f"{self.reference}. Numbers were counted in bins frozen "
            f"from {self.sample:,} random rows of the reference, with exact counts below, above "
            "and missing; their Wasserstein distance in standard deviations "
            "of the reference is shown, of categories the Jensen–Shannon distance to base 2. "
            f"{self.seasons} Each chunk was tested for a sudden change of the distribution, for "
            "slow creep by an exponentially weighted moving mean, for values outside the range of "
            "the reference, and for missing "
            "values, against what the reference's chunks differ by among themselves, with "
            "variances that all features inform (Smyth 2004) and p-values averaged over the "
            "autocorrelations of chunks (up to .88) that the reference does not exclude. "
            f"An alarm needs a family-wise level of {RULE.alpha:g} over all features and chunks, "
            f"most of it spent over the first {RULE.horizon} chunks and shared within each by "
            "Holm's "
            f"procedure, and an effect of {RULE.floor:g} standard deviations."
        )

    def to_arrow(self) -> pa.Table:
        """Return a row per feature and chunk."""
        import pyarrow as pa

        names = tuple(DriftCell.__dataclass_fields__)
        return pa.table(
            {name: [getattr(cell, name) for cell in self.chunks] for name in names},
            schema=_schema(),
        )

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null; the multivariate part where it was computed."""
        return result_document(
            self,
            "time chunk reference truth prediction where seasons features left_out sample "
            "notes n_rows fingerprint seconds judged words method",
            alarms=[asdict(alarm) for alarm in self.alarms],
            seasonal=[asdict(alarm) for alarm in self.seasonal],
            chunks=[asdict(chunk) for chunk in self.chunks],
            performance=self._performance_rows(),
            multivariate=self.multivariate.document() if "multivariate" in self.__dict__ else None,
        )

    def _performance_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "metric": metric.metric,
                "chunk": chunk.label,
                "start": chunk.start,
                "rows": int(metric.rows[i]),
                "value": metric.value[i],
                "low": metric.low[i],
                "high": metric.high[i],
                "estimate": metric.estimate[i],
                "estimate_error": metric.estimate_error,
                "expected": metric.expected,
                "deviation": metric.deviation,
                "usual_low": metric.usual[0],
                "usual_high": metric.usual[1],
                "reference": chunk.reference,
            }
            for metric in self.performance
            for i, chunk in enumerate(self.timetable)
        ]

    def _of(self, feature: str) -> list[DriftTest]:
        return self._by_feature.get(feature, [])

    @cached_property
    def _by_feature(self) -> dict[str, list[DriftTest]]:
        tests: dict[str, list[DriftTest]] = {}
        for test in self.judgements:
            tests.setdefault(test.feature, []).append(test)
        return tests

    def _alarming(self, feature: str, i: int, seasonal: bool = False) -> list[DriftTest]:
        order = ("distance", "range", "missing", "creep")
        called = (
            test for test in self._of(feature) if (test.seasonal if seasonal else test.alarm)[i]
        )
        return sorted(called, key=lambda test: order.index(test.test))

    def _cell(self, drift: FeatureDrift, i: int) -> DriftCell:
        chunk = self.timetable[i]
        nan = float("nan")
        place = self.features.index(drift.feature)
        main = self.judgement(drift.feature, "distance")
        expected, deviation = self.expected(drift.feature)
        figures = {name: float(getattr(drift, name)[i]) for name in _FIGURES}
        return DriftCell(
            feature=drift.feature,
            role=drift.role,
            chunk=chunk.label,
            start=chunk.start,
            rows=chunk.rows,
            reference=chunk.reference,
            judged=chunk.judged,
            note=chunk.note,
            new_levels=int(drift.new_levels[i]),
            statistic=drift.statistic,
            expected=expected,
            deviation=deviation,
            score=float(self.scores[place, i]),
            threshold=float(main.threshold[i]) / drift.per_sd if main else nan,
            alarm=bool(self.alarmed[place, i]),
            seasonal=bool(self.maybe_seasonal[place, i] and not self.alarmed[place, i]),
            **figures,
        )

    def _alarm(self, drift: FeatureDrift, i: int, seasonal: bool) -> Alarm:
        chunk = self.timetable[i]
        most = self._alarming(drift.feature, i, seasonal)[0]
        value, threshold, statistic = (
            float(most.value[i]),
            float(most.threshold[i]),
            _STATISTICS[most.test],
        )
        if drift.constant and most.test != "missing":
            value, threshold, statistic = float(drift.value[i]), 0.0, drift.statistic
        elif most.test == "distance":
            value, threshold, statistic = (
                float(drift.value[i]),
                threshold / drift.per_sd,
                drift.statistic,
            )
        elif most.test == "missing":
            value, threshold = float(drift.missing[i]), float("nan")
        reference = [chunk.reference and chunk.judged for chunk in self.timetable]
        usual = float(
            np.average(
                drift.missing[reference],
                weights=[
                    chunk.rows for chunk in self.timetable if chunk.reference and chunk.judged
                ],
            )
        )
        if most.test == "missing":
            turned = float(2 * np.arcsin(np.sqrt(usual))) + float(np.sign(most.value[i])) * float(
                most.threshold[i]
            )
            threshold = float(np.sin(np.clip(turned, 0, np.pi) / 2) ** 2)
        expected = usual if most.test == "missing" else self.expected(drift.feature)[0]
        text = alarm_words(drift, most.test, chunk.label, i, value, threshold, expected)
        return Alarm(
            feature=drift.feature,
            chunk=chunk.label,
            start=chunk.start,
            statistic=statistic,
            value=value,
            threshold=threshold,
            score=float(most.score[i]),
            words=text,
        )


def _largest(scores: list[NDArray[np.float64]], chunks: int) -> NDArray[np.float64]:
    every = np.abs(np.array(scores).reshape(-1, chunks))
    return np.where(
        np.isnan(every).all(axis=0),
        np.nan,
        np.nanmax(np.where(np.isnan(every), -1.0, every), axis=0, initial=-1.0),
    )


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = {"str": pa.string(), "float": pa.float64(), "int": pa.int64(), "bool": pa.bool_()}
    return pa.schema(
        [(name, kinds[str(field.type)]) for name, field in DriftCell.__dataclass_fields__.items()]
    )
