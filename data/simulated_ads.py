"""Simulated advertisements: the worth of each on each device, and the policy that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.samples.simulated_members import DEVICES

if TYPE_CHECKING:
    from explorer.samples.simulated_draws import Draws, Floats

__all__ = ["N_ADS", "Ads", "make_ads"]

N_ADS = 20
_EXPLORED = 0.1  # share of the showings that the policy gives to all advertisements alike
_GREED = 1.2


@dataclass(frozen=True)
class Ads:
    """Advertisements and the policy that shows them.

    Parameters
    ----------
    names : tuple of str
        ``N_ADS`` of them.
    price : ndarray of float64, shape (N_ADS,)
        Mean price of a showing, in US cents.
    rate : ndarray of float64, shape (devices, N_ADS)
        Probability of a click when shown.
    propensity : ndarray of float64, shape (devices, N_ADS)
        Probability of being shown; each row sums to 1.
    """

    names: tuple[str, ...]
    price: Floats
    rate: Floats
    propensity: Floats

    def shown(self, draws: Draws, device: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Draw the advertisement shown on each device, positions in `names`."""
        steps = np.cumsum(self.propensity, axis=1)
        passed = draws.uniform(device.shape)[..., None] >= (steps / steps[:, -1:])[device]
        return passed.sum(axis=-1)


def make_ads(draws: Draws) -> Ads:
    """Make the advertisements; the policy follows noisy guesses, so raw click rates mislead."""
    base = np.exp(np.log(0.02) + 0.5 * draws.normal(N_ADS))
    fit = 0.5 * draws.normal((len(DEVICES), N_ADS))
    device = np.log([0.8, 1.3, 1.0, 1.1])[:, None]
    rate = np.minimum(base * np.exp(fit + device), 0.3).round(5)
    guess = np.log(rate) + 0.3 * draws.normal(rate.shape)
    greedy = np.exp(_GREED * (guess - guess.max(axis=1, keepdims=True)))
    greedy /= greedy.sum(axis=1, keepdims=True)
    return Ads(
        names=tuple(f"ad {number:02}" for number in range(1, N_ADS + 1)),
        price=np.exp(0.4 + 0.5 * draws.normal(N_ADS)),
        rate=rate,
        propensity=_EXPLORED / N_ADS + (1 - _EXPLORED) * greedy,
    )
