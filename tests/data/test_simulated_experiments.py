"""The simulated experiments: the same on every run, labelled, and as true as their truth says."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.stats

import explorer
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.metric import Metric
from explorer.samples import simulated_experiments_recipe
from explorer.samples.simulated_experiments_recipe import (
    EFFECTS,
    EXPERIMENTS,
    LOST,
    METRICS,
    write_experiments,
)
from explorer.session.start import choose_start

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("grid")
    write_experiments(folder)
    return folder


@pytest.fixture(scope="module")
def table(folder) -> pa.Table:
    return pq.read_table(folder / "simulated_experiments.parquet")


@pytest.fixture(scope="module")
def rows(table) -> pd.DataFrame:
    return table.to_pandas()


@pytest.fixture(scope="module")
def truth(folder) -> dict:
    document = json.loads((folder / "simulated_experiments_truth.json").read_text(encoding="utf-8"))
    assert document["simulated"] is True
    return document["experiments"]


@pytest.fixture(scope="module")
def tests(rows) -> pd.DataFrame:
    """Welch's test (SciPy) of every metric of every experiment."""
    found = []
    for name, of in rows.groupby("experiment", observed=True):
        a, b = of[of["arm"] == "A"], of[of["arm"] == "B"]
        for metric in METRICS:
            error = np.sqrt(a[metric].var() / len(a) + b[metric].var() / len(b))
            p_value = scipy.stats.ttest_ind(b[metric], a[metric], equal_var=False).pvalue
            found.append((name, metric, b[metric].mean() - a[metric].mean(), error, p_value))
    return pd.DataFrame(found, columns=["experiment", "metric", "difference", "error", "p_value"])


def test_thirty_do_nothing_eight_do_something_and_two_have_lost_members(truth):
    working = {
        name for name, of in truth.items() if any(m["effect"] for m in of["metrics"].values())
    }
    lossy = {name for name, of in truth.items() if of["share_of_b_lost"] > 0}
    assert (len(truth), len(working), len(lossy)) == (40, 8, 2)
    assert working == set(EFFECTS)
    assert lossy == set(LOST)
    assert working.isdisjoint(lossy)


def test_each_metric_differs_by_its_true_effect(tests, truth):
    for row in tests.itertuples():
        said = truth[row.experiment]["metrics"][row.metric]
        assert said["effect"] == (said["treatment"] != said["control"])
        assert abs(row.difference - (said["treatment"] - said["control"])) < 4 * row.error, row


def test_every_working_experiment_is_found_with_the_false_discovery_rate_held(tests, truth):
    found = tests[scipy.stats.false_discovery_control(tests["p_value"]) <= 0.05]
    effect = [truth[row.experiment]["metrics"][row.metric]["effect"] for row in found.itertuples()]
    assert set(found["experiment"][effect]) == set(EFFECTS)
    assert effect.count(False) <= 2


def test_sample_ratios_fit_but_for_the_two_that_lost_members(rows):
    for name, of in rows.groupby("experiment", observed=True):
        p_value = scipy.stats.chisquare(of["arm"].value_counts()).pvalue
        assert (p_value < 1e-4) == (name in LOST), name


def test_one_row_is_one_member_of_one_experiment(rows, catalogue_words):
    sizes = rows.groupby("experiment", observed=True).size()
    assert list(sizes.index) == list(EXPERIMENTS)
    assert f"Between {sizes.min():,} and {sizes.max():,} members" in catalogue_words
    assert rows["member"].is_unique


@pytest.fixture(scope="module")
def catalogue_words() -> str:
    return " ".join(Catalogue.load(DATA / "simulated_experiments.yaml").table.warnings)


def test_everything_is_described_and_says_that_it_is_simulated(folder, table):
    catalogue = Catalogue.load(DATA / "simulated_experiments.yaml")
    assert catalogue.table.title.startswith("Simulated")
    assert list(catalogue.features) == table.column_names
    assert catalogue.unknown(table.column_names) == []
    for name, feature in catalogue.features.items():
        assert "simulated" in feature["description"].lower(), name
        assert {"label", "group", "missing_means", "source"} <= set(feature), name
        assert (feature.get("assignment") is None) == (name == "arm")
        assert table[name].null_count == 0
        if "valid_range" in feature:
            low, high = feature["valid_range"]
            assert table[name].to_pandas().between(low, high).all(), name
    metadata = pq.read_metadata(folder / "simulated_experiments.parquet").metadata
    assert metadata[b"simulated"] == b"true"
    assert metadata[b"title"].decode() == catalogue.table.title


def test_rows_change_only_together_with_the_edition_of_the_sample(table):
    # When this fails, raise `edition` in data/samples.yaml: tables that were made before would stay
    # as they are.
    cells = repr(table.slice(0, 2_000).to_pydict()).encode()
    assert (
        hashlib.sha256(cells).hexdigest()
        == "a78b956f6c1dbf529b759be38ea81fbc766097467d4a08ca74f935de07bb85df"
    )


def test_another_seed_makes_other_rows_and_the_same_effects(truth):
    table, said = simulated_experiments_recipe.experiment_table("E03", seed=1)
    assert table.num_rows != simulated_experiments_recipe.experiment_table("E03")[0].num_rows
    assert {metric: each["effect"] for metric, each in said.items()} == {
        metric: each["effect"] for metric, each in truth["E03"]["metrics"].items()
    }


def test_the_recipe_refuses_a_seed_below_zero(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["recipe", str(tmp_path), "--seed", "-1"])
    with pytest.raises(SystemExit) as exit_:
        simulated_experiments_recipe.main()
    assert exit_.value.code == 2


@pytest.fixture(scope="module")
def grid(folder):
    """The grid that the catalogue names: its metrics, arms and allocation."""
    opened = explorer.open_table(
        folder / "simulated_experiments.parquet", catalogue=DATA / "simulated_experiments.yaml"
    )
    start = choose_start(opened).document
    assert start["tab"] == "Experiment"
    asked = start["experiment"]
    metrics = [Metric(**one) for one in asked["metrics"]]
    return explorer.experiment_wall(
        opened,
        asked["experiments"],
        asked["variant"],
        asked["control"],
        metrics,
        asked["allocation"],
        asked["unit"],
    )


def test_the_grid_of_the_catalogue_finds_every_true_effect_and_one_that_is_none(
    grid, truth, catalogue_words
):
    coloured = {(cell.segment, cell.metric): cell for cell in grid.cells if cell.strength}
    true = {
        (name, metric)
        for name, of in truth.items()
        for metric in METRICS
        if of["metrics"][metric]["effect"]
    }
    assert len(true) == 10
    assert set(coloured) - true == {("E26", "minutes")}
    assert true <= set(coloured)
    assert "one that is none: minutes in E26" in catalogue_words
    for name, metric in true:
        said, cell = truth[name]["metrics"][metric], coloured[name, metric]
        rises = said["treatment"] > said["control"]
        assert cell.verdict == ("better" if rises == (metric != "errors") else "worse")


def test_the_grid_of_the_catalogue_trusts_no_verdict_of_the_two_that_lost_members(grid):
    assert {name for name, check in grid.srm.items() if check.mismatch} == set(LOST)
    assert {cell.segment for cell in grid.cells if cell.verdict == "untrusted"} == set(LOST)
