"""A log of pages with titles: a table on which experiments and all views of Models have data."""

from __future__ import annotations

import numpy as np
import pandas as pd

PAGES, PLACES, DAYS = 2_000, 6, 140
ROWS = PAGES * PLACES


def log() -> pd.DataFrame:
    """Pages of six titles over twenty weeks.

    One score knows more than the other, but little in the south, and height grows at the end.
    """
    rng = np.random.default_rng(0)
    page, position = np.repeat(np.arange(PAGES), PLACES), np.tile(np.arange(1, PLACES + 1), PAGES)
    days = page * DAYS // PAGES
    place, signal = rng.choice(["north", "south", "west"], ROWS), rng.normal(size=ROWS)
    played = rng.random(ROWS) < 1 / (1 + np.exp(1 + 0.4 * position - signal))
    logit = np.where(place == "south", 0, signal) - 1 - 0.4 * position
    return pd.DataFrame(
        {
            "at": pd.Timestamp("2026-01-05") + pd.to_timedelta(days * 24 + position, unit="h"),
            "member": page % 500,
            "page": page,
            "position": position,
            "line": (position + 2) // 3,
            "across": (position - 1) % 3 + 1,
            "layout": np.where(page % 2, "tall", "broad"),
            "title": [f"t{i:02d}" for i in rng.integers(0, 12, ROWS)],
            "chance": rng.choice([0.05, 0.1, 0.2], ROWS),
            "place": place,
            "score_old": 1 / (1 + np.exp(1 + 0.4 * position - 0.1 * signal)),
            "score_new": 1 / (1 + np.exp(-logit)),
            "height": rng.normal(size=ROWS) + 0.8 * (days > 120),
            "width": rng.normal(size=ROWS),
            "played": played,
        }
    )


def choose(part, **columns: str) -> None:
    for label, column in columns.items():
        part.get_by_label(label.replace("_", " "), exact=True).select_option(column)
