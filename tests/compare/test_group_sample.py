import numpy as np
import pandas as pd
import pytest
from scipy import stats

from explorer.compare import compute as comparing
from explorer.compare import group_sample
from explorer.compare.comparison import Comparison
from explorer.compare.compute import compare
from explorer.core.cache import Cache
from explorer.core.errors import ComparisonError
from explorer.table import row_sample
from explorer.table.table import open_table
from projections import Cancelled

ROWS = 40_000


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    rare = np.arange(ROWS) % 1_000 == 0
    frame = pd.DataFrame(rng.normal(size=(ROWS, 6)), columns=list("uvwxyz"))
    frame["x"] += 1.0 * rare
    frame["y"] += 0.5 * rare
    frame["colour"] = np.where(rng.random(ROWS) < np.where(rare, 0.9, 0.4), "red", "blue")
    frame["flag"] = rng.random(ROWS) < 0.5
    frame["gap"] = np.where(rng.random(ROWS) < 0.3, np.nan, rng.normal(size=ROWS))
    frame["note"] = [f"text {i}" for i in range(ROWS)]
    frame["rare"], frame["who"] = rare.astype(int), np.arange(ROWS) % 900
    return frame


@pytest.fixture(params=["file", "memory"])
def table(frame, tmp_path, request):
    if request.param == "memory":
        return open_table(frame, cache=Cache(tmp_path / "cache"))
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=9_000)
    return open_table(str(tmp_path / "a.parquet"), cache=Cache(tmp_path / "cache"))


@pytest.fixture
def small(monkeypatch):
    """Let the table of 40,000 rows count as a long one."""
    for module, name, value in (
        (comparing, "_SORTED_CELLS", 0),
        (comparing, "_COUNTED_CELLS", 0),
        (row_sample, "_MOST_ROWS", 5_000),
        (comparing, "ENOUGH", 300),
        (group_sample, "_OWN", 500),
    ):
        monkeypatch.setattr(module, name, value)


def test_a_sample_says_so_wherever_it_is_read(table):
    found = compare(table, "rare = 1", sample=2_000)
    assert found.sample == (40, 2_000)
    assert found.notes == ["order from a random sample of 40 rows of A and 2,000 of B"]
    assert "40 rows of A and 2,000 rows of B, drawn at random" in found.method
    assert (found.n_a, found.n_b) == (40, ROWS - 40)
    for row in found.rows:
        assert row.sampled
        assert not row.exact
        assert row.n_a + row.missing_a == 40
        assert row.n_b + row.missing_b == 2_000
        assert row.note.startswith("of a random sample of 40 rows of A and 2,000 of B")
    again = Comparison.from_document(found.document())
    assert again.sample == (40, 2_000)
    assert again.method == found.method


def test_figures_of_a_sample_are_those_of_another_library_on_its_rows(table, frame, monkeypatch):
    drawn = []
    sample_groups = comparing.sample_groups

    def watched(*arguments):
        drawn.append(sample_groups(*arguments))
        return drawn[-1]

    monkeypatch.setattr(comparing, "sample_groups", watched)
    mask = np.arange(ROWS) % 3 == 0
    found = compare(table, mask, sample=700)
    sample, request = drawn[0]
    rows = sample.rows
    assert len(np.unique(rows)) == len(rows) == 1_400
    np.testing.assert_array_equal(request.pair.a, mask[rows])
    picked = frame.iloc[rows]
    for name in ("x", "gap"):
        a, b = (picked.loc[side, name].dropna() for side in (mask[rows], ~mask[rows]))
        assert found[name].auc == pytest.approx(
            stats.mannwhitneyu(a, b).statistic / len(a) / len(b), rel=1e-12
        )
        assert found[name].mean_a == pytest.approx(a.mean())
    shares = pd.crosstab(picked["colour"], mask[rows], normalize="columns")
    assert {one.level: one.share_a for one in found["colour"].levels} == pytest.approx(
        shares[True].to_dict()
    )


