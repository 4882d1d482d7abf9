"""The truth of a simulated log, summed block by block, as a small JSON document.

An effect is the difference between what is expected in arm B and in arm A, for the same
impressions; so it has no sampling error. A test of the log against it has: the arms hold different
members.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from explorer.samples.simulated_design import (
    ALLOCATION,
    DRIFT_FROM,
    FILM_REGIONS,
    MEMBER_REGIONS,
    MODEL_REGIONS,
    SRM_DEVICE,
    SRM_SHARE,
    START,
    Switches,
)
from explorer.samples.simulated_films import DRIFT_FACTOR, DRIFTED_GENRE
from explorer.samples.simulated_impressions import (
    BANDWIDTH_SPREAD,
    LATE_BANDWIDTH,
    LATE_PLAYS,
    PAGE_ROWS,
    Impressions,
    row_weights,
)
from explorer.samples.simulated_members import ARMS

if TYPE_CHECKING:
    from explorer.samples.simulated_ads import Ads
    from explorer.samples.simulated_draws import Floats

__all__ = ["Truth"]

_MEANS = ("played", "minutes", "errors", "ad_clicked")
_DIGITS = 9


class Truth:
    """Sums over the rows that are written.

    Parameters
    ----------
    seed : int
    switches : Switches
    ads : Ads
    """

    def __init__(self, seed: int, switches: Switches, ads: Ads) -> None:
        self._seed, self._switches, self._ads = seed, switches, ads
        self._sums: dict[tuple[str, ...], Floats] = defaultdict(lambda: np.zeros(2))
        self._counts: dict[tuple[str, ...], int] = defaultdict(int)
        self._worth = np.zeros(len(ads.names))

    def add(self, impressions: Impressions, device: npt.NDArray[np.int64], rows: int) -> None:
        """Add a block.

        Parameters
        ----------
        impressions : Impressions
        device : ndarray of int64, shape (n,)
            Position of the device of each impression.
        rows : int
            How many of them are written, from the first.
        """
        part = slice(rows)
        self._worth += self._ads.rate[device[part]].sum(axis=0)
        spaces = (
            (MEMBER_REGIONS, impressions.member_region),
            (FILM_REGIONS, impressions.film_region),
        )
        masks = {"all": np.ones(rows, dtype=bool)}
        for names, place in spaces:
            masks |= {name: place[part] == number for number, name in enumerate(names)}
        for region, mask in masks.items():
            self._counts["rows", region] += int(mask.sum())
            for metric, expected in impressions.expected.items():
                self._sums["rows", metric, region] += expected[:, part][:, mask].sum(axis=1)
        self._add_members(impressions, part)
        self._add_models(impressions, part)

    def _add_members(self, impressions: Impressions, part: slice) -> None:
        """Add the means of each member, who lies in one region of accounts."""
        member, place = impressions.member[part], impressions.member_region[part]
        ids, first, counts = np.unique(member, return_index=True, return_counts=True)
        for metric, expected in impressions.expected.items():
            means = np.stack([np.bincount(member, each[part])[ids] / counts for each in expected])
            self._sums["members", metric, "all"] += means.sum(axis=1)
            for number, region in enumerate(MEMBER_REGIONS):
                self._sums["members", metric, region] += means[:, place[first] == number].sum(
                    axis=1
                )
        self._counts["members", "all"] += len(ids)
        for number, region in enumerate(MEMBER_REGIONS):
            self._counts["members", region] += int((place[first] == number).sum())

    def _add_models(self, impressions: Impressions, part: slice) -> None:
        """Add what both models say and what is true, by region, before and after the drift."""
        arm = impressions.arm[part]
        true = np.where(
            arm == 1,
            impressions.expected["played"][1][part],
            impressions.expected["played"][0][part],
        )
        late = impressions.day[part] >= DRIFT_FROM
        scores = np.stack([impressions.score_old[part], impressions.score_new[part]])
        losses = true * (1 - true) + (scores - true) ** 2  # the expected Brier score
        for number, region in enumerate(MODEL_REGIONS):
            for when, mask in (("first six weeks", ~late), ("last two weeks", late)):
                chosen = mask & (impressions.model_region[part] == number)
                self._counts["models", region, when] += int(chosen.sum())
                self._sums["score", region, when] += scores[:, chosen].sum(axis=1)
                self._sums["brier", region, when] += losses[:, chosen].sum(axis=1)
                self._sums["true", region, when] += true[chosen].sum()

    def document(self) -> dict[str, Any]:
        """Return the truth as JSON can hold it."""
        return {
            "simulated": True,
            "title": "Simulated streaming log over real films: what is true of it",
            "seed": self._seed,
            "rows": self._counts["rows", "all"],
            "members": self._counts["members", "all"],
            "switches": self._switches.document(),
            "control": ARMS[0],
            "allocation": ALLOCATION,
            "regions": self._regions(),
            "effects": self._effects(),
            "layout": self._layout(),
            "srm": {
                "device": SRM_DEVICE,
                "arm": "B",
                "share_lost": SRM_SHARE if self._switches.srm else 0.0,
            },
            "drift": self._drift(),
            "models": self._models(),
            "ads": self._ads_document(),
        }

    def _regions(self) -> dict[str, Any]:
        spaces = {"accounts": MEMBER_REGIONS, "films": FILM_REGIONS}
        return {
            region: {"of": space, "where": where, "rows": self._counts["rows", region]}
            | ({"members": self._counts["members", region]} if space == "accounts" else {})
            for space, regions in spaces.items()
            for region, where in regions.items()
        }

    def _effects(self) -> dict[str, Any]:
        """By metric and region: each row once; for accounts also the mean of members' means."""
        effects: dict[str, Any] = {}
        for metric in _MEANS:
            effects[metric] = {}
            for region in ("all", *MEMBER_REGIONS, *FILM_REGIONS):
                count = max(self._counts["rows", region], 1)
                cell = _cell(self._sums["rows", metric, region] / count)
                if ("members", region) in self._counts:
                    members = max(self._counts["members", region], 1)
                    cell["by_member"] = _cell(self._sums["members", metric, region] / members)
                effects[metric][region] = cell
        effects["minutes_per_play"] = {
            region: _cell(
                self._sums["rows", "minutes", region] / self._sums["rows", "played", region]
            )
            for region in ("all", *MEMBER_REGIONS, *FILM_REGIONS)
            if self._counts["rows", region]
        }
        return effects

    def _layout(self) -> dict[str, Any]:
        rows = np.arange(1, PAGE_ROWS + 1)
        in_b = "played, new layout" if self._switches.layout else "played"
        means = [float(row_weights(which) @ rows) for which in ("played", in_b)]
        return {"page_row_of_played": _cell(np.array(means))}

    def _drift(self) -> dict[str, Any]:
        if not self._switches.drift:
            return {}
        return {
            "from": str(START + np.timedelta64(DRIFT_FROM, "D")) + "Z",
            "bandwidth_mbps": {
                "shift_of_log": LATE_BANDWIDTH,
                "in_sd": LATE_BANDWIDTH / BANDWIDTH_SPREAD,
            },
            "main_genre": {"level": DRIFTED_GENRE, "shown_more_often_by": DRIFT_FACTOR},
            "played": {"probability_times": LATE_PLAYS},
            "score_old": "does not know of the drift: its probabilities stay as they were",
        }

    def _models(self) -> dict[str, Any]:
        models: dict[str, Any] = {}
        for region, where in MODEL_REGIONS.items():
            models[region] = {"where": where}
            for when in ("first six weeks", "last two weeks"):
                count = self._counts["models", region, when]
                if count:
                    score, brier, true = (
                        self._sums[each, region, when] / count
                        for each in ("score", "brier", "true")
                    )
                    models[region][when] = {
                        "rows": count,
                        "probability": _rounded(true[0]),
                        "score_old": {"mean": _rounded(score[0]), "brier": _rounded(brier[0])},
                        "score_new": {"mean": _rounded(score[1]), "brier": _rounded(brier[1])},
                    }
        return models

    def _ads_document(self) -> dict[str, Any]:
        """What each advertisement is worth when shown to everyone, and what policies are worth."""
        worth = self._worth / max(self._counts["rows", "all"], 1)
        named = {name: _rounded(each) for name, each in zip(self._ads.names, worth, strict=True)}
        return {"click_rate": named, "uniform_policy": _rounded(worth.mean())}


def _cell(both: Floats) -> dict[str, Any]:
    """Return control, treatment, difference and relative lift."""
    control, treatment = (float(each) for each in both)
    lift = _rounded(treatment / control - 1) if control else None
    return {
        "control": _rounded(control),
        "treatment": _rounded(treatment),
        "difference": _rounded(treatment - control),
        "lift": lift,
    }


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
