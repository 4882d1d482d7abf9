import pyarrow.parquet as pq
import pytest

from explorer.demo import open_sample, samples
from explorer.errors import ExplorerError, UnknownName

FILMS, FLIGHTS = samples()


def test_what_is_said_of_a_shipped_sample_is_true():
    assert (FILMS.name, FLIGHTS.name) == ("films", "flights")
    shipped = pq.ParquetFile(FILMS.path).metadata
    assert (FILMS.rows, FILMS.columns) == (shipped.num_rows, shipped.num_columns) == (17_472, 63)
    assert FILMS.how == ""


def test_a_sample_opens_with_its_catalogue(films):
    assert (films.num_rows, len(films.column_names)) == (FILMS.rows, FILMS.columns)
    assert films.title == "Films reviewed by critics, 1940–2014"
    assert films.features["runtime_min"].unit == "min"
    assert set(films.catalogue.table.start) <= set(films.column_names)
    assert films.catalogue.unknown(films.column_names) == []


def test_a_sample_that_is_not_shipped_says_the_command_that_makes_it(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "my data"))
    command = f'python -m explorer.samples.flights_recipe "{tmp_path / "my data" / "samples"}"'
    assert FLIGHTS.how == command
    with pytest.raises(ExplorerError) as error:
        open_sample("flights")
    assert command in str(error.value)
    FLIGHTS.path.parent.mkdir(parents=True)
    FLIGHTS.path.touch()
    assert FLIGHTS.how == ""


def test_an_unknown_sample_suggests_the_nearest():
    with pytest.raises(UnknownName, match="no sample 'film': did you mean 'films'"):
        open_sample("film")
