"""Simulated members of a streaming service: their accounts before they are assigned to arms."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from explorer.samples.simulated_draws import Draws, Floats, chosen

__all__ = ["ARMS", "COUNTRIES", "DEVICES", "PLANS", "PRE_DAYS", "Members", "draw_members"]

ARMS = ("A", "B")
COUNTRIES = ("US", "GB", "DE", "FR", "JP", "IN", "BR", "MX")
DEVICES = ("mobile", "tv", "web", "tablet")
PLANS = ("basic", "standard", "premium")
PRE_DAYS = 28  # length of the period before assignment; younger accounts have no figures of it

_COUNTRY_WEIGHTS = (30, 12, 10, 9, 10, 12, 10, 7)
_PLAN_WEIGHTS = (25, 50, 25)
_SETTLED_DEVICES = (38, 36, 17, 9)
_NEW_DEVICES = (60, 20, 12, 8)
_NEW_DAYS = 90
_OLDEST_DAYS = 4_000
_MOST_HOURS = 24.0 * PRE_DAYS


@dataclass(frozen=True)
class Members:
    """Members, one an entry; all arrays have shape (m,).

    Parameters
    ----------
    number : ndarray of int64
        Identifies a member in the whole table.
    arm, country, device, plan : ndarray of int64
        Positions in `ARMS`, `COUNTRIES`, `DEVICES`, `PLANS`.
    account_days, tenure_months : ndarray of int64
        Age of the account at assignment, in days; months paid without a break.
    pre_hours, pre_titles, pre_year, pre_tomatometer : ndarray of float64
        Of the 28 days before assignment: hours and titles played, mean year and score of those
        titles. NaN where the account is younger; the means also where no title was played.
    activity, old_taste, critic_taste, ease : ndarray of float64
        What is behind it all and in no column: how much one watches, how much one likes old films
        and praised ones, how readily one plays (a shift of the log odds).
    """

    number: npt.NDArray[np.int64]
    arm: npt.NDArray[np.int64]
    country: npt.NDArray[np.int64]
    device: npt.NDArray[np.int64]
    plan: npt.NDArray[np.int64]
    account_days: npt.NDArray[np.int64]
    tenure_months: npt.NDArray[np.int64]
    pre_hours: Floats
    pre_titles: Floats
    pre_year: Floats
    pre_tomatometer: Floats
    activity: Floats
    old_taste: Floats
    critic_taste: Floats
    ease: Floats

    def __len__(self) -> int:
        return len(self.number)

    def at(self, places: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Members:
        """Return members by place, also repeatedly, or those that a mask keeps."""
        return Members(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


def draw_members(draws: Draws, first: int, count: int) -> Members:
    """Draw members.

    Parameters
    ----------
    draws : Draws
    first : int
        Number of the first one; the others follow.
    count : int

    Returns
    -------
    Members
        Arms are independent of everything else, with probability .5 each.
    """
    activity, old_taste, critic_taste = (draws.normal(count) for _ in range(3))
    days = np.clip(np.exp(6.1 + 1.4 * draws.normal(count)), 1, _OLDEST_DAYS).astype(np.int64)
    new = days < _NEW_DAYS
    device_draw = draws.uniform(count)
    device = np.where(new, chosen(_NEW_DEVICES, device_draw), chosen(_SETTLED_DEVICES, device_draw))
    hours, titles, year, score = _before(draws, activity, old_taste, critic_taste)
    hours[days < PRE_DAYS] = titles[days < PRE_DAYS] = np.nan
    unseen = ~(titles > 0)
    year[unseen] = score[unseen] = np.nan
    return Members(
        number=np.arange(first, first + count),
        arm=(draws.uniform(count) >= 0.5).astype(np.int64),
        country=draws.choice(_COUNTRY_WEIGHTS, count),
        device=device,
        plan=draws.choice(_PLAN_WEIGHTS, count),
        account_days=days,
        tenure_months=(days / 30.4 * np.sqrt(draws.uniform(count))).astype(np.int64),
        pre_hours=hours,
        pre_titles=titles,
        pre_year=year,
        pre_tomatometer=score,
        activity=activity,
        old_taste=old_taste,
        critic_taste=critic_taste,
        ease=0.45 * activity + 0.35 * draws.normal(count),
    )


def _before(
    draws: Draws, activity: Floats, old_taste: Floats, critic_taste: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw hours, titles, mean year and mean score of the period before assignment."""
    count = len(activity)
    hours = np.minimum(np.exp(1.6 + 0.9 * activity + 0.4 * draws.normal(count)), _MOST_HOURS).round(
        2
    )
    titles = np.floor(hours / 1.3 * np.exp(0.25 * draws.normal(count)))
    noise = 1 / np.sqrt(np.maximum(titles, 1))  # a mean of few titles is uncertain
    year = 1994 - 8 * old_taste + 12 * noise * draws.normal(count)
    score = 58 + 9 * critic_taste + 20 * noise * draws.normal(count)
    return hours, titles, np.clip(year, 1940, 2014).round(1), np.clip(score, 0, 100).round(1)
