"""Simulated impressions: pages that members open, films on them, and what members do with them.

What arm B would do is worked out for every impression beside what arm A would do, from the same
draws: the truth of an effect is the difference of these expectations, whichever arm a member was
given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from explorer.samples.simulated_design import (
    DRIFT_FROM,
    WEEKS,
    Switches,
    film_region,
    member_region,
    model_region,
)
from explorer.samples.simulated_draws import Draws, Floats, capped_lognormal_mean, chosen

if TYPE_CHECKING:
    from explorer.samples.simulated_ads import Ads
    from explorer.samples.simulated_films import Films
    from explorer.samples.simulated_members import Members

__all__ = [
    "BANDWIDTH_SPREAD",
    "FILMS_A_PAGE",
    "LATE_BANDWIDTH",
    "LATE_PLAYS",
    "LAYOUT_LENGTHS",
    "PAGE_ROWS",
    "Impressions",
    "draw_impressions",
    "row_weights",
]

FILMS_A_PAGE = 6  # impressions that are logged of a page, one in each of its columns
PAGE_ROWS = 40
# Rows of the page that are looked at: weights fall by exp(−row/length). The last is for titles that
# are played in B.
LAYOUT_LENGTHS = {"not played": 12.0, "played": 9.0, "played, new layout": 6.0}

MINUTES_SPREAD, MINUTES_CAP = 1.1, 1_440.0
LATE_PLAYS = 0.75  # what drift multiplies the probability of a play by
BANDWIDTH_SPREAD = 0.5  # standard deviation of the logarithm of the bandwidth on one device
LATE_BANDWIDTH = -0.25  # what drift adds to that logarithm
_LATE_UNREPORTED = 0.05
_UNREPORTED = 0.02
_ERROR_RATE = 0.03

_WEEK = (0.9, 0.9, 0.9, 0.95, 1.15, 1.35, 1.25)  # Monday first
_DAY = (
    5,
    4,
    3,
    2,
    2,
    2,
    2,
    3,
    3,
    3,
    3,
    4,
    4,
    4,
    4,
    5,
    6,
    8,
    10,
    12,
    12,
    11,
    9,
    7,
)  # midnight first
_DEVICE_EASE = (-0.1, 0.15, 0.0, 0.0)
_BANDWIDTH = (20.0, 45.0, 40.0, 30.0)

# Models see the log odds of a play through noise and shrink them to their mean, as a calibrated
# model does. All by region of models; mean and standard deviation of the log odds were measured on
# 300,000 rows without drift.
_ODDS_MEAN, _ODDS_SPREAD = (-2.13, -2.31, -2.24), (0.70, 0.82, 0.68)
OLD_NOISE = (0.7, 0.7, 0.7)
NEW_NOISE = (0.3, 1.4, 0.7)


@dataclass(frozen=True)
class Impressions:
    """Impressions, one an entry; all arrays have shape (n,).

    Parameters
    ----------
    member : ndarray of int64
        Position of the member among those that were given.
    arm : ndarray of int64
        0 in A, 1 in B.
    page, day, second : ndarray of int64
        Number of the page among those drawn here; day of the experiment and second of that day,
        UTC.
    film, ad : ndarray of int64
        Positions among the films and advertisements.
    member_region, film_region, model_region : ndarray of int64
        Positions among the regions of the design.
    page_row, page_column : ndarray of int64
        Place on the page, from 1.
    bandwidth : ndarray of float64
        Mbit/s; NaN where it was not reported.
    played, clicked, errors : ndarray of int64
    minutes : ndarray of float64
        0 where not played.
    score_old, score_new : ndarray of float64
    expected : dict of str to ndarray of float64, shape (2, n)
        For each metric, what is expected in arm A (first) and in arm B.
    """

    member: npt.NDArray[np.int64]
    arm: npt.NDArray[np.int64]
    page: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    film: npt.NDArray[np.int64]
    ad: npt.NDArray[np.int64]
    member_region: npt.NDArray[np.int64]
    film_region: npt.NDArray[np.int64]
    model_region: npt.NDArray[np.int64]
    page_row: npt.NDArray[np.int64]
    page_column: npt.NDArray[np.int64]
    bandwidth: Floats
    played: npt.NDArray[np.int64]
    clicked: npt.NDArray[np.int64]
    errors: npt.NDArray[np.int64]
    minutes: Floats
    score_old: Floats
    score_new: Floats
    expected: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.member)


def draw_impressions(
    draws: Draws, members: Members, films: Films, ads: Ads, switches: Switches
) -> Impressions:
    """Draw the pages that members open in eight weeks, six impressions each.

    Returns
    -------
    Impressions
        By member, then by time.
    """
    visitor, day, second = _visits(draws, members)
    member = np.repeat(visitor, FILMS_A_PAGE)
    page = np.repeat(np.arange(len(visitor)), FILMS_A_PAGE)
    late = np.repeat((day >= DRIFT_FROM) & switches.drift, FILMS_A_PAGE)
    film_draw = draws.uniform(len(member))
    film = np.where(
        late, chosen(films.drifted_weights, film_draw), chosen(films.weights, film_draw)
    )
    of, arm = members.at(member), members.arm[member]
    regions = _regions(of, films, film)
    usual, now = _plays(of, films, film, late)
    plays = np.stack([now, now * switches.play_factors[regions["member_region"]]])
    played = draws.uniform(len(member)) < np.where(arm == 1, plays[1], plays[0])
    longest = _minutes_location(of, films, film)
    factors = np.stack([np.ones(len(film)), switches.minutes_factors[regions["film_region"]]])
    minutes = (
        np.exp(longest + MINUTES_SPREAD * draws.normal(len(film)))
        * factors[arm, np.arange(len(film))]
    )
    rates = _ERROR_RATE * np.stack([np.ones(len(of)), switches.error_factors[of.device]])
    row, column = _places(draws, played, arm, switches)
    shown = ads.shown(draws, of.device)
    worth = ads.rate[of.device, shown]
    return Impressions(
        member=member,
        arm=arm,
        page=page,
        day=np.repeat(day, FILMS_A_PAGE),
        second=np.repeat(second, FILMS_A_PAGE),
        film=film,
        ad=shown,
        **regions,
        page_row=row,
        page_column=column,
        bandwidth=_bandwidth(draws, of, late, page),
        played=played.astype(np.int64),
        clicked=(draws.uniform(len(worth)) < worth).astype(np.int64),
        errors=_errors(draws, rates[arm, np.arange(len(arm))]),
        minutes=np.where(played, np.clip(minutes, 0.1, MINUTES_CAP).round(1), 0.0),
        score_old=_score(draws, usual, OLD_NOISE, regions["model_region"]).round(4),
        score_new=(_score(draws, usual, NEW_NOISE, regions["model_region"]) * now / usual).round(4),
        expected={
            "played": plays,
            "minutes": plays
            * capped_lognormal_mean(longest + np.log(factors), MINUTES_SPREAD, MINUTES_CAP),
            "errors": -np.expm1(-rates) + 1 - np.exp(-rates) * (1 + rates),
            "ad_clicked": np.stack([worth, worth]),
        },
    )


def row_weights(which: str) -> Floats:
    """Return the share of titles in each row of the page, (40,), for a key of `LAYOUT_LENGTHS`."""
    weights = np.exp(-np.arange(1, PAGE_ROWS + 1) / LAYOUT_LENGTHS[which])
    return weights / weights.sum()


def _visits(
    draws: Draws, members: Members
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Draw who opens a page, on which day and in which second of it; by member, then by time."""
    pages = 1 + np.floor(1.5 * np.exp(0.3 * members.activity) * draws.exponential(len(members)))
    visitor = np.repeat(np.arange(len(members)), pages.astype(np.int64))
    day = draws.choice(np.tile(_WEEK, WEEKS), len(visitor))
    second = draws.choice(_DAY, len(visitor)) * 3_600 + np.floor(
        draws.uniform(len(visitor)) * 3_600
    ).astype(np.int64)
    order = np.lexsort((second, day, visitor))
    return visitor, day[order], second[order]


