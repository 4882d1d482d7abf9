import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from statsmodels.stats.proportion import proportion_confint

import explorer
from explorer.app.demo import open_sample
from explorer.core.errors import ModelError, UnknownName
from explorer.stats.monitoring.beta_binomial import shrunk_rates


@pytest.fixture(scope="module")
def log():
    """Ads that were shown by device with known propensities."""
    rng = np.random.default_rng(0)
    n = 6_000
    device = rng.choice(["tv", "phone"], n)
    chances = {"tv": [0.7, 0.2, 0.1], "phone": [0.1, 0.3, 0.6]}
    ad = np.array([rng.choice(3, p=chances[one]) for one in device])
    shown = np.array([chances[one][at] for one, at in zip(device, ad, strict=True)])
    clicked = (rng.random(n) < 0.05 + 0.1 * ad + 0.1 * (device == "tv")).astype(float)
    return pd.DataFrame(
        {
            "ad": [f"ad {one}" for one in ad],
            "device": device,
            "p": shown,
            "clicked": clicked,
            "member": rng.integers(0, 900, n),
            "minutes": rng.gamma(2, 10 * (1 + ad)),
            "place": rng.integers(1, 4, n),
        }
    )


@pytest.fixture(scope="module")
def table(log):
    return explorer.open_table(log)


def test_rates_are_those_of_pandas_with_wilsons_interval_the_surest_first(table, log):
    found = explorer.engagement(table, item="ad", outcome="clicked")
    expected = log.groupby("ad").clicked.agg(["size", "sum", "mean"])
    assert [row.low for row in found.rows] == sorted((row.low for row in found.rows), reverse=True)
    for row in found.rows:
        n, hits, rate = expected.loc[row.item]
        assert (row.n, row.total, row.rate) == (n, hits, pytest.approx(rate))
        assert (row.low, row.high) == pytest.approx(proportion_confint(hits, n, method="wilson"))
    shrunk = shrunk_rates(expected["sum"], expected["size"])
    wanted = dict(zip(expected.index, shrunk.value, strict=True))
    assert {row.item: row.shrunk for row in found.rows} == pytest.approx(wanted)


def test_amounts_are_described_as_distributions(table, log):
    found = explorer.engagement(table, item="ad", outcome="minutes")
    assert not found.share
    for name, some in log.groupby("ad").minutes:
        row = found.find(name)
        half = 1.96 * some.std() / np.sqrt(len(some))
        assert np.isnan(row.rate)
        assert row.mean == pytest.approx(some.mean())
        assert (row.low, row.high) == pytest.approx(
            (some.mean() - half, some.mean() + half), rel=1e-3
        )
        assert [row.q05, row.q25, row.median, row.q75, row.q95] == pytest.approx(
            some.quantile([0.05, 0.25, 0.5, 0.75, 0.95])
        )
        assert row.shrunk_low < row.shrunk < row.shrunk_high


def test_weighted_values_are_the_formulas_of_horvitz_and_thompson_and_swaminathan_and_joachims(
    table, log
):
    found = explorer.engagement(table, item="ad", outcome="clicked", propensity="p")
    for name, some in log.groupby("ad"):
        row, weight = found.find(name), 1 / some.p
        assert row.ips == pytest.approx((weight * some.clicked).sum() / len(log))
        assert row.snips == pytest.approx((weight * some.clicked).sum() / weight.sum())
        assert row.ess == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
        assert row.max_weight == weight.max()
        assert row.largest_share == pytest.approx(weight.max() / weight.sum())
        assert row.ranked
    weight = 1 / 3 / log.p
    assert found.policy.snips == pytest.approx((weight * log.clicked).sum() / weight.sum())
    assert sorted(row.rank for row in found.rows) == [1, 2, 3]


def test_weights_undo_what_the_logging_policy_chose(table):
    # ad 2 was shown on phones mostly, where fewer click: over both devices alike it is at .05 + .2
    # + .05
    found = explorer.engagement(
        table, item="ad", outcome="clicked", propensity="p", reward="device"
    )
    row = found.find("ad 2")
    assert row.rate < 0.27
    for low, high in (
        (row.snips_low, row.snips_high),
        (row.ips_low, row.ips_high),
        (row.dr_low, row.dr_high),
    ):
        assert low < 0.3 < high
    assert row.dr_high - row.dr_low < row.ips_high - row.ips_low


