import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score

import explorer
from explorer.core.errors import ModelError, UnknownName


@pytest.fixture(scope="module")
def log():
    """Pages of twelve titles in three rows and four columns.

    Members open several, half of them with the new layout.
    """
    rng = np.random.default_rng(0)
    pages, size = 500, 12
    page = np.repeat(np.arange(pages), size)
    position = np.tile(np.arange(1, size + 1), pages)
    member = np.repeat(rng.integers(0, 150, pages), size)
    layout = np.where(member % 2 == 0, "new", "old")
    chance = np.where(layout == "new", 0.2, 0.08) / np.sqrt(position)
    frame = pd.DataFrame({"page": page, "position": position, "member": member, "layout": layout})
    frame["played"] = (rng.random(len(frame)) < chance).astype(int)
    frame["row"], frame["column"] = (position - 1) // 4 + 1, (position - 1) % 4 + 1
    frame["genre"] = rng.choice(["drama", "comedy"], len(frame))
    return frame.sample(frac=1, random_state=1).reset_index(drop=True)


@pytest.fixture(scope="module")
def table(log):
    return explorer.open_table(log)


@pytest.fixture(scope="module")
def found(table):
    return explorer.ranking(
        table,
        "position",
        "played",
        list="page",
        unit="member",
        row="row",
        column="column",
        by="layout",
    )


def first_hits(log):
    """Return the position of the highest hit of each page; NaN without one."""
    hits = log[log.played > 0].groupby("page").position.min()
    return hits.reindex(range(log.page.max() + 1))


def test_mrr_and_success_are_those_of_pandas(found, log):
    first = first_hits(log)
    assert found.mrr.value == pytest.approx((1 / first).fillna(0).mean())
    for k in (1, 5, 10):
        assert found.success[k].value == pytest.approx((first <= k).mean())
    assert (found.lists, found.lists_without_hit) == (500, first.isna().sum())


def test_lists_without_a_hit_are_left_out_when_asked_for(table, log):
    first = first_hits(log).dropna()
    found = explorer.ranking(table, "position", "played", list="page", no_hit="drop")
    older = explorer.ranking(table, "position", "played", list="page", no_hit="exclude")
    assert (older.mrr, older.no_hit) == (found.mrr, "drop")
    assert found.mrr.value == pytest.approx((1 / first).mean())
    assert found.success[5].value == pytest.approx((first <= 5).mean())
    assert found.mrr.n == len(first)
    assert "left out" in found.words


def test_ndcg_is_that_of_scikit_learn(found, log):
    wide = log.pivot_table(index="page", columns="position", values="played").to_numpy()
    scores = np.tile(-np.arange(wide.shape[1], dtype=float), (len(wide), 1))
    for k in (1, 5, 10):
        assert found.ndcg[k].value == pytest.approx(ndcg_score(wide, scores, k=k))


@pytest.mark.parametrize(
    ("no_hit", "mrr", "ndcg"), [("drop", 0.6667, 0.75), ("count", 0.4444, 0.5)]
)
def test_three_users_of_the_reference(no_hit, mrr, ndcg):
    frame = pd.DataFrame(
        {"user": np.repeat([1, 2, 3], 3), "rank": [1, 2, 3] * 3, "hit": [1, 0, 0, 0, 0, 0, 0, 0, 1]}
    )
    found = explorer.ranking(
        explorer.open_table(frame), "rank", "hit", list="user", k=(3,), no_hit=no_hit
    )
    assert found.mrr.value == pytest.approx(mrr, abs=5e-5)
    assert found.ndcg[3].value == pytest.approx(ndcg, abs=5e-5)


def test_ranks_of_the_played_title_alone_give_the_reciprocal_rank_of_the_reference():
    frame = pd.DataFrame({"rank": [3, 2, 1], "hit": [True] * 3})
    found = explorer.ranking(explorer.open_table(frame), "rank", "hit")
    assert found.mrr.value == pytest.approx(0.6111, abs=5e-5)
    assert any("each row is a list of its own" in note for note in found.notes)


