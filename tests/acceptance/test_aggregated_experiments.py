"""An experiment given as aggregates has the verdicts of the same experiment with a row a unit."""

import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.app.cli import main
from explorer.core.errors import ExperimentError
from tests.acceptance.conftest import experiment_command

KEYS = ["test", "arm", "country", "day"]
SHARES = {"A": 0.4, "B": 0.3, "C": 0.3}
CLICK = explorer.Metric("clicked", "proportion", "clicked", goal="increase", primary=True)
ROWS = [CLICK, explorer.Metric("minutes", "mean", "minutes", goal="increase")]
SUMS = [
    CLICK,
    explorer.Metric("minutes", "mean", "minutes", goal="increase", squares="minutes_squares"),
]
MEANS = [
    CLICK,
    explorer.Metric(
        "minutes", "mean", "minutes_mean", goal="increase", variance="minutes_variance"
    ),
]


@pytest.fixture(scope="module")
def rows():
    rng, n = np.random.default_rng(3), 12_000
    frame = pd.DataFrame(
        {
            "test": rng.choice(["E1", "E2"], n),
            "arm": rng.choice(list("ABC"), n, p=[0.4, 0.3, 0.3]),
            "country": rng.choice(list("xyz"), n, p=[0.6, 0.3, 0.1]),
            "day": rng.integers(1, 6, n),
        }
    )
    better = (frame.arm == "B") & (frame.country == "x")
    frame["clicked"] = (rng.random(n) < 0.2 + 0.08 * better).astype(int)
    return frame.assign(minutes=1_000 + rng.normal(0, 3, n) + 0.4 * (frame.arm == "C"))


@pytest.fixture(scope="module")
def cells(rows):
    groups = rows.groupby(KEYS)
    found = groups.agg(
        units=("arm", "size"),
        clicked=("clicked", "sum"),
        minutes=("minutes", "sum"),
        minutes_mean=("minutes", "mean"),
        minutes_variance=("minutes", "var"),
    )
    squares = groups.minutes.agg(lambda one: math.fsum(one**2))
    return found.assign(minutes_squares=squares).reset_index()


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        for name in ("verdict", "strength", "segment", "metric", "arm", "n_control", "n_treatment"):
            assert getattr(a, name) == getattr(b, name)
        for name in (
            "control",
            "treatment",
            "difference",
            "low",
            "high",
            "low_fcr",
            "lift",
            "lift_high",
            "p_value",
            "p_adjusted",
            "deviation",
            "deviation_p_adjusted",
            "arms_p",
            "error",
            "low_always",
        ):
            assert getattr(a, name) == pytest.approx(
                getattr(b, name), rel=1e-9, abs=1e-9, nan_ok=True
            ), name


@pytest.mark.parametrize("metrics", [SUMS, MEANS], ids=["sums", "means"])
@pytest.mark.parametrize("status", ["final", "running"])
def test_an_experiment_of_aggregates_is_that_of_its_rows(rows, cells, metrics, status):
    asked = {"allocation": SHARES, "by": "country", "time": "day", "status": status}
    expected = explorer.experiment(explorer.open_table(rows), "arm", "A", ROWS, **asked)
    found = explorer.experiment(
        explorer.open_table(cells), "arm", "A", metrics, count="units", **asked
    )
    assert_same(found.cells, expected.cells)
    assert found.n_units == len(rows)
    assert found.srm.counts == expected.srm.counts
    assert found.srm.p_value == pytest.approx(expected.srm.p_value)
    a, b = (one.over_time("clicked", "B", 4) for one in (found, expected))
    assert a.difference == pytest.approx(b.difference)


def test_a_wall_of_aggregates_is_that_of_its_rows(rows, cells):
    expected = explorer.experiment_wall(explorer.open_table(rows), "test", "arm", "A", ROWS, SHARES)
    found = explorer.experiment_wall(
        explorer.open_table(cells), "test", "arm", "A", SUMS, SHARES, count="units"
    )
    order = list(found.srm)
    assert_same(
        sorted(found.cells, key=lambda one: (one.metric, one.arm, one.segment)),
        sorted(expected.cells, key=lambda one: (one.metric, one.arm, one.segment)),
    )
    assert {name: found.srm[name].counts for name in order} == {
        name: expected.srm[name].counts for name in order
    }


def test_the_command_line_reads_aggregates(cells, tmp_path, capsys):
    path, out = tmp_path / "cells.parquet", tmp_path / "found.json"
    pq.write_table(pa.Table.from_pandas(cells), path)
    argv = experiment_command(
        path,
        "--count",
        "units",
        "--metric",
        "clicked=proportion(clicked)",
        "--metric",
        "minutes=mean(minutes)",
        "--squares",
        "minutes=minutes_squares",
    )
    main([*argv, "--json", str(out)])
    expected = explorer.experiment(explorer.open_table(cells), "arm", "A", SUMS, count="units")
    document = json.loads(out.read_text())
    assert [cell["p_value"] for cell in document["cells"]] == pytest.approx(
        [cell.p_value for cell in expected.cells]
    )
    assert any("cannot be checked" in note for note in document["notes"])
    capsys.readouterr()


@pytest.mark.parametrize(
    ("metrics", "options", "words"),
    [
        (["m=quantile(minutes,0.5)"], {}, "a quantile cannot be computed from aggregates"),
        (["m=ratio(clicked,units)"], {}, "a ratio cannot be computed from aggregates"),
        (["m=mean(minutes)"], {}, "needs squares"),
        (
            [explorer.Metric("m", "mean", "minutes", squares="minutes_squares", cap=9)],
            {},
            "need the value of each unit",
        ),
        (SUMS, {"unit": "country"}, "not both"),
        (["m=proportion(minutes)"], {}, "from 0 to the count"),
        (
            [explorer.Metric("m", "mean", "minutes", squares="clicked")],
            {},
            "at least the squared sum",
        ),
        (SUMS, {"count": None}, "as count"),
        (SUMS, {"count": "minutes_mean"}, "whole numbers"),
    ],
)
def test_what_aggregates_do_not_have_is_refused_in_words(cells, metrics, options, words):
    with pytest.raises(ExperimentError, match=words):
        explorer.experiment(
            explorer.open_table(cells), "arm", "A", metrics, **{"count": "units", **options}
        )


def test_what_needs_the_units_says_that_there_are_none(cells):
    found = explorer.experiment(explorer.open_table(cells), "arm", "A", SUMS, count="units")
    assert any("how skewed the values" in note for note in found.notes)
    for asked in (lambda: found.spread("minutes", "B"), lambda: found.shuffled()):
        with pytest.raises(ExperimentError, match="needs a row for each unit"):
            asked()
