"""Judged chunks: the tests of features by chunk as scores, cells and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.drift.analysis.drift_cell import Alarm, DriftCell, alarm_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.drift.analysis.chunk_tests import DriftTest
    from explorer.drift.analysis.feature_drift import FeatureDrift
    from explorer.drift.analysis.timetable import Chunk

__all__ = ["JudgedChunks"]

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
_STATISTICS = {"creep": _("moving mean"), "missing": "missing", "distance": "", "range": "range"}


@dataclass(frozen=True, eq=False)
class JudgedChunks:
    """Features by chunks, each with its tests.

    Parameters
    ----------
    timetable : tuple of Chunk
    measured : tuple of FeatureDrift
    tests : tuple of DriftTest
    """

    timetable: tuple[Chunk, ...]
    measured: tuple[FeatureDrift, ...]
    tests: tuple[DriftTest, ...]

    @cached_property
    def cells(self) -> tuple[DriftCell, ...]:
        """A cell a feature and chunk; features as in the table, chunks in the order of time."""
        return tuple(
            self._cell(drift, i) for drift in self.measured for i in range(len(self.timetable))
        )

    def alarms(self, seasonal: bool = False) -> tuple[Alarm, ...]:
        """Return what is an alarm, or may be a season, in the order of time."""
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

    def test(self, feature: str, name: str) -> DriftTest | None:
        """Return one test of a feature; None where nothing was judged."""
        return next((judged for judged in self._of(feature) if judged.test == name), None)

    def expected(self, feature: str) -> tuple[float, float]:
        """Return mean and standard deviation of the feature's distance in the reference.

        Over its chunks; ddof 1.
        """
        drift = self.measured[self._place[feature]]
        some = drift.value[[chunk.reference and chunk.judged for chunk in self.timetable]]
        some = some[np.isfinite(some)]
        nan = float("nan")
        return float(some.mean()) if len(some) else nan, float(some.std(ddof=1)) if len(
            some
        ) > 1 else nan

    @cached_property
    def _place(self) -> dict[str, int]:
        return {drift.feature: place for place, drift in enumerate(self.measured)}

    def _of(self, feature: str) -> list[DriftTest]:
        return self._by_feature.get(feature, [])

    @cached_property
    def _by_feature(self) -> dict[str, list[DriftTest]]:
        tests: dict[str, list[DriftTest]] = {}
        for test in self.tests:
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
        place = self._place[drift.feature]
        main = self.test(drift.feature, "distance")
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