def test_the_bandit_of_the_reference_has_its_known_values_and_its_warning():
    bandit = open_sample("bandit")
    found = explorer.engagement(
        bandit,
        item="item_id",
        outcome="click",
        propensity="propensity_score",
        where="campaign = 'men' and policy = 'bts'",
    )
    assert found.policy.total == 69
    assert found.policy.snips == pytest.approx(0.00319, abs=5e-6)
    assert found.policy.ess == pytest.approx(656, abs=0.5)
    assert found.policy.max_weight == pytest.approx(178, abs=0.5)
    assert found.warning.startswith("33 of 34 items are not ranked")
    weak = [
        row for row in found.rows if row.ess < 100 or row.largest_share > 0.05 or row.carrying < 30
    ]
    assert len(weak) == 33
    assert all(not row.ranked and row.rank == 0 and row.words for row in weak)


def test_a_target_policy_is_read_from_its_column(log):
    table = explorer.open_table(log.assign(target=np.where(log.ad == "ad 0", 1.0, 0.0)))
    found = explorer.engagement(
        table, item="ad", outcome="clicked", propensity="p", target="target"
    )
    assert found.policy.snips == pytest.approx(found.find("ad 0").snips)
    assert found.policy.ips == pytest.approx(found.find("ad 0").ips)


def test_clipping_is_named_with_what_it_cuts_off(table, log):
    found = explorer.engagement(table, item="ad", outcome="clicked", propensity="p", clip=4.0)
    assert found.find("ad 2").max_weight == 4.0
    weight = 1 / 3 / log.p
    (words,) = [note for note in found.notes if "clipped" in note]
    assert f"{(weight > 4).sum():,} rows" in words
    assert "clipped at 4" in found.method


def test_propensities_that_contradict_the_log_are_counted_and_left_out(log):
    bad = log.copy()
    bad.loc[:4, "p"] = [0.0, -0.5, 1.5, np.nan, 0.0]
    found = explorer.engagement(
        explorer.open_table(bad), item="ad", outcome="clicked", propensity="p"
    )
    assert found.n_unusable == 5
    assert found.n_rows == len(log) - 5
    assert any(
        note.startswith("4 rows are left out, since p is not above 0") for note in found.notes
    )
    assert any(note.startswith("1 rows without p") for note in found.notes)


def test_errors_are_between_units_where_rows_repeat_them(log):
    twice = explorer.open_table(pd.concat([log.assign(visit=log.index)] * 4, ignore_index=True))
    once = explorer.open_table(log)
    alone = explorer.engagement(once, item="ad", outcome="clicked").find("ad 1")
    by_rows = explorer.engagement(twice, item="ad", outcome="clicked").find("ad 1")
    by_unit = explorer.engagement(twice, item="ad", outcome="clicked", unit="visit").find("ad 1")
    assert by_rows.high - by_rows.low == pytest.approx((alone.high - alone.low) / 2, rel=0.05)
    assert (by_unit.low, by_unit.high) == pytest.approx((alone.low, alone.high), rel=0.01)


def test_segments_are_what_their_rows_say_alone(table, log):
    found = explorer.engagement(
        table, item="ad", outcome="clicked", propensity="p", by=["device", "place"]
    )
    alone = explorer.engagement(
        table, item="ad", outcome="clicked", propensity="p", where="device = 'tv'"
    )
    for row in alone.rows:
        part = found.find(row.item, "device", "tv")
        assert (part.n, part.rate, part.snips, part.ips, part.rank) == pytest.approx(
            (row.n, row.rate, row.snips, row.ips, row.rank)
        )
    places = {row.segment for row in found.segments if row.by == "place"}
    assert places == {"1", "2", "3"}
    assert sum(row.n for row in found.totals if row.by == "place") == len(log)


def test_missing_cells_are_counted(log):
    holes = log.copy()
    holes.loc[:9, "clicked"] = np.nan
    holes.loc[10:12, "ad"] = None
    found = explorer.engagement(explorer.open_table(holes), item="ad", outcome="clicked")
    assert "3 rows without ad are left out" in found.notes
    assert "10 rows without clicked are left out" in found.notes
    assert found.n_rows == len(log) - 13