def _regions(
    of: Members, films: Films, film: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[np.int64]]:
    year, runtime = films.numbers("year"), films.numbers("runtime_min")
    return {
        "member_region": member_region(of),
        "film_region": film_region(year, runtime)[film],
        "model_region": model_region(year)[film],
    }


def _plays(
    of: Members, films: Films, film: npt.NDArray[np.int64], late: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the probability of a play in arm A as it is usually, and as it is now (drift)."""
    odds = -2.5 + of.ease + np.array(_DEVICE_EASE)[of.device]
    odds -= 0.2 * of.old_taste * films.scaled["year"][film]
    odds += (0.15 + 0.2 * of.critic_taste) * films.scaled["tomatometer"][film]
    odds += 0.25 * films.scaled["log_reviews"][film]
    usual = np.minimum(expit(odds), 0.6)  # so that no factor of B takes it above 1
    return usual, usual * np.where(late, LATE_PLAYS, 1.0)


def _minutes_location(of: Members, films: Films, film: npt.NDArray[np.int64]) -> Floats:
    """Return the mean logarithm of the minutes of a play in arm A."""
    return np.log(32.0) + 0.15 * of.activity + 0.2 * films.scaled["runtime_min"][film]


def _places(
    draws: Draws, played: npt.NDArray[np.bool_], arm: npt.NDArray[np.int64], switches: Switches
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Draw row and column on the page, from 1: played titles stand higher and more to the left."""
    uniform = draws.uniform(len(played))
    higher = played & (arm == 1) & switches.layout
    row = np.where(
        played, chosen(row_weights("played"), uniform), chosen(row_weights("not played"), uniform)
    )
    row[higher] = chosen(row_weights("played, new layout"), uniform[higher])
    turn = draws.uniform(len(played)) * np.where(played, 0.8, 1.0)
    pages = turn.reshape(-1, FILMS_A_PAGE)
    column = pages.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable").reshape(-1)
    return row + 1, column + 1


def _bandwidth(
    draws: Draws, of: Members, late: npt.NDArray[np.bool_], page: npt.NDArray[np.int64]
) -> Floats:
    """Draw the bandwidth of each page, in Mbit/s; NaN where it was not reported."""
    pages = page[-1] + 1
    spread, unreported = draws.normal(pages)[page], draws.uniform(pages)[page]
    middle = np.log(np.array(_BANDWIDTH))[of.device] + np.where(late, LATE_BANDWIDTH, 0.0)
    bandwidth = np.exp(middle + BANDWIDTH_SPREAD * spread).round(1)
    bandwidth[unreported < np.where(late, _LATE_UNREPORTED, _UNREPORTED)] = np.nan
    return bandwidth


def _errors(draws: Draws, rate: Floats) -> npt.NDArray[np.int64]:
    """Draw how many errors there were: a Poisson number of this rate, 2 where it is more."""
    uniform = draws.uniform(len(rate))
    none = np.exp(-rate)
    return (uniform >= none).astype(np.int64) + (uniform >= none * (1 + rate))


def _score(
    draws: Draws, probability: Floats, noise: tuple[float, ...], region: npt.NDArray[np.int64]
) -> Floats:
    """Return what a model that sees the log odds through noise says, a probability.

    The posterior of normal log odds is normal; its mean as a probability by MacKay's approximation
    (1992, The evidence framework applied to classification networks, doi:10.1162/neco.1992.4.5.720,
    equation 11).
    """
    sd, mean, spread = (np.array(each)[region] for each in (noise, _ODDS_MEAN, _ODDS_SPREAD))
    seen = logit(probability) + sd * draws.normal(len(sd))
    trust = spread**2 / (spread**2 + sd**2)
    middle = mean + trust * (seen - mean)
    left = trust * sd**2
    return expit(middle / np.sqrt(1 + np.pi * left / 8))
