import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.app.cli import main


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "arm": rng.choice(["A", "B"], 4_000),
            "place": rng.choice(["x", "y"], 4_000),
            "test": rng.choice(["t1", "t2"], 4_000),
        }
    )
    frame["before"] = rng.normal(10, 2, 4_000)
    frame["hours"] = frame.before + rng.normal(0, 1, 4_000) + 0.5 * (frame.arm == "B")
    frame["plays"] = 1 + rng.poisson(2, 4_000)
    frame.to_parquet(tmp_path / "log.parquet")
    return str(tmp_path / "log.parquet")


def run(path, *options):
    asked = [
        "--variant",
        "arm",
        "--control",
        "A",
        "--metric",
        "hours=mean(hours):increase:primary",
        *options,
    ]
    return main(["experiment", path, *asked])


def test_an_experiment_is_lines_with_signs_and_words(path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    assert (
        run(
            path,
            "--metric",
            "rate=ratio(hours,plays)",
            "--by",
            "place",
            "--allocation",
            "A=.5,B=.5",
        )
        == 0
    )
    out = capsys.readouterr().out
    assert "as declared" in out
    assert "6 cells tested" in out
    assert "▲▲" in out
    assert "better, strong evidence" in out


def test_json_has_the_attributes_names(path, tmp_path):
    target = tmp_path / "found.json"
    assert (
        run(
            path,
            "--pre",
            "hours=before",
            "--cap",
            "hours=40",
            "--alpha",
            ".1,.01",
            "--json",
            str(target),
        )
        == 0
    )
    found = json.loads(target.read_text())
    (cell,) = found["cells"]
    assert cell["verdict"] == "better"
    assert cell["unadjusted"] is not None
    assert found["metrics"][0]["pre"] == "before"
    assert found["metrics"][0]["cap"] == 40
    assert found["alpha"] == [0.1, 0.01]
    assert found["srm"]["p_value"] is None


def test_cells_are_written_as_a_table(path, tmp_path):
    target = tmp_path / "cells.parquet"
    assert run(path, "--by", "place", "--out", str(target)) == 0
    assert pq.read_table(target).num_rows == 3


def test_a_column_of_experiments_makes_a_wall(path, capsys):
    assert run(path, "--experiments", "test") == 0
    out = capsys.readouterr().out
    assert "2 experiments: 2 cells tested" in out
    assert "t2" in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--metric", "x=median(hours)"], "mean, proportion, ratio, quantile"),
        (["--metric", "hours=mean(plays)"], "two metrics have one name"),
        (["--pre", "hour=before"], "did you mean 'hours'"),
        (["--cap", "hours=much"], "METRIC=NUMBER"),
        (["--by", "plaice"], "did you mean 'place'"),
        (["--out", "cells.txt"], "must end in .parquet or .csv"),
    ],
)
def test_what_cannot_be_is_one_line(path, capsys, options, words):
    assert run(path, *options) == 1
    assert words in capsys.readouterr().err