def test_items_that_could_not_be_shown_everywhere_are_said(log, table):
    whole = explorer.engagement(table, item="ad", outcome="clicked", propensity="p")
    assert not any("add up" in note for note in whole.notes)
    part = explorer.open_table(log[(log.device == "tv") | (log.ad != "ad 0")])
    found = explorer.engagement(part, item="ad", outcome="clicked", propensity="p")
    (words,) = [note for note in found.notes if "add up" in note]
    assert "'ad 0'" in words


def test_amounts_that_are_mostly_zero_are_said(log):
    rare = explorer.open_table(log.assign(minutes=np.where(log.clicked > 0, log.minutes, 0.0)))
    found = explorer.engagement(rare, item="ad", outcome="minutes")
    (words,) = [note for note in found.notes if "outcome of 0" in note]
    assert words.startswith(f"{1 - log.clicked.mean():.1%} of the rows")


def test_units_that_are_numbers_with_gaps_are_left_out_where_they_are_missing(log):
    holes = log.assign(member=log.member.astype(float))
    holes.loc[:4, "member"] = np.nan
    found = explorer.engagement(
        explorer.open_table(holes), item="ad", outcome="clicked", unit="member"
    )
    assert "5 rows without member are left out" in found.notes
    assert found.n_units == log.member[5:].nunique()


def test_one_unit_alone_gives_no_interval(log):
    one = explorer.open_table(log.assign(member=1))
    row = explorer.engagement(one, item="ad", outcome="clicked", unit="member").rows[0]
    assert (row.low, row.high) == (0, 1)
    amount = explorer.engagement(one, item="ad", outcome="minutes", unit="member").rows[0]
    assert np.isnan(amount.low)
    assert np.isfinite(amount.shrunk)


def test_everything_is_written_as_json_and_as_a_table(table):
    found = explorer.engagement(table, item="ad", outcome="clicked", by="device")
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["rows"][0]["item"] == found.rows[0].item
    assert document["rows"][0]["snips"] is None
    assert found.to_arrow().num_rows == 3 + 6
    assert found.to_arrow()["rate"].to_pylist()[:3] == [row.rate for row in found.rows]


def test_what_cannot_be_read_is_said_in_words(table):
    with pytest.raises(UnknownName, match="clicked"):
        explorer.engagement(table, item="ad", outcome="clickd")
    with pytest.raises(ModelError, match="outcome is a column of numbers"):
        explorer.engagement(table, item="ad", outcome="device")
    with pytest.raises(ModelError, match="needs the propensities"):
        explorer.engagement(table, item="ad", outcome="clicked", clip=3)
    with pytest.raises(ModelError, match="above 0"):
        explorer.engagement(table, item="ad", outcome="clicked", propensity="p", clip=0)
    with pytest.raises(ModelError, match="no row is left"):
        explorer.engagement(table, item="ad", outcome="clicked", where="place > 5")
    vectors = pa.table({"v": [[1.0, 2.0], [3.0, 4.0]], "clicked": [0, 1]})
    with pytest.raises(ModelError, match="holds vectors and names no item"):
        explorer.engagement(explorer.open_table(vectors), item="v", outcome="clicked")
    with pytest.raises(ModelError, match="at most 200"):
        explorer.engagement(
            explorer.open_table(
                pd.DataFrame(
                    {"a": ["x"] * 300, "c": [0, 1] * 150, "b": [f"b{i}" for i in range(300)]}
                )
            ),
            item="a",
            outcome="c",
            by="b",
        )


def test_it_says_how_far_it_is_and_ends_when_it_is_told_to(table, ends_when_told):
    told = []
    asked = {
        "item": "ad",
        "outcome": "clicked",
        "propensity": "p",
        "unit": "member",
        "by": "device",
        "reward": "place",
    }
    found = explorer.engagement(table, **asked, progress=lambda *step: told.append(step))
    assert told[:7] == [("columns", done, 6) for done in range(7)]
    assert told[7:] == [("items", done, 3) for done in range(3)]
    assert found.document()["rows"] == explorer.engagement(table, **asked).document()["rows"]
    ends_when_told(
        lambda progress: explorer.engagement(table, **asked, progress=progress), len(told)
    )


def test_a_target_policy_that_shows_nothing_has_no_value_and_that_is_said(log):
    found = explorer.engagement(
        explorer.open_table(log.assign(other=0.0)), "ad", "clicked", propensity="p", target="other"
    )
    assert np.isnan(found.policy.snips)
    assert any("other is 0 in every row" in note for note in found.notes)
