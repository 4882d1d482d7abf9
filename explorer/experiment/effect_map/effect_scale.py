"""Effect scale: the colour of a region, from how far its effect lies from that of the whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.block import CellBlock
    from explorer.features.metric import Goal

__all__ = ["EffectScale", "scale_of"]

# worse, as the whole (the grey of "inconclusive"), better: of ColorBrewer's RdBu (Brewer 2003,
# doi:10.1559/152304003100010929), as the verdicts are. Without a better side: its PRGn. A dark page
# has its light ends outside and its dark grey within
_STOPS = {
    ("light", True): ("b2182b", "d6604d", "f4a582", "d9d9d9", "92c5de", "4393c3", "2166ac"),
    ("light", False): ("762a83", "9970ab", "c2a5cf", "d9d9d9", "a6dba0", "5aae61", "1b7837"),
    ("dark", True): ("ffa07e", "dc6a4c", "8e4a3e", "474b50", "37678f", "4a9bd6", "8fd0ff"),
    ("dark", False): ("e2b3ee", "ab76bb", "6c4f76", "474b50", "3f6b46", "5eaa66", "a3e3a6"),
}
_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_HALF = 1.959963984540054  # standard errors of half an interval at 95 %


@dataclass(frozen=True)
class EffectScale:
    """A scale that runs both ways from the effect of the whole.

    Parameters
    ----------
    reach : float
        The deviation at either end, above 0, in the metric's unit.
    goal : {"increase", "decrease"}, optional
        Which way is better; None: neither, and other colours say so.
    """

    reach: float
    goal: Goal | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """What the two ends mean, the one of the lower places first."""
        if self.goal is None:
            return _("lower than overall"), _("higher than overall")
        return _("worse than overall"), _("better than overall")

    def places(self, deviations: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where deviations lie, −1 (worse, or lower) to 1; NaN stays.

        Beyond the reach, at the end.
        """
        sign = -1.0 if self.goal == "decrease" else 1.0
        return np.asarray(np.clip(sign * deviations / self.reach, -1.0, 1.0))

    def deviation_at(self, place: float) -> float:
        """Return the deviation at a place from −1 to 1."""
        return (-1.0 if self.goal == "decrease" else 1.0) * place * self.reach

    def colours(self, deviations: NDArray[np.float64], theme: str = "light") -> NDArray[np.uint8]:
        """Return the colour of each deviation, (k, 3) uint8; that of none for NaN."""
        places = np.nan_to_num(self.places(deviations))
        colours: NDArray[np.uint8] = self.ramp(theme)[
            np.rint((places + 1) * 127.5).astype(np.int64)
        ]
        return colours

    def ramp(self, theme: str = "light") -> NDArray[np.uint8]:
        """Return the colours from place −1 to 1, (256, 3) uint8."""
        stops = np.array(
            [list(bytes.fromhex(stop)) for stop in _STOPS[theme, self.goal is not None]], float
        )
        at = np.linspace(0, len(stops) - 1, 256)
        channels = [np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
        return np.stack(channels, axis=1).round().astype(np.uint8)


def scale_of(block: CellBlock) -> EffectScale:
    """Return the scale of one metric and arm over its regions.

    It reaches to the largest shrunken deviation, but at least as far as half the interval of a
    middling region: where there is nothing but noise, that has the colour of the whole and not the
    brightest one.

    Parameters
    ----------
    block : CellBlock
        Judged by `explorer.experiment.analysis.family.judge_groups`.
    """
    nothing = np.empty(0)
    shrunk = nothing if block.shrunk is None else block.shrunk[np.isfinite(block.shrunk)]
    error = (
        nothing
        if block.deviation_error is None
        else block.deviation_error[np.isfinite(block.deviation_error)]
    )
    furthest = float(np.abs(shrunk).max()) if len(shrunk) else 0.0
    middling = _HALF * float(np.median(error)) if len(error) else 0.0
    return EffectScale(_rounded(max(furthest, middling)), block.measured.metric.goal)


def _rounded(reach: float) -> float:
    """Return the next round number that is no smaller."""
    if not reach > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(reach))
    return float(next(digit * power for digit in _ROUND if digit * power >= reach * (1 - 1e-9)))
