"""Make films.parquet from the Wikidata snapshot in the PyPI package bokeh-sampledata 2026.1.

    pip download --no-deps bokeh-sampledata==2026.1
    python films_recipe.py bokeh_sampledata-2026.1-py3-none-any.whl films.parquet

Every column is either a cell of the source (cast to a smaller type) or computed here from cells of
the source; no value is made up and no row is left out. The catalogue beside the table, films.yaml,
says what each column means.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["SOURCE_SHA256", "films_table", "source_database"]

# As licenses/datasets.json of the wheel states it. Wheels before 2026.1 hold other rows, under CC
# BY-NC.
SOURCE_SHA256 = "1d9c6a02e488d0354b2309e16130c58820a91ac2ce417e814c5964f9579a65ac"
DATABASE_IN_WHEEL = "bokeh_sampledata/_data/movies.db"

# Genres of at least 150 films; "Music" (40 films) is the only one left out.
GENRES = (
    "Drama", "Comedy", "Romance", "Action", "Crime", "Thriller", "Horror", "Documentary",
    "Sci-Fi", "Fantasy", "Adventure", "Musical", "Biography", "Mystery", "War", "Family",
    "Animation", "Western", "Sport", "History",
)  # fmt: skip
COUNTRIES = (
    "United States",
    "United Kingdom",
    "France",
    "Germany",
    "Canada",
    "Italy",
    "Japan",
    "India",
)
LANGUAGES = ("English", "French", "Spanish", "German", "Italian", "Japanese", "Hindi")

SOURCE_QUERY = """
    SELECT o.Title AS title, o.imdbID AS imdb_id, o.Director AS director, o.Rating AS mpaa,
           o.Year AS year, o.Released AS released, o.Runtime AS runtime_min,
           t.Meter AS tomatometer, t.Rating AS rt_avg_rating, o.Metacritic AS metacritic,
           t.Reviews AS n_reviews, t.BoxOffice AS box_office_usd, o.Oscars AS oscar_wins,
           o.Cast AS people, o.Writer AS writers, o.Country AS countries,
           o.Language AS languages, o.Genre AS genres,
           t.Production AS producers
    FROM omdb AS o JOIN tomatoes AS t ON o.ID = t.ID
    ORDER BY o.rowid
