"""Drift: a stream's features, predictions and truth in each chunk, and what is an alarm."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ModelError
from explorer.core.gettext import _, ngettext
from explorer.core.json_values import result_document
from explorer.drift.analysis.chunk_tests import RULE
from explorer.drift.analysis.drift_cell import Alarm, DriftCell
from explorer.drift.analysis.judged_chunks import JudgedChunks
from explorer.drift.analysis.timetable import FEWEST_CHUNKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.drift.analysis.chunk_performance import ChunkPerformance
    from explorer.drift.analysis.chunk_tests import DriftTest
    from explorer.drift.analysis.feature_drift import FeatureDrift
    from explorer.drift.analysis.multivariate_drift import MultivariateDrift
    from explorer.drift.analysis.timetable import Chunk
    from projections.errors import Progress

__all__ = ["Drift"]


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
        return self._judged_chunks.cells

    @cached_property
    def alarms(self) -> tuple[Alarm, ...]:
        """What is an alarm, in the order of time.

        Of a feature and chunk the distance where it is one, else values outside the range, missing
        values, creep.
        """
        return self._judged_chunks.alarms()

    @cached_property
    def seasonal(self) -> tuple[Alarm, ...]:
        """What would be an alarm, and may be a season that the reference is too short to know.

        In the order of time.
        """
        return self._judged_chunks.alarms(seasonal=True)

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
    def _judged_chunks(self) -> JudgedChunks:
        return JudgedChunks(self.timetable, self.measured, self.judgements)

    @property
    def scores(self) -> NDArray[np.float64]:
        """Return what is furthest beyond its limit, (features, chunks).

        1 is the limit; NaN where nothing is judged.
        """
        return self._judged_chunks.scores

    @property
    def alarmed(self) -> NDArray[np.bool_]:
        """Where there is an alarm, (features, chunks)."""
        return self._judged_chunks.alarmed

    @property
    def maybe_seasonal(self) -> NDArray[np.bool_]:
        """Where there is a change that may be a season, (features, chunks)."""
        return self._judged_chunks.maybe_seasonal

    def judgement(self, feature: str, test: str) -> DriftTest | None:
        """Return one test of a feature; None where nothing was judged."""
        return self._judged_chunks.test(feature, test)

    def expected(self, feature: str) -> tuple[float, float]:
        """Return mean and standard deviation of the feature's distance in the reference.

        Over its chunks; ddof 1.
        """
        return self._judged_chunks.expected(feature)

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
                    ngettext(
                        "{metric} is worse than usual in {count:,} chunk, first {worse}",
                        "{metric} is worse than usual in {count:,} chunks, first {worse}",
                        len(worse),
                    ).format(metric=metric.metric, count=len(worse), worse=worse[0])
                )
        return "; ".join(sentences)

    @property
    def words(self) -> str:
        """What was found, in a sentence or two."""
        first = _("; the first: {words}").format(words=self.alarms[0].words) if self.alarms else ""
        fit = self.performance_words and _(". Performance: {performance_words}").format(
            performance_words=self.performance_words
        )
        return f"{self.headline}{first}{fit}"

    @property
    def headline(self) -> str:
        """How many alarms there are, or why nothing is judged."""
        fresh = [chunk for chunk in self.timetable if chunk.judged and not chunk.reference]
        if not self.judged:
            return _(
                "{features:,} features in {chunks:,} chunks; the reference has fewer than "
                "{fewest_chunks} chunks, so it is not known how much chunks differ by "
                "chance, and nothing is tested: choose shorter chunks or a longer reference"
            ).format(
                features=len(self.features),
                chunks=len(self.timetable),
                fewest_chunks=FEWEST_CHUNKS,
            )
        several = _("{features:,} features in {chunks:,} chunks after the reference").format(
            features=len(self.features), chunks=len(fresh)
        )
        if not self.alarms:
            return _("{several}: no alarm{seasonal_words}").format(
                several=several, seasonal_words=self.seasonal_words and f"; {self.seasonal_words}"
            )
        named = dict.fromkeys(alarm.feature for alarm in self.alarms)
        alarms = ngettext("{count:,} alarm", "{count:,} alarms", len(self.alarms))
        features = ngettext("{count:,} feature", "{count:,} features", len(named))
        text = _("{several}: {alarms} in {features}").format(
            several=several,
            alarms=alarms.format(count=len(self.alarms)),
            features=features.format(count=len(named)),
        )
        return f"{text}; {self.seasonal_words}" if self.seasonal_words else text

    @property
    def seasonal_words(self) -> str:
        """How many changes may be a season; empty where none may."""
        named = dict.fromkeys(alarm.feature for alarm in self.seasonal)
        if not named:
            return ""
        return ngettext(
            "{count:,} more changes in {features:,} feature may be a season: the reference "
            "is too short to show it",
            "{count:,} more changes in {features:,} features may be a season: the reference "
            "is too short to show it",
            len(named),
        ).format(count=len(self.seasonal), features=len(named))

    @property
    def method(self) -> str:
        """Sentences for the methods section."""
        return _(
            "Rows were taken by {chunk} along {time!r} and compared with {reference}. "
            "Numbers were counted in bins frozen from {sample:,} random rows of the "
            "reference, with exact counts below, above and missing; their Wasserstein "
            "distance in standard deviations of the reference is shown, of categories "
            "the Jensen–Shannon distance to base 2. {seasons} Each chunk was tested for "
            "a sudden change of the distribution, for slow creep by an exponentially "
            "weighted moving mean, for values outside the range of the reference, and "
            "for missing values, against what the reference's chunks differ by among "
            "themselves, with variances that all features inform (Smyth 2004) and "
            "p-values averaged over the autocorrelations of chunks (up to .88) that the "
            "reference does not exclude. An alarm needs a family-wise level of {alpha:g} "
            "over all features and chunks, most of it spent over the first {horizon} "
            "chunks and shared within each by Holm's procedure, and an effect of "
            "{floor:g} standard deviations."
        ).format(
            chunk=self.chunk,
            time=self.time,
            reference=self.reference,
            sample=self.sample,
            seasons=self.seasons,
            alpha=RULE.alpha,
            horizon=RULE.horizon,
            floor=RULE.floor,
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
            (
                "time chunk reference truth prediction where seasons features left_out sample "
                "notes n_rows fingerprint seconds judged words method"
            ),
            alarms=list(self.alarms),
            seasonal=list(self.seasonal),
            chunks=list(self.chunks),
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


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = {"str": pa.string(), "float": pa.float64(), "int": pa.int64(), "bool": pa.bool_()}
    return pa.schema(
        [(name, kinds[str(field.type)]) for name, field in DriftCell.__dataclass_fields__.items()]
    )
