"""The sample ratio is checked over the arms there are; arms declared or not are named."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

import explorer
from explorer.app.cli import main
from explorer.core.errors import UnknownName
from tests.acceptance.conftest import experiment_command

METRIC = explorer.Metric("minutes", "mean", "minutes", goal="increase", primary=True)


def frame_of(sizes):
    """One row a unit; sizes by experiment and arm."""
    rng, rows = np.random.default_rng(0), []
    for test, arms in sizes.items():
        for arm, n in arms.items():
            rows.append(pd.DataFrame({"test": test, "arm": arm, "minutes": rng.normal(10, 2, n)}))
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def grid():
    sizes = {
        "E1": {"A": 3_000, "B": 3_000},
        "E2": {"A": 2_000, "B": 2_050, "C": 1_980},
        "E3": {"A": 2_000, "B": 2_400},
        "E4": {"A": 1_000, "B": 1_020, "D": 1_500},
        "E5": {"A": 1_000, "D": 1_500},
    }
    return explorer.experiment_wall(
        explorer.open_table(frame_of(sizes)), "test", "arm", "A", [METRIC], {"A": 1, "B": 1, "C": 1}
    )


def test_a_grid_checks_each_experiment_over_the_arms_that_it_has(grid):
    found = {name: check.p_value for name, check in grid.srm.items()}
    assert found["E1"] == 1
    assert found["E2"] == pytest.approx(stats.chisquare([2_000, 2_050, 1_980]).pvalue)
    assert found["E3"] == pytest.approx(stats.chisquare([2_000, 2_400]).pvalue)
    assert [name for name, check in grid.srm.items() if check.mismatch] == ["E3"]
    assert not any(cell.verdict == "untrusted" for cell in grid.cells if cell.segment == "E1")


def test_a_grid_says_which_arms_are_missing_or_were_not_declared(grid):
    assert "declared, but without units: C" in grid.srm["E1"].words
    assert "not declared, and not checked: D" in grid.srm["E4"].words
    assert grid.srm["E4"].p_value == pytest.approx(stats.chisquare([1_000, 1_020]).pvalue)
    assert grid.srm["E5"].p_value is None
    assert "fewer than two of the declared arms have units" in grid.srm["E5"].words
    assert any(
        note.startswith("4 of 5 experiments lack an arm that was declared") for note in grid.notes
    )
    assert any("arms that were not declared, and are not checked: D" in note for note in grid.notes)
    assert grid.document()["srm"]["E1"]["words"] == grid.srm["E1"].words


def test_an_experiment_says_a_declared_arm_without_units_and_checks_the_others():
    table = explorer.open_table(frame_of({"E1": {"A": 3_000, "B": 3_000}}))
    found = explorer.experiment(table, "arm", "A", [METRIC], {"A": 1, "B": 1, "C": 1})
    assert found.srm.p_value == 1
    assert found.srm.absent == ("C",)
    assert "declared, but without units: C" in found.srm.words
    assert found.trusted


def test_an_experiment_with_an_arm_that_was_not_declared_is_read_and_says_so():
    table = explorer.open_table(frame_of({"E1": {"A": 3_000, "B": 3_000, "C": 50}}))
    found = explorer.experiment(table, "arm", "A", [METRIC], {"A": 1, "B": 1})
    assert found.srm.p_value == 1
    assert "not declared, and not checked: C" in found.srm.words
    with pytest.raises(UnknownName, match=r"no arm 'Bb'.*'B'"):
        explorer.experiment(table, "arm", "A", [METRIC], {"A": 1, "Bb": 1})


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((3_000, 3_020), "as declared"),
        ((3_000, 3_210), "p = 0.0077: unusual; not below the 0.001 at which verdicts are withheld"),
        ((3_000, 3_300), "sample ratio mismatch"),
    ],
)
def test_an_unusual_ratio_is_not_called_as_declared(sizes, words, tmp_path, capsys):
    path = tmp_path / "log.parquet"
    pq.write_table(
        pa.Table.from_pandas(frame_of({"E1": dict(zip("AB", sizes, strict=True))})), path
    )
    argv = experiment_command(path, "--metric", "minutes=mean(minutes)", "--allocation", "A=1,B=1")
    main(argv)
    printed = capsys.readouterr().out
    assert words in printed
    assert ("as declared" in printed) is (words == "as declared")
    out = tmp_path / "found.json"
    main([*argv, "--json", str(out)])
    assert words in json.loads(out.read_text())["srm"]["words"]