def test_the_error_of_the_mean_is_between_units(found, log):
    values = (1 / first_hits(log)).fillna(0)
    unit = log.groupby("page").member.first()
    moved = (values - values.mean()).groupby(unit).sum()
    error = np.sqrt((moved**2).sum() * len(moved) / (len(moved) - 1)) / len(values)
    assert (found.mrr.high - found.mrr.low) / 2 == pytest.approx(1.976 * error, rel=2e-3)


def test_two_pages_of_a_user_do_not_mix(log):
    # pages are numbered anew for each member
    again = log.assign(page=log.groupby("member").page.rank("dense").astype(int))
    found = explorer.ranking(
        explorer.open_table(again), "position", "played", list="page", unit="member"
    )
    assert found.lists == 500
    assert found.mrr.value == pytest.approx((1 / first_hits(log)).fillna(0).mean())
    assert any("share the page of another member" in note for note in found.notes)
    mixed = explorer.ranking(explorer.open_table(log), "position", "played", unit="member")
    assert mixed.lists == log.member.nunique()
    assert any("all rows of a member are one list" in note for note in mixed.notes)
    assert any("pages may be mixed" in note for note in mixed.notes)


def test_the_position_curve_is_counted_by_position(found, log):
    expected = log.groupby("position").played.agg(["size", "sum", "mean"])
    for one in found.positions:
        n, hits, rate = expected.loc[one.position]
        assert (one.n, one.hits, one.rate) == (n, hits, pytest.approx(rate))
        assert one.low < one.rate < one.high
        assert one.share == pytest.approx(hits / log.played.sum())


def test_the_chance_of_any_play_counts_all_lists_by_rows_of_the_page(found, table, log):
    first = log[log.played > 0].groupby("page").row.min().reindex(range(500))
    assert found.deep == "rows"
    assert [one.depth for one in found.any_play] == [1, 2, 3]
    for one in found.any_play:
        assert one.value == pytest.approx((first <= one.depth).mean())
        assert one.lists == 500
    flat = explorer.ranking(table, "position", "played", list="page", no_hit="exclude")
    assert flat.deep == "positions"
    assert [one.value for one in flat.any_play] == pytest.approx(
        [(first_hits(log) <= m).mean() for m in range(1, 13)]
    )


def test_the_page_holds_what_was_played_in_each_row_and_column(found, log):
    expected = log.groupby(["row", "column"]).played.agg(["size", "sum"])
    assert len(found.page) == 12
    for one in found.page:
        assert (one.n, one.hits) == tuple(expected.loc[(one.row, one.column)])
    for one in found.recall:
        within = (log.played > 0) & (log.row <= one.rows) & (log.column <= one.columns)
        assert one.value == pytest.approx(within.sum() / log.played.sum())


def test_segments_are_what_their_lists_say_alone(found, table, log):
    for one in found.segments:
        alone = explorer.ranking(
            table,
            "position",
            "played",
            list="page",
            unit="member",
            where=f"layout = '{one.segment}'",
        )
        assert one.mrr == pytest.approx(alone.mrr)
        assert one.ndcg[5] == pytest.approx(alone.ndcg[5])
        here = [p[2:] for p in found.segment_positions if p.segment == one.segment]
        np.testing.assert_allclose(here, [p[2:] for p in alone.positions])


def test_layouts_are_compared_with_the_verdicts_of_experiments(found, log):
    figures = {one.segment: one for one in found.segments}
    cell = found.comparison.cells.find("mrr", "old")
    assert found.comparison.control == "new"
    assert cell.difference == pytest.approx(figures["old"].mrr.value - figures["new"].mrr.value)
    assert cell.verdict == "worse"
    assert cell.n_control + cell.n_treatment == log.member.nunique()


def test_the_comparison_is_welchs_where_lists_are_units(log):
    from scipy.stats import ttest_ind

    table = explorer.open_table(log)
    found = explorer.ranking(
        table, "position", "played", list="page", unit="none", by="layout", control="old"
    )
    cell = found.comparison.cells.find("mrr", "new")
    values = (1 / first_hits(log)).fillna(0)
    layout = log.groupby("page").layout.first()
    test = ttest_ind(values[layout == "new"], values[layout == "old"], equal_var=False)
    assert cell.p_value == pytest.approx(test.pvalue)