"""


def films_table(connection: sqlite3.Connection) -> pa.Table:
    """Build the films table.

    Parameters
    ----------
    connection : sqlite3.Connection
        The source database, with tables ``omdb`` and ``tomatoes``.

    Returns
    -------
    pyarrow.Table
        One row per film, by year and then by title in code-point order; 63 columns when the source
        is complete.
    """
    source = pd.read_sql_query(SOURCE_QUERY, connection)
    source = source.sort_values(["year", "title"], kind="stable").reset_index(drop=True)
    return pa.table(
        plain_columns(source)
        | computed_columns(source)
        | flag_columns(source)
        | director_columns(source)
    )


def plain_columns(source: pd.DataFrame) -> dict[str, pa.Array]:
    """Cells of the source in types that fit, and the counts of its comma-separated lists."""
    released = pd.to_datetime(source["released"], format="%Y-%m-%d")
    columns = {name: text(source[name]) for name in ("title", "imdb_id", "director", "mpaa")}
    columns["year"] = numbers(source["year"], pa.int16())
    columns["released"] = pa.array(released.astype("datetime64[us]"), pa.timestamp("us"))
    columns["release_month"] = numbers(released.dt.month, pa.int8())
    for name in ("runtime_min", "tomatometer", "rt_avg_rating", "metacritic", "n_reviews"):
        columns[name] = numbers(source[name], pa.float32())
    columns["box_office_usd"] = numbers(source["box_office_usd"], pa.float64())
    columns["oscar_wins"] = numbers(source["oscar_wins"], pa.int8())
    lists = {
        "n_cast": "people",
        "n_writers": "writers",
        "n_directors": "director",
        "n_countries": "countries",
        "n_languages": "languages",
        "n_genres": "genres",
        "n_producers": "producers",
    }
    for name, column in lists.items():
        columns[name] = numbers(source[column].map(lambda cell: len(items(cell))), pa.int16())
    return columns


def computed_columns(source: pd.DataFrame) -> dict[str, pa.Array]:
    """Logarithms, the split of the critics, decade and first genre, from float64 to float32."""
    share = source["tomatometer"].astype("float64") / 100
    gross = source["box_office_usd"].to_numpy("float64")
    return {
        "log_reviews": numbers(np.log1p(source["n_reviews"].to_numpy("float64")), pa.float32()),
        "log_box_office": numbers(np.log10(np.where(gross > 0, gross, np.nan)), pa.float32()),
        "critic_split": numbers(4 * share * (1 - share), pa.float32()),
        "decade": text(source["year"].map(lambda year: f"{year // 10 * 10}s")),
        "main_genre": text(source["genres"].map(lambda cell: (items(cell) or ["(none)"])[0])),
    }


def flag_columns(source: pd.DataFrame) -> dict[str, pa.Array]:
    """0/1 flags; a genre is matched whole, a country or language by its words.

    So West Germany is Germany.
    """
    genres = [items(cell) for cell in source["genres"]]
    columns = {
        column_name("genre", name): flags([name in cell for cell in genres]) for name in GENRES
    }
    for prefix, column, names in (
        ("from", "countries", COUNTRIES),
        ("lang", "languages", LANGUAGES),
    ):
        cells = [items(cell) for cell in source[column]]
        for name in names:
            columns[column_name(prefix, name)] = flags(
                [any(name in item for item in cell) for cell in cells]
            )
    return columns


def director_columns(source: pd.DataFrame) -> dict[str, pa.Array]:
    """How many films of this table the first-named director made, and the years since the first."""
    first = source["director"].map(lambda cell: next(iter(items(cell)), None))
    films = source.groupby(first)["year"].transform("size")
    career_year = source["year"] - source.groupby(first)["year"].transform("min")
    return {
        "director_films": numbers(films.where(first.notna()), pa.float32()),
        "director_career_year": numbers(career_year.where(first.notna()), pa.float32()),
    }


def items(cell: object) -> list[str]:
    """Split a comma-separated cell; an empty or null cell has no items."""
    parts = cell.split(",") if isinstance(cell, str) else []
    return [part.strip() for part in parts if part.strip()]


def column_name(prefix: str, name: str) -> str:
    """Name the flag of a genre, country or language."""
    return f"{prefix}_{name.lower().replace(' ', '_').replace('-', '_')}"


def text(column: pd.Series) -> pa.Array:
    """Arrow strings, null where the source has none."""
    return pa.array([cell if isinstance(cell, str) else None for cell in column], pa.large_string())


def numbers(column: npt.ArrayLike, kind: pa.DataType) -> pa.Array:
    """Arrow numbers of this type, null where missing; floats are rounded, integers must fit."""
    return pa.array(column, from_pandas=True).cast(kind, safe=not pa.types.is_floating(kind))


def flags(values: list[bool]) -> pa.Array:
    """1 for true, 0 for false."""
    return pa.array(values, pa.bool_()).cast(pa.int8())


def source_database(path: Path, folder: Path) -> Path:
    """Return the database: `path` itself, or extracted from a wheel; only the 2026.1 one."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            path = Path(wheel.extract(DATABASE_IN_WHEEL, folder))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise ValueError(
            f"{path.name} is not the database of bokeh-sampledata 2026.1: "
            f"expected sha256 {SOURCE_SHA256}, "
            f"found {found}; run: pip download --no-deps bokeh-sampledata==2026.1"
        )
    return path


def main() -> None:
    """Read the source, write the table."""
    parser = argparse.ArgumentParser(description="Make films.parquet from bokeh-sampledata 2026.1.")
    parser.add_argument(
        "source", type=Path, help="the wheel of bokeh-sampledata 2026.1, or the movies.db inside it"
    )
    parser.add_argument("out", type=Path, help="the Parquet file to write")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            connection = sqlite3.connect(source_database(arguments.source, Path(folder)))
            table = films_table(connection)
            connection.close()
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        parser.exit(1, f"{error}\n")
    pq.write_table(table, arguments.out, compression="zstd", compression_level=19)
    print(f"{arguments.out}: {table.num_rows:,} rows, {table.num_columns} columns")


if __name__ == "__main__":
    main()
