"""The design of the simulated experiment: switches, regions, and the effect of arm B in each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.samples.simulated_members import DEVICES, Members

if TYPE_CHECKING:
    from explorer.samples.simulated_draws import Floats

__all__ = [
    "ALLOCATION",
    "DRIFT_FROM",
    "ERROR_FACTOR",
    "FILM_REGIONS",
    "MEMBER_REGIONS",
    "MINUTES_FACTORS",
    "MODEL_REGIONS",
    "PLAY_FACTORS",
    "SRM_DEVICE",
    "SRM_SHARE",
    "START",
    "WEEKS",
    "Switches",
    "film_region",
    "member_region",
    "model_region",
]

ALLOCATION = {"A": 0.5, "B": 0.5}
START = np.datetime64("2025-03-03T00:00:00", "s")  # a Monday, UTC
WEEKS = 8
DRIFT_FROM = 6 * 7  # day of the experiment from which there is drift: the last two weeks

# A member lies in one region of accounts, a film in one region of films and one of models; the last
# takes the rest.
_NEW, _OLD = 90, 1_460
_IN_NEW = f"device = 'mobile' and account_days < {_NEW}"
_IN_OLD = f"device = 'tv' and account_days >= {_OLD}"
MEMBER_REGIONS = {
    "new accounts on mobile": _IN_NEW,
    "old accounts on tv": _IN_OLD,
    "other accounts": f"not ({_IN_NEW}) and not ({_IN_OLD})",
}
_IN_LONG, _IN_SHORT = "runtime_min >= 130", "year >= 2000 and runtime_min < 90"
FILM_REGIONS = {
    "long films": _IN_LONG,
    "short recent films": _IN_SHORT,
    "other films": f"runtime_min is null or not ({_IN_LONG}) and not ({_IN_SHORT})",
}
MODEL_REGIONS = {
    "films since 2005": "year >= 2005",
    "films before 1975": "year < 1975",
    "films between": "year >= 1975 and year < 2005",
}

# What arm B multiplies: the probability of a play by region of accounts, the minutes of a play by
# region of films, the errors by device. So each metric has an effect in one space and none in the
# other.
PLAY_FACTORS = (1.35, 0.80, 1.0)
MINUTES_FACTORS = (0.80, 1.30, 1.0)
ERROR_FACTOR, ERROR_DEVICE = 1.4, "tv"

# With SRM, this share of B's members on one device is lost before anything is logged.
SRM_DEVICE, SRM_SHARE = "mobile", 0.3


@dataclass(frozen=True)
class Switches:
    """What is in the simulation.

    Parameters
    ----------
    effect : bool
        Whether arm B does anything to plays, minutes and errors; without, the experiment is an A/A
        test.
    srm : bool
        Whether members of B are lost (sample ratio mismatch).
    drift : bool
        Whether the last two weeks differ from the first six.
    layout : bool
        Whether arm B shows titles that will be played higher up on the page.
    """

    effect: bool = True
    srm: bool = False
    drift: bool = True
    layout: bool = True

    def document(self) -> dict[str, bool]:
        """Return the switches by name."""
        return asdict(self)

    @property
    def play_factors(self) -> Floats:
        """What B multiplies the probability of a play by, for each of `MEMBER_REGIONS`."""
        return np.array(PLAY_FACTORS if self.effect else (1.0, 1.0, 1.0))

    @property
    def minutes_factors(self) -> Floats:
        """What B multiplies the minutes of a play by, for each of `FILM_REGIONS`."""
        return np.array(MINUTES_FACTORS if self.effect else (1.0, 1.0, 1.0))

    @property
    def error_factors(self) -> Floats:
        """What B multiplies the rate of errors by, for each of `DEVICES`."""
        factor = ERROR_FACTOR if self.effect else 1.0
        return np.array([factor if device == ERROR_DEVICE else 1.0 for device in DEVICES])


def member_region(members: Members) -> npt.NDArray[np.int64]:
    """Return the place of each member in `MEMBER_REGIONS`, shape (m,)."""
    new = (members.device == DEVICES.index("mobile")) & (members.account_days < _NEW)
    old = (members.device == DEVICES.index("tv")) & (members.account_days >= _OLD)
    return np.where(new, 0, np.where(old, 1, 2))


def film_region(year: Floats, runtime: Floats) -> npt.NDArray[np.int64]:
    """Return the place of each film in `FILM_REGIONS`, (films,); unknown lengths are others."""
    return np.where(runtime >= 130, 0, np.where((year >= 2000) & (runtime < 90), 1, 2))


def model_region(year: Floats) -> npt.NDArray[np.int64]:
    """Return the place of each film in `MODEL_REGIONS`, shape (films,)."""
    return np.where(year >= 2005, 0, np.where(year < 1975, 1, 2))
