"""Block: one metric and one arm over the whole, over the segments of a column, or over the regions of a map."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from explorer.experiments.verdict import verdict_of
from explorer.inference.power import detectable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.experiments.effects import Effects
    from explorer.experiments.measured import Measured
    from explorer.experiments.verdict import Verdict

    Floats = NDArray[np.float64]

__all__ = ["ALL", "Block"]

ALL = "all"


@dataclass(eq=False)
class Block:
    """Cells of one metric and one arm that are looked at together.

    Parameters
    ----------
    measured : Measured
    arm : str
    by : str
        Column of the segments; "" for the whole and for regions.
    labels : sequence of str
        Segments, regions, or "all".
    effects : Effects
        Adjusted for the value from before, where the metric has one.
    plain : Effects, optional
        Not adjusted, where `effects` is.
    reasons : list of str
        Why a cell says nothing, by cell; empty where it does.
    distrust : list of str
        Why a cell is not to be trusted, by cell; empty where it is.
    family : str
        Name of the family of tests.
    """

    measured: Measured
    arm: str
    by: str
    labels: Sequence[str]
    effects: Effects
    plain: Effects | None = None
    on_map: bool = False
    reasons: list[str] = field(default_factory=list)
    distrust: list[str] = field(default_factory=list)
    family: str = ""
    p_value: Floats = field(default_factory=lambda: np.empty(0))
    p_adjusted: Floats = field(default_factory=lambda: np.empty(0))
    coverage: float = 0.95
    opened: bool = True
    omnibus: float = float("nan")
    turned: float = float("nan")
    deviation: Floats | None = None
    deviation_error: Floats | None = None
    deviation_adjusted: Floats | None = None
    shrunk: Floats | None = None
    sequence: tuple[Floats, Floats] | None = None
    waiting: str = ""
    verdicts: list[tuple[Verdict, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Cells."""
        return len(self.labels)

    @property
    def testable(self) -> NDArray[np.bool_]:
        """Cells with a test: trusted or not, but with enough data."""
        return np.array([not reason for reason in self.reasons], np.bool_)

    @property
    def error(self) -> Floats:
        """Standard error of each difference."""
        return self.effects.error

    @property
    def detectable(self) -> Floats:
        """Smallest effect that would be found with a power of .8 at .05, in the metric's unit."""
        return detectable(self.error)

    def judge(self, alpha: Sequence[float]) -> None:
        """Give every cell its verdict, from its reasons and its corrected p-value."""
        goal, value = self.measured.metric.goal, self.effects.estimate.value
        self.verdicts = [
            ("untrusted", 0) if wrong else ("not enough data", 0) if few else verdict_of(float(d), float(p), goal, alpha)
            for wrong, few, d, p in zip(self.distrust, self.reasons, value, self.p_adjusted, strict=True)
        ]  # fmt: skip
