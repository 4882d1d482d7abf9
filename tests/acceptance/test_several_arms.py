"""Several arms are tested together first.

Whether a metric differs does not depend on which arm is called the control.
"""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

import explorer
from explorer.app.cli import main
from tests.acceptance.conftest import experiment_command

ARMS = list("ABC")


def frame_of(shifts, n=1_500, seed=4):
    """One row a unit; each arm's shift of the mean."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(ARMS, n)
    return pd.DataFrame(
        {
            "arm": arm,
            "score": rng.normal(size=3 * n) + np.repeat(shifts, n),
            "hit": rng.random(3 * n) < 0.3 + np.repeat(shifts, n),
        }
    )


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("score=mean(score):primary", "welch"),
        ("hit=proportion(hit):primary", "chi2"),
    ],
)
def test_all_arms_have_one_p_value_whichever_is_the_control(metric, oracle):
    frame = frame_of([0, 0.06, 0.1])
    table = explorer.open_table(frame)
    groups = [frame[frame.arm == arm] for arm in ARMS]
    if oracle == "welch":
        expected = stats.f_oneway(*(one.score for one in groups), equal_var=False).pvalue
    else:
        counts = [[one.hit.sum(), (~one.hit).sum()] for one in groups]
        expected = stats.chi2_contingency(counts, correction=False).pvalue
    for control in ARMS:
        found = explorer.experiment(table, "arm", control, [metric])
        assert [cell.arms_p for cell in found.cells] == pytest.approx([expected] * 2)


def test_a_pair_is_told_apart_only_where_all_arms_together_are():
    # B and C lie to either side of A: against A each is sure alone, whatever Holm's method makes of
    # it
    frame = frame_of([0, 0.08, 0.0])
    found = explorer.experiment(
        explorer.open_table(frame), "arm", "A", ["score=mean(score):primary"]
    )
    groups = {arm: frame.score[frame.arm == arm] for arm in ARMS}
    together = stats.f_oneway(*groups.values(), equal_var=False).pvalue
    alone = {arm: stats.ttest_ind(groups[arm], groups["A"], equal_var=False).pvalue for arm in "BC"}
    for cell in found.cells:  # with three arms the closed test multiplies by one
        assert cell.p_adjusted == pytest.approx(
            max(together, max(p for p in alone.values() if p <= alone[cell.arm]))
        )


def test_a_grid_of_several_arms_is_selected_by_the_arms_together():
    rng = np.random.default_rng(7)
    tests = pd.concat(
        [frame_of([0, 0.3 * (i < 3), 0], 400, i).assign(test=f"E{i}") for i in range(12)],
        ignore_index=True,
    )
    tests["noise"] = rng.normal(size=len(tests))
    grids = {
        c: explorer.experiment_wall(
            explorer.open_table(tests), "test", "arm", c, ["score=mean(score)", "noise=mean(noise)"]
        )
        for c in "AB"
    }
    told = {}
    for control, grid in grids.items():
        together = {(cell.segment, cell.metric): cell.arms_p for cell in grid.cells}
        told[control] = together
        selected = stats.false_discovery_control(list(together.values())) <= 0.05
        opened = {key for key, one in zip(together, selected, strict=True) if one}
        assert {(cell.segment, cell.metric) for cell in grid.cells if cell.strength} <= opened
        assert opened
    assert told["A"] == pytest.approx(told["B"])


def test_the_terminal_and_json_say_all_arms_together(tmp_path, capsys):
    path, out = tmp_path / "log.parquet", tmp_path / "found.json"
    pq.write_table(pa.Table.from_pandas(frame_of([0, 0, 0])), path)
    argv = experiment_command(path, "--metric", "score=mean(score):primary")
    main(argv)
    assert "all arms together: score p = " in capsys.readouterr().out
    main([*argv, "--json", str(out)])
    document = json.loads(out.read_text())
    assert 0.05 < document["cells"][0]["arms_p"] < 1
    assert "Marcus, Peritz and Gabriel 1976" in document["method"]
    assert "closed testing" in document["families"][0]["what"]
