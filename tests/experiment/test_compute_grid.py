import numpy as np
import pandas as pd
import pytest
from scipy import stats

import explorer


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    n = 40_000
    frame = pd.DataFrame(
        {
            "test": rng.integers(0, 20, n),
            "arm": rng.choice(["A", "B"], n),
            "member": rng.integers(0, 9_000, n),
        }
    )
    frame["test"] = "T" + frame.test.astype(str)
    frame["plays"] = rng.normal(5, 2, n) + 0.5 * ((frame.test == "T3") & (frame.arm == "B"))
    return frame[~((frame.test == "T7") & (frame.arm == "B") & (rng.random(n) < 0.3))]


def grid(frame, **options):
    table = explorer.open_table(frame.reset_index(drop=True))
    return explorer.experiment_wall(
        table, "test", "arm", "A", ["plays=mean(plays):increase"], {"A": 1, "B": 1}, **options
    )


def test_every_experiment_has_the_cells_of_its_own_rows(frame):
    found = grid(frame)
    assert len(found.cells) == 20
    for cell in found.cells:
        rows = frame[frame.test == cell.segment]
        expected = stats.ttest_ind(
            rows.plays[rows.arm == "B"], rows.plays[rows.arm == "A"], equal_var=False
        )
        assert cell.p_value == pytest.approx(expected.pvalue, rel=1e-6)


def test_the_grid_is_corrected_together_and_names_what_works(frame):
    found = grid(frame)
    made = [cell.p_value for cell in found.cells]
    assert [cell.p_adjusted for cell in found.cells] == pytest.approx(
        list(stats.false_discovery_control(made))
    )
    assert [cell.segment for cell in found.cells if cell.verdict == "better"] == ["T3"]


def test_a_mismatch_flags_its_own_experiment_alone(frame):
    found = grid(frame)
    assert [name for name, check in found.srm.items() if check.mismatch] == ["T7"]
    assert [cell.segment for cell in found.cells if cell.verdict == "untrusted"] == ["T7"]
    assert "1 with a sample ratio mismatch" in found.ledger


def test_a_member_of_two_experiments_may_be_in_another_arm_of_each(frame):
    rng = np.random.default_rng(1)
    dealt = {
        pair: rng.choice(["A", "B"]) for pair in set(zip(frame.test, frame.member, strict=True))
    }
    frame["arm"] = [dealt[pair] for pair in zip(frame.test, frame.member, strict=True)]
    found = grid(frame, unit="member")
    inside = (
        frame[frame.test == "T5"]
        .groupby("member")
        .agg(arm=("arm", "first"), plays=("plays", "mean"))
    )
    (cell,) = [cell for cell in found.cells if cell.segment == "T5"]
    assert (cell.n_control, cell.n_treatment) == tuple(inside.arm.value_counts()[["A", "B"]])
    assert cell.treatment == pytest.approx(inside.plays[inside.arm == "B"].mean())


def test_a_grid_is_a_table_and_json(frame):
    found = grid(frame)
    assert found.to_arrow().num_rows == 20
    document = found.document()
    assert document["srm"]["T7"]["mismatch"] is True
    assert len(document["cells"]) == 20


def test_experiments_come_in_the_order_of_their_first_rows(frame):
    assert list(grid(frame).srm) == list(dict.fromkeys(frame.test))


def test_experiments_without_a_row_that_is_read_are_no_part_of_the_grid(frame):
    found = grid(frame, where="test in ('T5', 'T3')")
    assert set(found.srm) == {"T3", "T5"}
    assert found.families[0].tests == 2


def test_rows_without_an_experiment_are_told_and_left_out(frame):
    frame.loc[frame.test == "T5", "test"] = None
    found = grid(frame)
    assert f"{int(frame.test.isna().sum()):,} rows without test are left out" in found.notes
    assert "T5" not in found.srm


def test_a_column_that_names_no_experiment_is_refused_in_words(frame):
    frame["test"] = pd.Series([None] * len(frame), index=frame.index, dtype="string")
    with pytest.raises(explorer.ExplorerError, match="no row that is read names an experiment"):
        grid(frame)


def test_a_column_that_names_members_is_refused_in_words():
    frame = pd.DataFrame(
        {"member": np.arange(100_001), "arm": ["A", "B", "A"] * 33_333 + ["A", "B"], "plays": 1.0}
    )
    table = explorer.open_table(frame)
    with pytest.raises(explorer.ExplorerError, match="has 100,001 different values"):
        explorer.experiment_wall(table, "member", "arm", "A", ["plays=mean(plays)"])


def test_it_says_how_far_it_is_and_ends_when_it_is_told_to(frame, ends_when_told):
    table, told = explorer.open_table(frame.reset_index(drop=True)), []

    def run(progress):
        metrics = ["plays=mean(plays):increase", "median=quantile(plays,0.5)"]
        return explorer.experiment_wall(
            table, "test", "arm", "A", metrics, unit="member", progress=progress
        )

    found = run(lambda *step: told.append(step))
    assert told[0][0] == "columns"
    assert told[-2:] == [("metrics", 1, 2), ("metrics", 2, 2)]
    assert [cell.p_value for cell in found.cells] == [cell.p_value for cell in run(None).cells]
    ends_when_told(run, len(told))
