"""The shipped bandit impressions against their catalogue, known answers and rows made by hand."""

import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.stats
import yaml

from explorer.samples import open_bandit_recipe

DATA = Path(__file__).resolve().parents[2] / "data"
ITEMS = {"all": 80, "men": 34, "women": 46}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pq.read_table(DATA / "open_bandit.parquet")


@pytest.fixture(scope="module")
def rows(table) -> pd.DataFrame:
    return table.to_pandas()


@pytest.fixture(scope="module")
def catalogue() -> dict:
    return yaml.safe_load((DATA / "open_bandit.yaml").read_text(encoding="utf-8"))


def clicks(
    rows: pd.DataFrame, campaign: str, policy: str, position: int | None = None
) -> tuple[int, int]:
    """Return clicks and impressions, counted one by one."""
    counted = [
        click
        for of, by, at, click in zip(
            rows["campaign"], rows["policy"], rows["position"], rows["click"], strict=True
        )
        if of == campaign and by == policy and position in (None, at)
    ]
    return sum(counted), len(counted)


def p_value(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Pooled z test of two proportions, which is the χ² test of the 2 × 2 table."""
    cells = [[count, size - count] for count, size in (a, b)]
    return float(scipy.stats.chi2_contingency(cells, correction=False).pvalue)


def test_clicks_are_those_that_were_published_for_each_policy(rows):
    counted = {
        (campaign, policy): clicks(rows, campaign, policy)
        for campaign in ITEMS
        for policy in ("bts", "random")
    }
    assert counted == {
        ("all", "bts"): (42, 10_000),
        ("all", "random"): (38, 10_000),
        ("men", "bts"): (69, 10_000),
        ("men", "random"): (46, 10_000),
        ("women", "bts"): (46, 10_000),
        ("women", "random"): (46, 10_000),
    }
    assert sum(count for count, _ in counted.values()) == 287


def test_the_policies_of_the_mens_campaign_differ_as_known(rows):
    # Newcombe (1998), method 10, from two Wilson intervals (SciPy)
    a, b = clicks(rows, "men", "random"), clicks(rows, "men", "bts")
    low_a, high_a = scipy.stats.binomtest(*a).proportion_ci(method="wilson")
    low_b, high_b = scipy.stats.binomtest(*b).proportion_ci(method="wilson")
    share_a, share_b = a[0] / a[1], b[0] / b[1]
    difference = share_b - share_a
    assert (round(low_a, 5), round(high_a, 5)) == (0.00345, 0.00613)
    assert difference == pytest.approx(0.0023)
    assert difference - np.hypot(share_b - low_b, high_a - share_a) == pytest.approx(
        0.000196, abs=5e-7
    )
    assert difference + np.hypot(high_b - share_b, share_a - low_a) == pytest.approx(
        0.004455, abs=5e-7
    )
    assert p_value(a, b) == pytest.approx(0.03148, abs=5e-6)


def test_one_of_three_positions_differs_before_and_after_the_correction_comes_close(rows):
    pairs = [
        [clicks(rows, "men", policy, position) for policy in ("random", "bts")]
        for position in (1, 2, 3)
    ]
    assert pairs == [[(10, 3284), (30, 3339)], [(22, 3388), (21, 3262)], [(14, 3328), (18, 3399)]]
    p_values = [p_value(*pair) for pair in pairs]
    assert p_values == pytest.approx([0.00181, 0.977, 0.516], abs=5e-4)
    adjusted = scipy.stats.false_discovery_control(p_values)
    assert adjusted == pytest.approx([0.00544, 0.977, 0.775], abs=5e-4)


def test_under_the_random_policy_no_position_stands_out(rows):
    cells = [
        [count, size - count]
        for count, size in (clicks(rows, "men", "random", at) for at in (1, 2, 3))
    ]
    found = scipy.stats.chi2_contingency(cells, correction=False)
    assert (round(found.statistic, 2), round(found.pvalue, 3)) == (4.50, 0.105)


def test_weights_to_a_uniform_policy_are_as_extreme_as_the_catalogue_says(rows, catalogue):
    words = " ".join(catalogue["table"]["warnings"])
    found = {}
    for campaign in ("men", "women"):
        of = rows[(rows["campaign"] == campaign) & (rows["policy"] == "bts")]
        weights = 1 / ITEMS[campaign] / of["propensity_score"]
        found[campaign] = (
            (weights * of["click"]).sum() / weights.sum(),
            weights.sum() ** 2 / (weights**2).sum(),
            weights.max(),
            weights.max() / weights.sum(),
        )
    snips, size, largest, _ = found["men"]
    assert (round(snips, 5), round(size), round(largest)) == (0.00319, 656, 178)
    assert (
        f"effective sample size is {size:.0f} of 10,000 rows, the largest weight {largest:.0f}"
        in words
    )
    assert f"one row carries {found['women'][3]:.0%} of all weight".replace("%", " %") in words
    assert f"the effective sample size is {found['women'][1]:.0f}." in words


def test_the_random_policy_is_uniform_over_the_items_of_its_campaign(rows):
    of = rows[rows["policy"] == "random"]
    for campaign, items in ITEMS.items():
        assert sorted(rows["item_id"][rows["campaign"] == campaign].unique()) == list(range(items))
        assert of["propensity_score"][of["campaign"] == campaign].unique() == pytest.approx(
            1 / items, abs=5e-7
        )


def test_the_propensity_of_an_item_at_a_position_changes_within_the_week(rows):
    of = rows[rows["policy"] == "bts"]
    levels = of.groupby(["campaign", "item_id", "position"], observed=True)[
        "propensity_score"
    ].nunique()
    assert (levels > 1).mean() > 0.9


def test_hashes_of_users_are_the_same_in_both_policies_and_stay_apart_when_cut(rows):
    for number, levels in enumerate((3, 5, 9, 10)):
        column = rows[f"user_feature_{number}"]
        assert column.nunique() == levels
        assert column.str.fullmatch(r"[0-9a-f]{8}").all()
        shared = set(column[rows["policy"] == "bts"]) & set(column[rows["policy"] == "random"])
        assert len(shared) >= levels - 2
        assert column.isin(shared).mean() > 0.999


def test_the_catalogue_states_what_the_table_holds(table, rows, catalogue):
    assert list(catalogue["features"]) == table.column_names
    for name, feature in catalogue["features"].items():
        assert len(feature["description"]) > 30, name
        assert feature["missing_means"].startswith("No value is missing") == (
            table[name].null_count == 0
        )
        if "valid_range" in feature:
            assert table[name].to_numpy().min() >= feature["valid_range"][0], name
            assert table[name].to_numpy().max() <= feature["valid_range"][1], name
        stated = re.search(r"(\d+) levels", feature["description"])
        assert stated is None or int(stated[1]) == rows[name].nunique()
    pairs = rows["timestamp"].duplicated().sum()
    assert f"{pairs} pairs" in catalogue["features"]["timestamp"]["description"]
    assert (
        f"{(rows['affinity_sum'] == 0).mean():.1%}".replace("%", " %")
        in (catalogue["features"]["affinity_sum"]["description"])
    )
    assert (
        f"in {(rows['affinity_shown_item'] > 0).sum()} rows"
        in (catalogue["features"]["affinity_shown_item"]["description"])
    )


def test_every_column_but_the_arm_says_whether_it_was_known_before_assignment(catalogue):
    said = {name: feature.get("assignment") for name, feature in catalogue["features"].items()}
    assert [name for name, when in said.items() if when is None] == ["policy"]
    after = {"item_id", "position", "click", "propensity_score", "affinity_shown_item"}
    assert {name for name, when in said.items() if when == "after"} == after


def source_rows(times: list[str], items: list[int], affinities: list[list[float]]) -> pd.DataFrame:
    frame = pd.DataFrame({"timestamp": times, "item_id": items, "position": 1, "click": 0})
    frame["propensity_score"] = 0.5
    for number in range(4):
        frame[f"user_feature_{number}"] = f"{number:08x}ffffffff"
    for item in range(len(affinities[0])):
        frame[f"user-item_affinity_{item}"] = [of_user[item] for of_user in affinities]
    return frame


def test_the_recipe_folds_affinities_cuts_hashes_and_orders_by_time():
    late, early = "2019-11-24 00:00:02.000001+00:00", "2019-11-24 00:00:01+00:00"
    frames = [
        open_bandit_recipe.campaign_frame(
            "bts", "men", source_rows([late, early], [1, 0], [[0, 2, 1], [0, 3, 0]])
        ),
        open_bandit_recipe.campaign_frame("random", "all", source_rows([early], [0], [[4, 0]])),
    ]
    made = open_bandit_recipe.bandit_table(frames)
    assert made.schema.equals(pq.read_schema(DATA / "open_bandit.parquet"))
    found = made.to_pydict()
    assert found["policy"] == ["bts", "random", "bts"]
    assert found["campaign"] == ["men", "all", "men"]
    assert found["affinity_sum"] == [3, 4, 3]
    assert found["affinity_nonzero"] == [1, 1, 2]
    assert found["affinity_shown_item"] == [0, 4, 2]
    assert found["user_feature_3"] == ["00000003"] * 3
    assert [time.microsecond for time in found["timestamp"]] == [0, 0, 1]


def test_the_recipe_refuses_any_other_content(tmp_path):
    wheel = tmp_path / "obp-0.5.7-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for policy, campaign in open_bandit_recipe.SOURCE_SHA256:
            archive.writestr(f"obp/dataset/obd/{policy}/{campaign}/{campaign}.csv", b"other rows")
    with pytest.raises(ValueError, match=r"expected sha256 0ad874e4.*pip download"):
        open_bandit_recipe.source_files(wheel)


def test_the_recipe_ends_in_one_line_when_its_source_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        sys, "argv", ["recipe", str(tmp_path / "missing.whl"), str(tmp_path / "out.parquet")]
    )
    with pytest.raises(SystemExit) as exit_:
        open_bandit_recipe.main()
    assert exit_.value.code == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
