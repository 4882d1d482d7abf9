import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from explorer.app import demo
from explorer.app.demo import open_sample, samples
from explorer.core.errors import ExplorerError, UnknownName

SAMPLES = {sample.name: sample for sample in samples()}
FILMS, FLIGHTS, WALL = SAMPLES["films"], SAMPLES["flights"], SAMPLES["experiments"]


def test_what_is_said_of_a_shipped_sample_is_true():
    assert list(SAMPLES) == ["films", "flights", "flights13", "bandit", "experiment", "experiments"]
    shipped = pq.ParquetFile(FILMS.path).metadata
    assert (FILMS.rows, FILMS.columns) == (shipped.num_rows, shipped.num_columns) == (17_472, 63)
    assert FILMS.how == ""


def test_a_sample_opens_with_its_catalogue(films):
    assert (films.num_rows, len(films.column_names)) == (FILMS.rows, FILMS.columns)
    assert films.title == "Films reviewed by critics, 1940–2014"
    assert films.features["runtime_min"].unit == "min"
    assert set(films.columns.catalogue.table.start) <= set(films.column_names)
    assert films.columns.catalogue.unknown(films.column_names) == []


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


@pytest.mark.parametrize("name", ["experiment", "experiments"])
def test_a_sample_that_needs_no_download_is_made_once_and_said(name, monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    sample, lines = SAMPLES[name], []
    assert sample.how == "made when first opened"
    table = open_sample(name, lines.append)
    assert (table.num_rows, len(table.column_names)) == (sample.rows, sample.columns)
    assert table.title == sample.title
    assert table.columns.catalogue.unknown(table.column_names) == []
    assert len(lines) == 1
    assert f"{name!r} of {sample.rows:,} rows" in lines[0]
    assert [path.name for path in (tmp_path / "samples").iterdir()] == [f"{name}-{sample.edition}"]
    written = sample.path.stat().st_mtime_ns
    open_sample(name, lines.append)
    assert (len(lines), sample.path.stat().st_mtime_ns, sample.how) == (1, written, "")


def test_a_recipe_that_fails_leaves_nothing_and_one_line(monkeypatch, tmp_path):
    run, script = (
        subprocess.run,
        "import os, sys; os.mkdir(sys.argv[1]); sys.exit('first\\nno space left')",
    )

    def failing(words, **options):
        return run([sys.executable, "-c", script, words[-1]], **options)

    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    monkeypatch.setattr(demo.subprocess, "run", failing)
    with pytest.raises(ExplorerError, match="'experiments' could not be made: no space left"):
        open_sample("experiments")
    assert list((tmp_path / "samples").iterdir()) == []


def test_of_two_processes_that_make_a_sample_the_slower_takes_what_is_there(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    run = subprocess.run

    def overtaken(words, **options):
        done = run(words, **options)
        WALL.path.parent.mkdir()
        WALL.path.write_bytes(b"the other's")
        return done

    monkeypatch.setattr(demo.subprocess, "run", overtaken)
    WALL.make()
    assert WALL.path.read_bytes() == b"the other's"
    assert [path.name for path in (tmp_path / "samples").iterdir()] == [WALL.path.parent.name]


def test_an_unknown_sample_suggests_the_nearest():
    with pytest.raises(UnknownName, match="no sample 'film': did you mean 'films'"):
        open_sample("film")
    with pytest.raises(UnknownName, match="did you mean 'experiment'"):
        open_sample("experimen")
