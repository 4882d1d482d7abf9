"""The real films that simulated pages show: their features, and how often each is shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from explorer.samples.simulated_draws import Floats

__all__ = ["FILM_COLUMNS", "Films", "read_films"]

FILM_COLUMNS = (
    "title", "imdb_id", "year", "runtime_min", "tomatometer", "rt_avg_rating", "log_reviews",
    "main_genre",
)  # fmt: skip
DRIFTED_GENRE = "Documentary"
DRIFT_FACTOR = 2.5  # how much more often films of that genre are shown in the last two weeks


@dataclass(frozen=True)
class Films:
    """Films in the order of films.parquet.

    Parameters
    ----------
    table : pyarrow.Table
        `FILM_COLUMNS`; text as dictionaries.
    """

    table: pa.Table

    def numbers(self, name: str) -> Floats:
        """Return a column as float64, shape (films,), NaN where missing."""
        return self.table[name].cast(pa.float64()).to_numpy()

    @cached_property
    def weights(self) -> Floats:
        """How often each film is shown, of any sum: films with many reviews more often."""
        return np.nan_to_num(np.exp(self.numbers("log_reviews")), nan=6.0) ** 0.7

    @cached_property
    def drifted_weights(self) -> Floats:
        """The same in the last two weeks, with drift."""
        drifted = pc.equal(self.table["main_genre"].cast(pa.string()), DRIFTED_GENRE).to_numpy()
        return self.weights * np.where(drifted, DRIFT_FACTOR, 1.0)

    @cached_property
    def scaled(self) -> dict[str, Floats]:
        """Year, score, fame and length about 0 with a spread of about 1; 0 where missing."""
        centres = {
            "year": (1995, 15),
            "tomatometer": (58, 28),
            "log_reviews": (3.3, 1.1),
            "runtime_min": (105, 25),
        }
        return {
            name: np.clip(np.nan_to_num((self.numbers(name) - centre) / spread), -3, 3)
            for name, (centre, spread) in centres.items()
        }

    def columns(self, places: npt.NDArray[np.int64]) -> dict[str, pa.Array]:
        """Return the features of films, one for each place, as in films.parquet; text as levels."""
        taken = self.table.take(pa.array(places))
        return {name: taken[name].combine_chunks() for name in FILM_COLUMNS}


def read_films(path: Path | None = None) -> Films:
    """Read the shipped films, or a table of the same columns."""
    table = pq.read_table(
        path or Path(__file__).with_name("films.parquet"), columns=list(FILM_COLUMNS)
    )
    for place, field in enumerate(table.schema):
        if pa.types.is_large_string(field.type):
            column = table[field.name].combine_chunks().cast(pa.string()).dictionary_encode()
            table = table.set_column(place, field.name, column)
    return Films(table)