def test_a_column_of_rows_splits_lists_and_compares_nothing(table, log):
    found = explorer.ranking(table, "position", "played", list="page", by="genre")
    assert found.comparison is None
    assert "lists have rows with different values" in found.comparison_words
    some = log[log.genre == "drama"]
    first = some[some.played > 0].groupby("page").position.min()
    (drama,) = [one for one in found.segments if one.segment == "drama"]
    assert drama.mrr.value == pytest.approx((1 / first).sum() / some.page.nunique())


def test_positions_from_zero_are_counted_from_one_and_it_is_said(log):
    plain = explorer.ranking(explorer.open_table(log), "position", "played", list="page")
    shifted = explorer.open_table(log.assign(position=log.position - 1))
    found = explorer.ranking(shifted, "position", "played", list="page")
    assert found.mrr == pytest.approx(plain.mrr)
    assert any(note.startswith("position begins at 0") for note in found.notes)


def test_plays_without_a_whole_position_are_counted_and_their_lists_have_no_figure(log):
    bad = log.assign(position=log.position.astype(float))
    played = bad.index[bad.played > 0]
    bad.loc[played[:3], "position"] = np.nan
    bad.loc[played[3:5], "position"] = 1.5
    found = explorer.ranking(explorer.open_table(bad), "position", "played", list="page")
    hidden = bad.loc[played[:5], "page"].nunique()
    assert (found.n_rows, found.lists, found.lists_unplaced) == (len(log), 500, hidden)
    assert found.played.value == pytest.approx(first_hits(log).notna().mean())
    some = first_hits(log).drop(bad.loc[played[:5], "page"])
    assert found.mrr.value == pytest.approx((1 / some).fillna(0).mean())
    assert any(
        note.startswith(f"{hidden} lists have a play without position") for note in found.notes
    )
    assert any(note.startswith("2 rows count as rows without position") for note in found.notes)
    assert f"{hidden} have a hit without a position and are left out" in found.words


def test_users_without_any_hit_are_said_in_words(log):
    none = explorer.open_table(log.assign(played=0))
    found = explorer.ranking(none, "position", "played", list="page", row="row", column="column")
    assert found.mrr.value == 0
    assert found.success[1].high > 0
    assert found.words.startswith("none of the 500 lists has a hit")
    assert found.recall == []
    left = explorer.ranking(
        none, "position", "played", list="page", unit="none", no_hit="drop", by="layout"
    )
    assert np.isnan(left.mrr.value)
    assert {cell.verdict for cell in left.comparison.cells} == {"not enough data"}
    json.dumps(left.document(), allow_nan=False)


def test_nothing_is_corrected_for_position_unless_something_tells_it(found, table, log):
    assert found.examination == []
    assert "not corrected for position" in found.examination_words
    drawn = explorer.ranking(table, "position", "played", list="page", randomised=True)
    rates = log.groupby("position").played.mean()
    assert [one.share for one in drawn.examination] == pytest.approx((rates / rates[1]).tolist())
    assert all(one.low <= one.share <= one.high for one in drawn.examination)


def test_propensities_of_positions_are_undone():
    rng = np.random.default_rng(0)
    n = 40_000
    good = rng.random(n) < 0.5
    first = rng.random(n) < np.where(good, 0.9, 0.1)  # good titles are put first
    p = np.where(first == good, 0.9, 0.1)
    looked = rng.random(n) < np.where(first, 1.0, 0.5)
    played = looked & (rng.random(n) < np.where(good, 0.4, 0.1))
    frame = pd.DataFrame({"position": np.where(first, 1, 2), "played": played, "p": p})
    found = explorer.ranking(explorer.open_table(frame), "position", "played", propensity="p")
    second = found.examination[1]
    assert second.low < 0.5 < second.high
    assert found.positions[1].rate / found.positions[0].rate < 0.3
    assert second.ranked


