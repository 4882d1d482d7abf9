"""The shipped films against their catalogue, and where one column follows from another."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from explorer.features.catalogue.catalogue import Catalogue

DATA = Path(__file__).resolve().parents[2] / "data"

# Errors of the source: kept in the table, named in the catalogue's warnings.
KNOWN_ERRORS = {"runtime_min": 2, "box_office_usd": 6, "log_box_office": 6}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pq.read_table(DATA / "films.parquet")


@pytest.fixture(scope="module")
def films(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas()


@pytest.fixture(scope="module")
def catalogue() -> dict:
    return yaml.safe_load((DATA / "films.yaml").read_text(encoding="utf-8"))


def test_the_catalogue_describes_every_column_in_table_order(table, catalogue):
    assert list(catalogue["features"]) == table.column_names
    assert table.shape == (17_472, 63)


def test_every_feature_says_what_it_is_and_what_missing_means(catalogue):
    for name, feature in catalogue["features"].items():
        assert {"label", "description", "group", "missing_means", "source"} <= set(feature), name
        assert len(feature["description"]) > 30, name
        assert feature["description"].endswith("."), name


def test_labels_are_unique(catalogue):
    labels = [feature["label"] for feature in catalogue["features"].values()]
    assert len(set(labels)) == len(labels)


def test_the_catalogue_says_no_value_is_missing_exactly_where_none_is(table, catalogue):
    for name, feature in catalogue["features"].items():
        assert feature["missing_means"].startswith("No value is missing") == (
            table[name].null_count == 0
        ), name


def test_nothing_is_nan_or_infinite_beside_the_nulls(table):
    for field in table.schema:
        if pa.types.is_floating(field.type):
            assert np.isfinite(table[field.name].drop_null().to_numpy()).all(), field.name


def test_valid_ranges_hold_except_for_the_errors_that_are_named(table, catalogue):
    outside = {}
    for name, feature in catalogue["features"].items():
        if "valid_range" in feature:
            low, high = feature["valid_range"]
            values = table[name].drop_null().to_numpy()
            outside[name] = int(((values < low) | (values > high)).sum())
    assert {name: count for name, count in outside.items() if count} == KNOWN_ERRORS


def test_every_number_has_a_valid_range(table, catalogue):
    numeric = [
        field.name
        for field in table.schema
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
    ]
    assert len(numeric) == 56
    assert [name for name in numeric if "valid_range" not in catalogue["features"][name]] == []


def test_the_catalogue_reader_takes_the_catalogue(table):
    catalogue = Catalogue.load(DATA / "films.yaml")
    assert catalogue.unknown(table.column_names) == []
    assert catalogue.table.row_title == "title"
    assert len(catalogue.table.start) == 11
    assert len(catalogue.table.warnings) >= 6


def test_rows_are_ordered_by_year_and_title(films):
    order = films.sort_values(["year", "title"], kind="stable").index
    assert order.equals(films.index)


def test_critic_split_is_four_p_times_one_minus_p_of_the_tomatometer(films):
    share = films["tomatometer"].astype(float) / 100
    np.testing.assert_array_equal(
        (4 * share * (1 - share)).astype("float32"), films["critic_split"]
    )


def test_logarithms_follow_from_their_columns(films):
    np.testing.assert_allclose(
        films["log_reviews"], np.log1p(films["n_reviews"].astype(float)), rtol=1e-6
    )
    np.testing.assert_allclose(
        films["log_box_office"], np.log10(films["box_office_usd"]), rtol=1e-6
    )


def test_decade_and_month_follow_from_year_and_date(films):
    assert (films["decade"] == (films["year"] // 10 * 10).astype(str) + "s").all()
    assert (films["released"].dt.year == films["year"]).all()
    assert (films["released"].dt.month == films["release_month"]).all()


def test_director_columns_follow_from_the_names_and_years(films):
    names = films["director"].str.split(",")
    counts = names.map(lambda cell: sum(bool(name.strip()) for name in cell))
    assert (counts == films["n_directors"]).all()
    first = names.str[0].where(films["director"] != "")
    years = films["year"].groupby(first)
    np.testing.assert_array_equal(years.transform("count"), films["director_films"])
    np.testing.assert_array_equal(
        films["year"] - years.transform("min"), films["director_career_year"]
    )


def test_genre_flags_agree_with_the_number_of_genres_and_the_first_genre(films):
    flags = films.filter(like="genre_")
    listed = films["n_genres"] - flags.sum(axis=1)
    # One genre, Music, has no flag of its own: it accounts for every genre that no flag counts.
    assert listed.isin([0, 1]).all()
    assert listed.sum() == 40
    assert ((films["main_genre"] == "(none)") == (films["n_genres"] == 0)).all()
    for column in flags:
        name = column.removeprefix("genre_").replace("_", "-").title()
        assert (flags[column][films["main_genre"] == name] == 1).all(), column


def test_flags_are_zero_or_one_and_counted_in_their_descriptions(films, catalogue):
    flags = [
        name for name, feature in catalogue["features"].items() if "flag" in feature.get("tags", [])
    ]
    assert len(flags) == 35
    for name in flags:
        assert set(films[name].unique()) == {0, 1}, name
        stated = re.search(r"\(([\d,]+) films\)", catalogue["features"][name]["description"])
        assert stated is not None, name
        assert int(stated[1].replace(",", "")) == films[name].sum(), name


def test_the_warnings_state_the_figures_of_the_table(films, catalogue):
    start = catalogue["table"]["start"]
    zero, full = films["tomatometer"] == 0, films["tomatometer"] == 100
    new_year = (films["released"].dt.month == 1) & (films["released"].dt.day == 1)
    by_decade = films.groupby("decade")["tomatometer"]
    median_reviews = films["n_reviews"].median()
    facts = {
        f"r = {films['tomatometer'].corr(films['rt_avg_rating']):.2f}".replace("0.", "."),
        (
            f"median tomatometer is {by_decade.median()['1940s']:.0f} over "
            f"{by_decade.size()['1940s']} films of the 1940s"
        ),
        f"and {by_decade.median()['1990s']:.0f} over {by_decade.size()['1990s']:,} of the 1990s",
        (
            f"the {zero.sum()} films at 0 have a median of "
            f"{films['n_reviews'][zero].median():.0f} reviews"
        ),
        (
            f"the {full.sum()} at 100 a median of {films['n_reviews'][full].median():.0f}, all "
            f"films {median_reviews:.0f}"
        ),
        f"Runtime is missing for {films['runtime_min'].isna().mean():.1%}".replace("%", " %"),
        f"{films[start].isna().any(axis=1).sum():,} films lack at least one of the start features",
        f"Metacritic is missing for {films['metacritic'].isna().mean():.0%}".replace("%", " %"),
        f"box office for {films['box_office_usd'].isna().mean():.0%}".replace("%", " %"),
        f"{new_year.sum():,} ({new_year.mean():.0%}) stand at 1 January".replace("%", " %"),
        f"writers {(films['n_writers'] == 0).sum():,} films, cast {(films['n_cast'] == 0).sum():,}",
        f"genres {(films['n_genres'] == 0).sum()}, languages {(films['n_languages'] == 0).sum()}",
    }
    text = " ".join(catalogue["table"]["warnings"])
    assert [fact for fact in facts if fact not in text] == []
    assert films["imdb_id"].duplicated().sum() == 2
    assert set(films["title"][films["runtime_min"] < 5]) == {"Machuca", "The Human Race"}
