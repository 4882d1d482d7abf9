"""The effect map: cells of regions against NumPy and SciPy row by row, and a known truth."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import explorer
from explorer.core.errors import ExperimentError
from explorer.experiment.analysis.effect_map import unsure_columns
from explorer.experiment.analysis.effect_map_regions import FEWEST, named_regions
from explorer.map.map_store import build_store
from explorer.map.regioning import regions_of

BEFORE = ("first", "second")


@dataclass(eq=False)
class FakeMap:
    """Coordinates as a map has them: some rows of a table, in an order of its own."""

    store: object
    rows: np.ndarray
    fingerprint: str
    features: tuple[str, ...] | None = BEFORE


def simulated(n=6_000, seed=0, lift=0.0, where=None, **columns):
    """Two arms at random, a normal outcome, and a place for each row."""
    rng = np.random.default_rng(seed)
    xy = rng.normal(size=(n, 2))
    treated = rng.random(n) < 0.5
    y = rng.normal(size=n) + np.where(treated, lift, 0.0)
    if where is not None:
        y += np.where(treated & where(xy), 1.0, 0.0)
    made = {"first": xy[:, 0], "second": xy[:, 1], "arm": np.where(treated, "B", "A"), "y": y}
    return explorer.open_table(pa.table({**made, **{k: v(rng, n) for k, v in columns.items()}})), xy


def on_plane(table, xy, folder, left_out=0, **changes):
    """A map of all rows but some, in reverse."""
    rows = np.arange(table.num_rows - left_out)[::-1].copy()
    store = build_store(xy[rows].astype(np.float32), folder)
    return FakeMap(store, rows, table.fingerprint, **changes)


def read(table, metric="y=mean(y):increase", **options):
    return explorer.experiment(table, "arm", "A", [metric], **options)


def test_each_region_is_welchs_test_of_its_rows_and_its_deviation_is_from_the_whole(tmp_path):
    table, xy = simulated(lift=0.2)
    found = read(table).on_map(on_plane(table, xy, tmp_path / "m", left_out=100), 20, before=BEFORE)
    whole = read(table).cells[0]
    data = table.source.take(np.arange(table.num_rows), ["arm", "y"]).to_pandas()
    tested = 0
    for number, cell in enumerate(found.part("y", "B")):
        here = data[found.codes == number]
        a, b = here.y[here.arm == "A"], here.y[here.arm == "B"]
        assert (cell.region, cell.segment, cell.by) == (f"H{number + 1}", "all", "")
        assert (cell.n_control, cell.n_treatment) == (len(a), len(b))
        assert found.counts[number] == len(here) == len(found.rows_of(cell.region))
        if cell.verdict == "not enough data":
            continue
        oracle = stats.ttest_ind(b, a, equal_var=False)
        assert cell.difference == pytest.approx(b.mean() - a.mean())
        assert cell.p_value == pytest.approx(oracle.pvalue)
        low, high = oracle.confidence_interval()
        assert (cell.low, cell.high) == (pytest.approx(low), pytest.approx(high))
        assert cell.deviation == pytest.approx(cell.difference - whole.difference)
        assert abs(cell.shrunk) < abs(cell.deviation)
        tested += 1
    assert tested >= 15
    assert (
        min(
            min(cell.n_control, cell.n_treatment)
            for cell in found
            if cell.verdict != "not enough data"
        )
        >= FEWEST
    )
    assert found.n_without == (found.codes < 0).sum() == 100
    assert found.counts.sum() == 5_900
    assert "100 of 6,000 rows have no place on the map" in " ".join(found.notes)


def test_the_error_of_a_deviation_is_that_of_many_repetitions(tmp_path):
    """A region is a part of the whole: their noise is shared, and the interval knows it."""
    table, xy = simulated(n=3_000)
    m, first = on_plane(table, xy, tmp_path / "m"), read(table)
    runs = [
        first.shuffled(seed).on_map(m, 8, before=BEFORE).part("y", "B")[:3] for seed in range(300)
    ]
    for cells in zip(*runs, strict=True):
        cells = [cell for cell in cells if cell.verdict != "not enough data"]
        assert len(cells) > 200
        values = np.array([cell.deviation for cell in cells])
        error = np.mean(
            [(cell.deviation_high - cell.deviation_low) / 2 / 1.959964 for cell in cells]
        )
        assert values.std() == pytest.approx(error, rel=0.15)


def test_without_any_effect_regions_are_told_from_the_whole_no_more_often_than_said(tmp_path):
    table, xy = simulated(n=4_000, lift=0.3)
    m, first, runs = on_plane(table, xy, tmp_path / "m"), read(table), 200
    some = sum(
        first.shuffled(seed).on_map(m, 30, before=BEFORE).differing("y", "B").any()
        for seed in range(runs)
    )
    assert some / runs <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)


def test_an_effect_of_one_part_of_the_map_is_found_and_the_rest_lies_below_the_whole(tmp_path):
    table, xy = simulated(n=40_000, lift=0.1, where=lambda xy: xy[:, 0] > 1)
    found = read(table).on_map(on_plane(table, xy, tmp_path / "m"), 40, before=BEFORE)
    differ = found.differing("y", "B")
    whole = found.counts > 300
    share = (
        np.bincount(found.codes, weights=xy[:, 0] > 1, minlength=len(found.labels)) / found.counts
    )
    cells = found.part("y", "B")
    enough = np.array([cell.verdict != "not enough data" for cell in cells])
    assert differ[enough & whole & (share > 0.9)].all()
    # the others lie below the whole, of which that part is one
    assert all(
        (cells[i].deviation > 0) == (share[i] > 0.5)
        for i in np.flatnonzero(differ)
        if abs(share[i] - 0.5) > 0.4
    )
    assert all(cells[i].shrunk > 0.4 for i in np.flatnonzero(differ & (share > 0.9)))
    assert found.words("y", "B").startswith(
        f"{differ.sum()} of {enough.sum()} regions differ from the whole; expected by chance"
    )


def test_one_effect_everywhere_is_no_deviation_anywhere(tmp_path):
    table, xy = simulated(n=20_000, lift=0.5)
    found = read(table).on_map(on_plane(table, xy, tmp_path / "m"), 40, before=BEFORE)
    assert not found.differing("y", "B").any()
    assert "no sign that the effect differs between" in found.words("y", "B")
    tested = [cell for cell in found.part("y", "B") if cell.verdict != "not enough data"]
    assert sum(cell.difference > 0.2 for cell in tested) > 0.9 * len(tested)
    assert max(abs(cell.shrunk) for cell in tested) < 0.05


def test_a_unit_lies_in_the_region_of_most_of_its_rows(tmp_path):
    table, xy = simulated(n=6_000, who=lambda rng, n: [f"u{i}" for i in rng.integers(0, 1_500, n)])
    data = table.source.take(np.arange(6_000), ["who", "y"]).to_pandas()
    # the arm of a unit is one
    arms = {who: "AB"[i % 2] for i, who in enumerate(sorted(set(data.who)))}
    table = explorer.open_table(
        pa.table(
            {
                **{name: table.source.column(name) for name in (*BEFORE, "y", "who")},
                "arm": [arms[who] for who in data.who],
            }
        )
    )
    found = read(table, unit="who").on_map(on_plane(table, xy, tmp_path / "m"), 6, before=BEFORE)
    data["code"] = found.codes
    counts = (
        data.groupby(["who", "code"])
        .size()
        .reset_index(name="n")
        .sort_values(["who", "n", "code"], ascending=[True, False, True])
    )
    home = counts.groupby("who").code.first()
    mean = data.groupby("who").y.mean()
    for number, cell in enumerate(found.part("y", "B")):
        here = home.index[home == number]
        a, b = ([who for who in here if arms[who] == arm] for arm in "AB")
        assert (cell.n_control, cell.n_treatment) == (len(a), len(b))
        if len(a) and len(b):
            assert cell.difference == pytest.approx(mean[b].mean() - mean[a].mean())
    assert sum(cell.n_control + cell.n_treatment for cell in found) == data.who.nunique()


def test_named_regions_are_read_like_hexagons_and_drawn_in_small_ones(tmp_path):
    table, xy = simulated(n=6_000, lift=0.1, where=lambda xy: xy[:, 0] > 1)
    m = on_plane(table, xy, tmp_path / "m")
    codes = np.digitize(xy[m.rows, 0], [-1, 0, 1]).astype(np.int32)
    found = read(table).on_map(
        m, (codes, ["far left", "left", "right", "far right"]), before=BEFORE
    )
    assert [cell.region for cell in found] == ["far left", "left", "right", "far right"]
    assert np.array_equal(found.codes[m.rows], codes)
    assert found.differing("y", "B")[3]
    x = found.hexagons.x
    for number, (low, high) in enumerate([(-9, -1), (-1, 0), (0, 1), (1, 9)]):
        mine = x[found.owners == number]
        assert len(mine)
        assert ((mine > low - found.hexagons.size) & (mine < high + found.hexagons.size)).all()


def test_regions_of_a_map_are_taken_with_their_names(people):
    regions = regions_of(people.project(["height", "weight", "sleep"], method="pca"), people)
    for level in range(len(regions.levels)):
        codes, labels = named_regions(regions, level)
        assert np.array_equal(codes, regions.labels(level))
        assert len(set(labels)) == len(labels) == len(regions.levels[level])
        for one, label in zip(regions.levels[level], labels, strict=True):
            assert label in (
                one.name or f"region {one.number + 1}",
                f"{one.name} ({one.number + 1})",
            )
    assert named_regions(regions, 9)[1] == labels
    with pytest.raises(ExperimentError, match="still being found"):
        named_regions(SimpleNamespace(levels=((),), complete=False, note=""))
    with pytest.raises(ExperimentError, match="do not part"):
        named_regions(SimpleNamespace(levels=(), complete=True, note="these rows do not part"))


def test_a_map_of_columns_that_may_come_from_after_is_refused_in_words(tmp_path):
    table, xy = simulated(n=400)
    m, found = on_plane(table, xy, tmp_path / "m"), read(table)
    assert unsure_columns(found.assignment, m) == {"first": "", "second": ""}
    with pytest.raises(
        ExperimentError, match="not known whether first, second were measured before"
    ):
        found.on_map(m)
    table.edit("first", "assignment", "before")
    table.edit("second", "assignment", "after")
    assert unsure_columns(found.assignment, m) == {"second": "after"}
    with pytest.raises(ExperimentError, match="second was measured after the assignment"):
        found.on_map(m)
    table.edit("second", "assignment", "before")
    assert unsure_columns(found.assignment, m) == {}
    assert len(found.on_map(m)) > 0
    nobody = on_plane(table, xy, tmp_path / "n", features=None)
    assert "it is not known what these coordinates were made from" in found.on_map(nobody).notes[0]
    for name in BEFORE:
        table.edit(name, "assignment", None)


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        (0, "1 to 10,000; came 0"),
        (10**9, "came 1,000,000,000"),
        ("clusters", "came <U1"),
        (None, "with the regions' names; came None"),
        (True, "came True"),
        ((np.zeros(3, np.int32), ["a"]), "each of the map's 400 rows"),
        ((np.zeros(400), ["a"]), "a whole number; came float64"),
        ((np.ones(400, int), ["a"]), "1 names"),
        ((np.zeros(400, int), ["a", "a"]), "1 different"),
    ],
)
def test_what_are_no_regions_is_said(tmp_path, regions, words):
    table, xy = simulated(n=400)
    with pytest.raises(ExperimentError, match=words):
        read(table).on_map(on_plane(table, xy, tmp_path / "m"), regions, before=BEFORE)


def test_another_tables_map_and_an_experiment_without_rows_are_refused(tmp_path):
    table, xy = simulated(n=400)
    other = on_plane(table, xy, tmp_path / "m")
    other.fingerprint = "f" * 32
    with pytest.raises(ExperimentError, match="belongs to another table"):
        read(table).on_map(other, before=BEFORE)
    with pytest.raises(ExperimentError, match="has no rows"):
        replace(read(table), analysis=None).on_map(other)


def test_a_table_and_json_hold_every_cell_with_its_rows_and_its_place(tmp_path):
    table, xy = simulated(n=2_000)
    found = read(table).on_map(on_plane(table, xy, tmp_path / "m"), 10, before=BEFORE)
    arrow = found.to_arrow()
    assert arrow.num_rows == len(found)
    assert arrow["rows"].to_pylist() == found.counts.tolist()
    assert arrow["region"].to_pylist() == list(found.labels)
    assert np.allclose(arrow["x"].to_numpy(), found.hexagons.x)
    document = found.document()
    assert len(document["cells"]) == len(found)
    assert sum(one["rows"] for one in document["regions"]) == 2_000