def test_intervals_of_a_sample_hold_the_figure_of_all_rows(frame, tmp_path, monkeypatch):
    table = open_table(frame[list("uvwxyz")], cache=Cache(tmp_path))
    mask = np.random.default_rng(5).random(ROWS) < 0.2
    held, exact = 0, compare(table, mask)
    for seed in range(20):
        monkeypatch.setattr(group_sample, "_SEED", seed)
        found = compare(table, mask, sample=400)
        held += sum(row.auc_low <= exact[row.feature].auc <= row.auc_high for row in found.rows)
    assert held / 120 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 120))


def test_a_rare_group_has_rows_drawn_of_its_own_also_where_columns_are_in_steps(table, small):
    previews = []
    exact = compare(table, "rare = 1", exact=True)
    for _ in range(2):  # then all columns of numbers are in steps
        compare(table, "rare = 1", preview=previews.append)
    for found in (one for one in previews if one.sample):
        assert found.sample[0] == 40  # five of them are in the sample of the table
        assert found.sample[1] > 4_000
        for name in "xy":
            assert found[name].auc == pytest.approx(exact[name].auc, abs=0.03)
            assert found[name].mean_a == pytest.approx(exact[name].mean_a, abs=1e-6)
        assert found["note"].n_a == 40
        assert found["colour"].levels[0].a == exact["colour"].levels[0].a
    assert len([one for one in previews if one.sample]) >= 2


def test_what_the_sample_of_the_table_has_of_a_group_is_shown_before_its_own_rows_are_read(
    table, small
):
    previews = []
    mask = np.arange(ROWS) % 200 == 0  # about 25 rows in the sample of 5,000
    compare(table, mask, preview=previews.append)
    first, second = (one.sample for one in previews[:2])
    assert 20 <= first[0] < 40
    assert second[0] == 200
    assert (
        previews[1]["u"].auc_high - previews[1]["u"].auc_low
        < previews[0]["u"].auc_high - previews[0]["u"].auc_low
    )


def test_with_a_sample_first_all_rows_are_returned(table, small):
    stages, previews = [], []
    found = compare(
        table,
        "rare = 1",
        unit="who",
        adjust="colour",
        preview=previews.append,
        progress=lambda *step: stages.append(step),
    )
    assert previews[0].sample is not None
    assert not any(row.sampled for row in found.rows)
    assert found.sample is None
    assert {stage for stage, *_ in stages} >= {"sample", "compare"}
    plain = compare(table, "rare = 1", unit="who", adjust="colour", exact=True)
    assert [row.effect for row in found.rows] == pytest.approx(
        [row.effect for row in plain.rows], nan_ok=True
    )


def test_the_sample_of_a_table_is_drawn_once(frame, tmp_path, small, monkeypatch):
    frame.to_parquet(tmp_path / "a.parquet")
    read = []
    reads = row_sample.read_rows
    monkeypatch.setattr(row_sample, "read_rows", lambda *some: read.append(1) or reads(*some))
    for _ in range(2):
        table = open_table(str(tmp_path / "a.parquet"), cache=Cache(tmp_path / "cache"))
        first, again = table.columns.sample(), table.columns.sample()
        assert first is again
        assert first.cells.column("x").to_pylist() == frame["x"].iloc[first.rows].tolist()
        assert first.cells.column("colour").to_pylist() == frame["colour"].iloc[first.rows].tolist()
    assert len(read) == 1


def test_a_sample_as_large_as_the_groups_is_all_rows(table):
    found = compare(table, "rare = 1", sample=ROWS)
    assert found.sample is None
    assert all(row.exact for row in found.rows)


def test_reading_a_sample_can_be_cancelled(table, small):
    with pytest.raises(Cancelled):
        compare(
            table,
            "rare = 1",
            preview=print,
            progress=lambda stage, _done, _total: stage != "sample",
        )


def test_a_sample_without_rows_is_refused_in_words(table):
    with pytest.raises(ComparisonError, match="at least 1 row"):
        compare(table, "rare = 1", sample=0)
