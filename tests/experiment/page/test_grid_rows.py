import json

import numpy as np
import pytest
from scipy import stats

import explorer
from explorer.core.errors import UnknownName
from explorer.experiment.analysis.experiment_verdict import PALETTE
from explorer.experiment.page.grid_rows import GRID_SORTS, GridRows

METRICS = ["plays=mean(plays):increase", "clicks=proportion(clicked):increase"]


def read(table, **options):
    return explorer.experiment_wall(
        table, "test", "arm", "A", METRICS, {"A": 1, "B": 1, "C": 1}, **options
    )


@pytest.fixture(scope="module")
def found(grid_table):
    return read(grid_table)


@pytest.fixture(scope="module")
def rows(found):
    return GridRows(found)


def lines(rows, **listed):
    return {line["name"]: line for line in rows.window(0, 99, **listed)["lines"]}


def names(rows, **listed):
    return [rows.names[place] for place in rows.order(**listed)]


def test_there_is_a_row_for_each_experiment_with_a_cell_for_each_metric_and_arm(rows, grid_frame):
    assert rows.names == list(dict.fromkeys(grid_frame.test))
    assert rows.pairs == [("plays", "B"), ("plays", "C"), ("clicks", "B"), ("clicks", "C")]
    for name, line in lines(rows).items():
        assert (
            line["n"]
            == grid_frame[grid_frame.test == name].arm.value_counts().sort_index().tolist()
        )
        assert len(line["cells"]) == 4


def test_a_cell_shows_what_the_grid_says_of_it(rows, found):
    looks = list(PALETTE.values())
    for name, line in lines(rows).items():
        for (metric, arm), shown in zip(rows.pairs, line["cells"], strict=True):
            (cell,) = [
                one
                for one in found.cells
                if (one.segment, one.metric, one.arm) == (name, metric, arm)
            ]
            assert rows.cell(name, metric, arm) == cell
            look = looks[shown["look"]]
            assert (look.glyph, look.colour) == (cell.glyph, cell.colour)
            assert shown["effect"].startswith(("+", "−", "0"))
            assert (shown["words"] or look.words) == cell.words


def test_figures_are_those_of_the_rows_of_an_experiment(rows, grid_frame):
    mine = grid_frame[grid_frame.test == "T3"]
    arms = {arm: mine[mine.arm == arm] for arm in "AB"}
    shown = lines(rows)["T3"]["cells"][0]
    assert float(shown["effect"]) == pytest.approx(
        arms["B"].plays.mean() - arms["A"].plays.mean(), abs=0.05
    )
    assert list(PALETTE)[shown["look"]] == ("better", 2)
    shares = [100 * arms[arm].clicked.mean() for arm in "AB"]
    written = [float(one.removesuffix(" %")) for one in lines(rows)["T3"]["cells"][2]["values"]]
    assert written == pytest.approx(shares, abs=0.1)


def test_a_sample_ratio_that_does_not_fit_is_a_flag_with_words(rows, grid_frame):
    told = lines(rows)
    assert [name for name, line in told.items() if line["flag"]] == ["T7"]
    assert told["T7"]["ratio"] == "mismatch, p < .001"
    assert "not to be trusted" in told["T7"]["ratio_words"]
    p = stats.chisquare(grid_frame[grid_frame.test == "T1"].arm.value_counts()).pvalue
    assert float(told["T1"]["ratio"].removeprefix("p ")) == pytest.approx(p, abs=0.0006)
    assert {list(PALETTE)[cell["look"]][0] for cell in told["T7"]["cells"]} == {"untrusted"}


def test_without_an_allocation_nothing_is_checked_and_that_is_said(grid_table):
    rows = GridRows(explorer.experiment_wall(grid_table, "test", "arm", "A", METRICS))
    assert {line["ratio"] for line in lines(rows).values()} == {"not checked"}
    assert rows.card()["checked"] is False


def test_the_card_counts_the_coloured_cells_of_each_column(rows, found):
    card = rows.card()
    json.dumps(card, allow_nan=False)
    assert (card["ledger"], card["wrong"], card["of"]) == (found.ledger, "T7", 12)
    assert card["largest"] == [
        max(line["n"][arm] for line in lines(rows).values()) for arm in range(3)
    ]
    assert card["columns"][0]["shown"][0] == ["▲", 1, "better"]
    counted = sum(
        count for one in card["columns"] for _, count, what in one["shown"] if what != "untrusted"
    )
    assert counted == found.families[0].shown
    assert {list(PALETTE)[number] for number in card["seen"]} == {
        (c.verdict, c.strength) for c in found.cells
    }


def test_experiments_that_still_run_have_figures_that_hold_at_every_look(grid_table, found):
    going = explorer.experiment_wall(
        grid_table, "test", "arm", "A", METRICS, {"A": 1, "B": 1, "C": 1}, status="running"
    )
    assert "hold however often one looks" in GridRows(going).card()["ledger"]
    for ended, cell in zip(found.cells, going.cells, strict=True):
        assert not cell.p_value <= ended.p_value
        assert not cell.high - cell.low <= ended.high - ended.low


def test_orders(rows, found, grid_frame):
    first = list(dict.fromkeys(grid_frame.test))
    assert names(rows) == first
    assert names(rows, sort="name") == [f"T{i}" for i in range(12)]
    assert names(rows, sort="coloured")[0] == "T3"
    assert names(rows, sort="ratio")[0] == "T7"
    z = {
        c.segment: abs(c.difference / c.error)
        for c in found.cells
        if (c.metric, c.arm) == ("clicks", "C")
    }
    assert names(rows, sort="z", metric="clicks", arm="C") == sorted(z, key=lambda name: -z[name])
    assert all(sorted(names(rows, sort=sort)) == sorted(first) for sort in GRID_SORTS)


def test_search_and_window(rows):
    assert names(rows, sort="name", search=" t1 ") == ["T1", "T10", "T11"]
    window = rows.window(1, 3, "name", "t1")
    assert [line["name"] for line in window["lines"]] == ["T10", "T11"]
    assert (window["start"], window["total"], window["of"]) == (1, 3, 12)
    assert rows.window(50, 60)["lines"] == []


@pytest.mark.parametrize("listed", [{"sort": "size"}, {"sort": "z", "metric": "plays", "arm": "A"}])
def test_an_order_that_does_not_exist_is_refused(rows, listed):
    with pytest.raises(UnknownName):
        rows.order(**listed)


def test_cells_without_a_figure_come_last_and_are_json(grid_table, grid_frame):
    rows = GridRows(read(grid_table, where="test != 'T3' or arm = 'A'"))
    assert names(rows, sort="z", metric="plays", arm="B")[-1] == "T3"
    window = rows.window(0, 99)
    json.dumps(window, allow_nan=False)
    (line,) = [one for one in window["lines"] if one["name"] == "T3"]
    assert line["n"][1:] == [0, 0]
    assert list(PALETTE)[line["cells"][0]["look"]][0] in ("not enough data", "untrusted")
    assert np.isnan(rows.cell("T3", "plays", "B").difference)