def test_everything_is_written_as_json_and_as_a_table(found):
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["mrr"]["value"] == found.mrr.value
    assert document["ndcg"]["5"]["value"] == found.ndcg[5].value
    assert document["success"]["1"]["n"] == 500
    assert document["comparison"]["cells"][0]["metric"] == "mrr"
    written = found.to_arrow().to_pandas()
    assert set(written.figure) == {
        "mrr",
        "ndcg",
        "success",
        "played",
        "rate",
        "any_play",
        "page",
        "recall",
    }
    (mrr,) = written[(written.figure == "mrr") & (written.segment == "all")].value
    assert mrr == found.mrr.value


def test_positions_that_are_all_different_are_read_though_they_look_like_an_identifier():
    frame = pd.DataFrame({"row": [11, 4, 7, 2], "hit": [0, 1, 0, 0]})
    found = explorer.ranking(explorer.open_table(frame.assign(page=1)), "row", "hit", list="page")
    assert found.mrr.value == 1 / 4


def test_recall_grows_with_rows_and_columns(found):
    by_rows = [one.value for one in found.recall if one.columns == 4]
    assert all(low <= high for low, high in pairwise(by_rows))
    assert by_rows[-1] == 1


def test_what_cannot_be_read_is_said_in_words(table):
    with pytest.raises(UnknownName, match="position"):
        explorer.ranking(table, "positon", "played")
    with pytest.raises(ModelError, match="whole numbers from 1"):
        explorer.ranking(table, "position", "played", k=(0, 5))
    with pytest.raises(ModelError, match="'count' or 'drop'"):
        explorer.ranking(table, "position", "played", no_hit="skip")
    with pytest.raises(ModelError, match="position is a column of numbers"):
        explorer.ranking(table, "layout", "played")
    far = explorer.open_table(pd.DataFrame({"p": [1, 2], "hit": [0, 1], "row": [1, 5_000]}))
    with pytest.raises(ModelError, match="up to 1,000 rows and columns"):
        explorer.ranking(far, "p", "hit", row="row", column="p")
    with pytest.raises(UnknownName, match="no segment 'knew'"):
        explorer.ranking(table, "position", "played", by="layout", control="knew")


def test_a_list_in_which_pages_are_mixed_is_never_better_than_its_ideal():
    frame = pd.DataFrame({"l": np.repeat(range(50), 8), "pos": 1, "y": 1})
    found = explorer.ranking(explorer.open_table(frame), "pos", "y", list="l")
    assert found.ndcg[1].value == 1.0
    assert any("more than once" in note for note in found.notes)


def test_a_control_may_be_named_by_its_value_and_needs_segments(log):
    arm = (log["page"] % 2).astype(int)
    table = explorer.open_table(log.assign(arm=arm))
    for control in (1, "1", 1.0):
        found = explorer.ranking(
            table, "position", "played", list="page", by="arm", control=control
        )
        assert found.comparison.control == "1"
    with pytest.raises(ModelError, match="name their column"):
        explorer.ranking(table, "position", "played", list="page", control="1")
    for k in ("1,5", (float("nan"),), (float("inf"),), None, (10**30,), (0,)):
        with pytest.raises(ModelError, match="k are depths"):
            explorer.ranking(table, "position", "played", list="page", k=k)
    assert set(explorer.ranking(table, "position", "played", list="page", k=np.int64(5)).ndcg) == {
        5
    }


def test_it_says_how_far_it_is_and_ends_when_it_is_told_to(table, ends_when_told):
    told = []
    asked = {
        "position": "position",
        "outcome": "played",
        "list": "page",
        "row": "row",
        "column": "column",
        "by": "layout",
    }
    found = explorer.ranking(table, **asked, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "columns"] == [
        ("columns", done, 5) for done in range(6)
    ]
    assert [step for step in told if step[0] == "lists"] == [
        ("lists", done, 5) for done in range(5)
    ]
    assert found.mrr == explorer.ranking(table, **asked).mrr
    ends_when_told(lambda progress: explorer.ranking(table, **asked, progress=progress), len(told))
