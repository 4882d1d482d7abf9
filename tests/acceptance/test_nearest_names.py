"""Advice names what somebody may have meant, or what there is: never nonsense."""

import pytest

import explorer
from explorer.core import errors


def complaint(source):
    with pytest.raises(errors.TableError) as told:
        explorer.open_table(source)
    return str(told.value)


@pytest.fixture
def folder(tmp_path):
    for name in ("page.html", "notes.txt", "films.parquet", "films.csv"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_a_missing_table_is_never_taken_for_a_page(folder):
    words = complaint(folder / "nope.parquet")
    assert "page.html" not in words
    assert "the tables in that folder are 'films.csv', 'films.parquet'" in words


@pytest.mark.parametrize("written", ["flims.parquet", "Films.parquet", "film.parquet"])
def test_a_misspelt_table_is_found(folder, written):
    if (folder / written).exists():
        pytest.skip("capitals do not count in names of files here")
    assert "did you mean 'films.parquet'?" in complaint(folder / written)


def test_another_ending_is_found(folder):
    assert "did you mean 'films." in complaint(folder / "films.arrow")


@pytest.mark.parametrize(
    ("written", "known", "found"),
    [
        ("nope", ["page", "year", "runtime_min"], []),
        ("score", ["store", "sore", "income"], ["sore", "store"]),
        ("aeg", ["age", "year"], ["age"]),
        ("Year", ["year", "years_active"], ["year", "years_active"]),
        ("runtime", ["runtime_min", "year"], ["runtime_min"]),
        ("x", ["y", "z", "xx"], []),
        ("income", ["outcome"], []),
        ("", ["a"], []),
    ],
)
def test_near_names_are_near(written, known, found):
    assert sorted(errors.nearest_names(written, known)) == sorted(found)
