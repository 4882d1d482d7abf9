"""A ranking counts every list, whatever the layout of the log; arms are compared on all lists."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score

import explorer
from explorer.app.cli import main
from explorer.app.demo import open_sample
from explorer.core.errors import ModelError
from explorer.ranking.page import RankingView
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table

DEEP = 29
DEPTHS = (1, 5, 10)
# lists of 1,000 by the position of the played title; nothing is played in the others
ARMS = {
    "A": {1: 200, 2: 100, 5: 60, 12: 40},
    "B": {1: 200, 2: 100, 5: 60, 12: 40, 15: 30, 20: 20, 29: 20},
}


def sessions() -> pd.DataFrame:
    """One row a session: B has all plays of A, and 70 more of 1,000 at positions 15 to 29."""
    parts = []
    for arm, plays in ARMS.items():
        rank = np.repeat([*plays, np.nan], [*plays.values(), 1_000 - sum(plays.values())])
        parts.append(pd.DataFrame({"arm": arm, "rank": rank}))
    found = pd.concat(parts, ignore_index=True)
    found["played"] = found["rank"].notna()
    found = found.sample(frac=1, random_state=0).sort_values(
        "arm", kind="stable", ignore_index=True
    )
    return found.assign(session=np.arange(len(found)), member=np.arange(len(found)) // 4)


def showings(some: pd.DataFrame) -> pd.DataFrame:
    """One row for each of the titles of a session."""
    shown = some.loc[some.index.repeat(DEEP)].reset_index(drop=True)
    place = np.tile(np.arange(1, DEEP + 1), len(some))
    return shown.assign(played=shown["rank"] == place, rank=place)


def truth(plays: dict[int, int], lists: int) -> dict[str, float]:
    """Return what follows from the design alone."""
    found = {
        "mrr": sum(n / rank for rank, n in plays.items()) / lists,
        "played": sum(plays.values()) / lists,
    }
    for k in DEPTHS:
        found[f"success@{k}"] = sum(n for rank, n in plays.items() if rank <= k) / lists
        found[f"ndcg@{k}"] = (
            sum(n / np.log2(1 + rank) for rank, n in plays.items() if rank <= k) / lists
        )
    return found


def both() -> dict[int, int]:
    return {rank: sum(arm.get(rank, 0) for arm in ARMS.values()) for rank in ARMS["B"]}


def figures(one) -> dict[str, float]:
    found = {"mrr": one.mrr.value, "played": one.played.value}
    for k in DEPTHS:
        found[f"success@{k}"], found[f"ndcg@{k}"] = one.success[k].value, one.ndcg[k].value
    return found


def layouts() -> dict[str, tuple[pd.DataFrame, dict[str, str]]]:
    """Return the same lists in every way that logs are written."""
    one = sessions()
    each = showings(one)
    unplayed = each.assign(**{"rank": each["rank"].where((each["rank"] <= 3) | each.played)})
    none = one[~one.played]
    mixed = pd.concat([each[each.session.isin(one.session[one.played])], none], ignore_index=True)
    pages = each.assign(visit=each.session // 4, page=each.session % 4)
    return {
        "a row a session": (one, {"unit": "none"}),
        "a row a session, with units": (one, {"unit": "member"}),
        "a row a session, that is named": (one, {"list": "session", "unit": "member"}),
        "empty cells for no play": (
            one.assign(played=one.played.where(one.played)),
            {"list": "session", "unit": "none"},
        ),
        "-1 and an empty cell for no play": (
            one.assign(rank=one["rank"].fillna(-1), played=one.played.where(one.played)),
            {"list": "session", "unit": "none"},
        ),
        "-1 for no play": (
            one.assign(rank=one["rank"].fillna(-1)),
            {"list": "session", "unit": "none"},
        ),
        "0 for no play": (one.assign(rank=one["rank"].fillna(0)), {"unit": "member"}),
        "a row a showing": (each, {"list": "session", "unit": "none"}),
        "a row a showing, with units": (each, {"list": "session", "unit": "member"}),
        "showings without a position": (unplayed, {"list": "session", "unit": "member"}),
        "sessions with no showing": (mixed, {"list": "session", "unit": "none"}),
        "several lists a session": (pages, {"list": "page", "unit": "visit"}),
        "positions from 0": (
            each.assign(rank=each["rank"] - 1),
            {"list": "session", "unit": "none"},
        ),
    }


LAYOUTS = layouts()


@pytest.fixture(scope="module")
def tables():
    return {name: open_table(frame) for name, (frame, _) in LAYOUTS.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_list_counts_in_every_layout(tables, layout):
    found = explorer.ranking(
        tables[layout], "rank", "played", k=DEPTHS, by="arm", **LAYOUTS[layout][1]
    )
    assert found.lists == 2_000
    assert found.lists_without_hit == 2_000 - 400 - 470
    assert figures(found) == pytest.approx(truth(both(), 2_000))
    # the last depth is the chance of any play
    assert found.any_play[-1].value == pytest.approx(870 / 2_000)
    assert {one.lists for one in found.any_play} == {2_000}
    for one in found.segments:
        assert figures(one) == pytest.approx(truth(ARMS[one.segment], 1_000))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lists_without_a_hit_are_dropped_when_asked_for_in_every_layout(tables, layout):
    asked = LAYOUTS[layout][1]
    found = explorer.ranking(
        tables[layout], "rank", "played", k=DEPTHS, by="arm", no_hit="drop", **asked
    )
    assert figures(found) == pytest.approx(truth(both(), 870) | {"played": 870 / 2_000})
    assert found.mrr.n == 870
    assert found.any_play[-1].value == pytest.approx(870 / 2_000)
    for one in found.segments:
        plays = sum(ARMS[one.segment].values())
        assert figures(one) == pytest.approx(
            truth(ARMS[one.segment], plays) | {"played": plays / 1_000}
        )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_arm_that_only_adds_plays_is_never_worse_on_all_lists(tables, layout):
    found = explorer.ranking(
        tables[layout], "rank", "played", k=DEPTHS, by="arm", **LAYOUTS[layout][1]
    )
    cells = {cell.metric: cell for cell in found.comparison.cells}
    expected = {
        name.replace("played", "any play"): truth(ARMS["B"], 1_000)[name]
        - truth(ARMS["A"], 1_000)[name]
        for name in truth({}, 1)
    }
    assert {name: cell.difference for name, cell in cells.items()} == pytest.approx(expected)
    assert all(cell.verdict != "worse" for cell in cells.values())
    assert cells["any play"].verdict == "better"
    assert found.compared_on == "all lists"


@pytest.mark.parametrize("layout", ["a row a session", "a row a showing, with units"])
def test_a_comparison_of_those_who_played_is_named_so(tables, layout, tmp_path, capsys):
    frame, asked = LAYOUTS[layout]
    found = explorer.ranking(tables[layout], "rank", "played", by="arm", no_hit="drop", **asked)
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["compared_on"] == document["comparison"]["where"] == "lists with a hit"
    assert "A 40.0 %, B 47.0 % of the lists" in document["comparison_words"]
    # arms that differ in how often anything is played have other lists with a hit: no verdict is an
    # effect
    verdicts = {cell.metric: cell.verdict for cell in found.comparison.cells}
    assert verdicts.pop("any play") == "better"
    assert set(verdicts.values()) == {"untrusted"}
    assert next(metric.name for metric in found.comparison.metrics if metric.primary) == "any play"
    path = str(tmp_path / "log.parquet")
    frame.to_parquet(path)
    options = ["--position", "rank", "--outcome", "played", "--by", "arm"]
    options += [word for name, column in asked.items() for word in (f"--{name}", column)]
    told = {}
    for way in ("count", "drop", "exclude"):
        assert main(["ranking", path, *options, "--no-hit", way]) == 0
        told[way] = capsys.readouterr().out
    assert told["drop"] == told["exclude"]
    assert "compared on all lists" in told["count"]
    assert "compared on lists with a hit; any play on all lists" in told["drop"]
    assert "an arm that adds hits at lower positions seems worse there" in told["drop"]


def test_ndcg_is_that_of_scikit_learn_on_all_titles(tables):
    wide = np.zeros((2_000, DEEP))
    rank = sessions()["rank"].to_numpy()
    some = ~np.isnan(rank)
    wide[some, rank[some].astype(int) - 1] = 1
    scores = np.tile(-np.arange(DEEP, dtype=float), (2_000, 1))
    for layout in ("a row a session", "a row a showing"):
        found = explorer.ranking(tables[layout], "rank", "played", k=DEPTHS, **LAYOUTS[layout][1])
        for k in DEPTHS:
            assert found.ndcg[k].value == pytest.approx(ndcg_score(wide, scores, k=k))


def test_rows_without_a_position_are_said_for_what_they_are(tables):
    found = explorer.ranking(tables["a row a session"], "rank", "played")
    assert any(
        "1,130 lists have no row with rank and no play: they are lists in which nothing was played"
        in note
        for note in found.notes
    )
    inside = explorer.ranking(tables["showings without a position"], "rank", "played", "session")
    without = int(LAYOUTS["showings without a position"][0]["rank"].isna().sum())
    assert any(
        note.startswith(f"{without:,} rows without rank lie in lists that have others")
        for note in inside.notes
    )


def test_rates_by_position_are_of_all_lists_where_only_plays_have_a_position(tables):
    """With units: the rates and intervals are those of the log that has every showing."""
    asked = {"list": "session", "unit": "member", "by": "arm"}
    one = explorer.ranking(tables["a row a session"], "rank", "played", **asked)
    each = explorer.ranking(tables["a row a showing"], "rank", "played", **asked)
    assert (one.rates_of, each.rates_of) == ("lists", "rows")
    for mine, theirs in (
        (one.positions, each.positions),
        (one.segment_positions, each.segment_positions),
    ):
        played = [tuple(p) for p in theirs if p.hits]
        assert [tuple(p)[:5] for p in mine] == [p[:5] for p in played]
        np.testing.assert_allclose([p[5:] for p in mine], [p[5:] for p in played])


def test_propensities_are_asked_of_rows_with_a_position_alone(tables):
    log = LAYOUTS["sessions with no showing"][0]
    rng = np.random.default_rng(0)
    log = log.assign(p=np.where(log["rank"].isna(), np.nan, rng.choice([0.1, 0.2], len(log))))
    found = explorer.ranking(open_table(log), "rank", "played", "session", propensity="p", k=DEPTHS)
    assert figures(found) == pytest.approx(truth(both(), 2_000))
    some = log[log["rank"].notna()]
    rate = {
        place: np.average(part.played, weights=1 / part.p) for place, part in some.groupby("rank")
    }
    for one in found.examination:
        assert one.share == pytest.approx(rate[one.position] / rate[1])
    assert not any("corrected rates" in note for note in found.notes)


def test_a_play_at_an_unknown_place_counts_as_played_and_has_no_figure():
    log = sessions()
    lost = log.index[log.played][:50]
    log.loc[lost, "rank"] = np.nan
    found = explorer.ranking(open_table(log), "rank", "played", k=DEPTHS, by="arm")
    assert found.played.value == pytest.approx(870 / 2_000)
    assert (found.lists_unplaced, found.mrr.n) == (50, 1_950)
    assert found.mrr.value == pytest.approx((1 / log.drop(lost)["rank"]).fillna(0).mean())
    assert any(note.startswith("50 lists have a play without rank") for note in found.notes)


def test_a_segment_known_only_where_something_was_played_is_not_compared():
    log = sessions()
    log["genre"] = np.where(log.played, np.where(log.session % 2, "drama", "comedy"), None)
    found = explorer.ranking(open_table(log), "rank", "played", by="genre")
    assert found.comparison is None
    assert "known only where something was played" in found.comparison_words


def test_an_outcome_that_is_never_no_is_said_in_rankings_and_in_engagement():
    each = LAYOUTS["a row a showing"][0]
    table = open_table(
        each.assign(played=np.where(each.played, 1.0, np.nan), title=each["rank"] % 3)
    )
    ranked = explorer.ranking(table, "rank", "played", "session")
    items = explorer.engagement(table, "title", "played")
    for found in (ranked, items):
        assert any("played is never 0" in note for note in found.notes)


def test_a_log_without_any_position_is_refused():
    log = sessions().assign(rank=np.nan)
    with pytest.raises(ModelError, match="none of the 2,000 rows that are read has a position"):
        explorer.ranking(open_table(log), "rank", "played")


def test_the_page_shows_all_lists_and_names_a_comparison_of_those_who_played(
    fake_queue, until, open_view
):
    session = Session(
        open_table(sessions()), fake_queue, {"features": ["rank", "session"], "tab": "Models"}
    )
    session.state.act(
        actions.set_ranking,
        position="rank",
        outcome="played",
        by="arm",
        no_hit="exclude",
    )
    view = open_view(RankingView, session)
    until(lambda: view.result.get("comparison"))
    assert view.result["compared_on"] == "lists with a hit"
    assert "among lists with a hit alone" in view.result["comparison_words"]
    view.on_set(no_hit="count")
    until(lambda: view.result.get("compared_on") == "all lists")
    tile = view.result["tiles"][-1]
    assert (tile["name"], tile["value"], tile["note"]) == ("any play", ".4350", "all 2,000 lists")
    assert "worse" not in {line["verdict"]["short"] for line in view.result["comparison"]["lines"]}


def test_single_weights_that_carry_too_much_bear_no_order_and_say_so():
    """The log of Thompson sampling in the Open Bandit data.

    656 effective rows, and one weight of 178 beside a mean of about 1.
    """
    rows = "campaign = 'men' and policy = 'bts'"
    found = explorer.engagement(
        open_sample("bandit"), "item_id", "click", propensity="propensity_score", where=rows
    )
    assert (round(found.policy.ess), round(found.policy.max_weight)) == (656, 178)
    assert not found.policy.ranked
    assert "the error rests on 14 rows of the 30 that an order needs" in found.policy.words
    assert "by squared weights" in found.warning
    for row in (found.policy, *found.rows):
        for low, value, high in (
            (row.snips_low, row.snips, row.snips_high),
            (row.ips_low, row.ips, row.ips_high),
        ):
            assert 0 <= low <= value <= high <= max(1, value)


def test_an_interval_of_a_rate_by_propensities_never_starts_below_0_and_holds_the_truth():
    """3 % of yes; the item is shown with chances from 1 in 100 up.

    Wald's interval holds the truth in about 80 of 100 such logs.
    """
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        chance = 1 / (1 + np.exp(2.5 - rng.normal(size=1_500)))
        shown = rng.random(1_500) < chance
        log = pd.DataFrame(
            {
                "ad": np.where(shown, "a", "b"),
                "p": np.where(shown, chance, 1 - chance),
                "hit": rng.random(1_500) < 0.03,
            }
        )
        row = explorer.engagement(open_table(log), "ad", "hit", propensity="p").find("a")
        assert row.snips_low >= 0
        held += row.snips_low <= 0.03 <= row.snips_high
    assert held >= 54
