"""The simulated log: the same on every run, labelled, and as true as its truth says."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.stats

import explorer
from explorer.features.catalogue.catalogue import Catalogue
from explorer.samples import simulated_log_recipe
from explorer.samples.simulated_design import Switches
from explorer.samples.simulated_log_recipe import write_log

DATA = Path(__file__).resolve().parents[2] / "data"
ACCOUNTS = ("new accounts on mobile", "old accounts on tv", "other accounts")
FILMS = ("long films", "short recent films", "other films")


def made(folder: Path, rows: int, **switches: bool) -> tuple[pd.DataFrame, dict]:
    path = write_log(folder, rows, switches=Switches(**switches))
    truth = json.loads((folder / "simulated_log_truth.json").read_text(encoding="utf-8"))
    return pq.read_table(path).to_pandas(), truth


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The table as `explorer demo experiment` makes it."""
    folder = tmp_path_factory.mktemp("log")
    write_log(folder)
    return folder


@pytest.fixture(scope="module")
def table(folder) -> pa.Table:
    return pq.read_table(folder / "simulated_log.parquet")


@pytest.fixture(scope="module")
def rows(table) -> pd.DataFrame:
    return table.to_pandas()


@pytest.fixture(scope="module")
def truth(folder) -> dict:
    return json.loads((folder / "simulated_log_truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(DATA / "simulated_log.yaml")


def difference(rows: pd.DataFrame, metric: str) -> tuple[float, float]:
    """Difference B − A of the means of members' means, and its standard error."""
    means = rows.groupby(["arm", "member"], observed=True)[metric].mean()
    a, b = means["A"], means["B"]
    return b.mean() - a.mean(), np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))


def ratio_difference(rows: pd.DataFrame) -> tuple[float, float]:
    """Difference B − A of minutes a play, and its standard error by the delta method."""
    ratios, errors = {}, {}
    for arm, of in rows.groupby("arm", observed=True):
        sums = of.groupby("member")[["minutes", "played"]].sum()
        ratios[arm] = sums["minutes"].sum() / sums["played"].sum()
        residual = sums["minutes"] - ratios[arm] * sums["played"]
        errors[arm] = np.sqrt(len(sums) * residual.var(ddof=1)) / sums["played"].sum()
    return ratios["B"] - ratios["A"], np.hypot(errors["A"], errors["B"])


def fast_mask(rows: pd.DataFrame, region: str) -> pd.Series:
    """The regions once more, in pandas."""
    new = (rows["device"] == "mobile") & (rows["account_days"] < 90)
    old = (rows["device"] == "tv") & (rows["account_days"] >= 1_460)
    long = rows["runtime_min"] >= 130
    short = (rows["year"] >= 2000) & (rows["runtime_min"] < 90)
    masks = dict(
        zip(ACCOUNTS + FILMS, (new, old, ~new & ~old, long, short, ~long & ~short), strict=True)
    )
    return masks[region] if region != "all" else pd.Series(True, index=rows.index)


def cells(path: Path, rows: int | None = None) -> pa.Table:
    """The first rows, text as text: how a dictionary is numbered is no matter of the rows."""
    table = pq.read_table(path).slice(0, rows)
    coded = [pa.types.is_dictionary(field.type) for field in table.schema]
    columns = [
        column.cast(pa.string()) if text else column
        for column, text in zip(table.columns, coded, strict=True)
    ]
    return pa.table(columns, names=table.column_names)


def test_the_same_seed_makes_the_same_rows_and_another_seed_makes_others(tmp_path):
    first, second, other = (cells(write_log(tmp_path, 3_000, seed)) for seed in (0, 0, 1))
    assert first.equals(second)
    assert not first["score_old"].equals(other["score_old"])


def test_a_longer_log_begins_with_the_rows_of_a_shorter_one(folder, tmp_path):
    whole = folder / "simulated_log.parquet"
    assert cells(write_log(tmp_path, 3_001)).equals(cells(whole, 3_001))
    long = cells(write_log(tmp_path, 250_000))  # a second block of members
    assert long.num_rows == 250_000
    assert cells(whole).equals(long.slice(0, 200_000))
    assert (np.diff(long["member"]) >= 0).all()
    assert (np.unique(long["list_id"], return_counts=True)[1][:-1] == 6).all()
    assert pq.read_metadata(tmp_path / "simulated_log.parquet").num_row_groups == 2


def test_rows_change_only_together_with_the_edition_of_the_sample(tmp_path):
    # When this fails, raise `edition` in data/samples.yaml: tables that were made before would stay
    # as they are.
    content = repr(cells(write_log(tmp_path, 2_000)).to_pydict()).encode()
    assert (
        hashlib.sha256(content).hexdigest()
        == "939e6b22a811b3ea53c02b5a053c73b105b6a61341e078f1e2e3b8e73ad22386"
    )


def test_everything_says_that_it_is_simulated(folder, catalogue, truth):
    assert catalogue.table.title.startswith("Simulated")
    assert "simulated" in catalogue.table.license.lower()
    for name, feature in catalogue.features.items():
        assert "simulated" in feature["description"].lower(), name
    metadata = pq.read_metadata(folder / "simulated_log.parquet").metadata
    assert metadata[b"simulated"] == b"true"
    assert metadata[b"title"].decode() == catalogue.table.title == simulated_log_recipe.TITLE
    assert truth["simulated"] is True


def test_every_column_is_described_in_table_order(table, catalogue):
    assert list(catalogue.features) == table.column_names
    for name, feature in catalogue.features.items():
        assert {"label", "description", "group", "missing_means", "source"} <= set(feature), name
        assert feature["missing_means"].startswith("No value is missing") == (
            table[name].null_count == 0
        ), name
        assert (feature.get("assignment") is None) == (name == "arm")
    assert catalogue.unknown(table.column_names) == []


def test_valid_ranges_hold_except_for_the_errors_of_real_films(rows, catalogue):
    for name, feature in catalogue.features.items():
        if "valid_range" in feature:
            low, high = feature["valid_range"]
            outside = ~rows[name].dropna().between(low, high)
            assert set(rows.loc[outside[outside].index, "title"]) <= {
                "Machuca",
                "The Human Race",
            }, name


def test_the_map_opens_on_columns_that_were_known_before_assignment(catalogue):
    assert {catalogue.features[name]["assignment"] for name in catalogue.table.start} == {"before"}


def test_films_are_real_and_shown_without_regard_to_the_arm(rows):
    films = pq.read_table(DATA / "films.parquet").to_pandas().drop_duplicates("imdb_id", keep=False)
    shown = rows.merge(films, on="imdb_id", suffixes=("", "_real"), how="inner")
    assert len(shown) > 0.99 * len(rows)
    for name in ("title", "main_genre"):
        assert (shown[name].astype(str) == shown[f"{name}_real"]).all()
    for name in ("year", "runtime_min", "tomatometer", "rt_avg_rating", "log_reviews"):
        np.testing.assert_array_equal(shown[name], shown[f"{name}_real"])
    assert scipy.stats.chi2_contingency(pd.crosstab(rows["main_genre"], rows["arm"])).pvalue > 0.001


@pytest.mark.parametrize("region", ACCOUNTS + FILMS)
def test_a_region_is_what_its_expression_says(folder, rows, truth, region):
    said = truth["regions"][region]
    selection = explorer.where(explorer.open_table(folder / "simulated_log.parquet"), said["where"])
    mask = fast_mask(rows, region)
    np.testing.assert_array_equal(selection.mask, mask)
    assert said["rows"] == mask.sum()
    if said["of"] == "accounts":
        assert said["members"] == rows["member"][mask].nunique()


@pytest.mark.parametrize("region", ["all", *ACCOUNTS])
@pytest.mark.parametrize("metric", ["played", "minutes", "errors", "ad_clicked"])
def test_means_of_members_differ_by_the_true_effect(rows, truth, metric, region):
    found, error = difference(rows[fast_mask(rows, region)], metric)
    assert abs(found - truth["effects"][metric][region]["by_member"]["difference"]) < 4 * error


@pytest.mark.parametrize("region", ["all", *ACCOUNTS, *FILMS])
def test_minutes_a_play_differ_by_the_true_effect(rows, truth, region):
    found, error = ratio_difference(rows[fast_mask(rows, region)])
    assert abs(found - truth["effects"]["minutes_per_play"][region]["difference"]) < 4 * error


def test_effects_are_where_they_were_put_and_large_enough_to_be_found(rows, truth):
    lifts = {region: truth["effects"]["played"][region]["lift"] for region in ACCOUNTS}
    assert lifts == pytest.approx(dict(zip(ACCOUNTS, (0.35, -0.20, 0), strict=True)))
    per_play = truth["effects"]["minutes_per_play"]
    assert [per_play[region]["lift"] for region in FILMS] == pytest.approx(
        [-0.20, 0.30, 0], abs=0.01
    )
    for region in ACCOUNTS[:2]:
        found, error = difference(rows[fast_mask(rows, region)], "played")
        assert abs(found) > 3 * error
    found, error = difference(rows, "played")
    assert abs(found) < 3 * error


def test_without_effect_both_arms_are_alike(tmp_path):
    rows, truth = made(tmp_path, 100_000, effect=False, layout=False)
    for metric, regions in truth["effects"].items():
        assert {cell["difference"] for cell in regions.values()} == {0.0}, metric
    assert truth["layout"]["page_row_of_played"]["difference"] == 0
    for metric in ("played", "minutes", "errors", "ad_clicked"):
        found, error = difference(rows, metric)
        assert abs(found) < 4 * error


def test_sample_ratios_are_as_declared_until_members_are_lost(rows, tmp_path):
    def p_value(rows: pd.DataFrame) -> float:
        return float(
            scipy.stats.chisquare(rows.groupby("member")["arm"].first().value_counts()).pvalue
        )

    assert p_value(rows) > 0.001
    lost, truth = made(tmp_path, 100_000, srm=True)
    assert p_value(lost) < 1e-4
    assert p_value(lost[lost["device"] != "mobile"]) > 0.001
    assert truth["srm"] == {"device": "mobile", "arm": "B", "share_lost": 0.3}


def test_drift_comes_in_the_last_two_weeks_and_only_when_asked_for(rows, truth, tmp_path):
    def late_less_early(rows: pd.DataFrame, values: pd.Series) -> tuple[float, float]:
        late = rows["shown_at"] >= pd.Timestamp("2025-04-14", tz="UTC")
        a, b = values[~late].dropna(), values[late].dropna()
        return b.mean() - a.mean(), np.sqrt(a.var() / len(a) + b.var() / len(b))

    assert truth["drift"]["from"] == "2025-04-14T00:00:00Z"
    tv = rows[rows["device"] == "tv"]
    pages = tv.drop_duplicates("list_id")
    shift, error = late_less_early(pages, np.log(pages["bandwidth_mbps"]))
    assert abs(shift - truth["drift"]["bandwidth_mbps"]["shift_of_log"]) < 4 * error
    assert late_less_early(rows, rows["played"])[0] < -0.02
    still, no_truth = made(tmp_path, 60_000, drift=False)
    assert no_truth["drift"] == {}
    for values in (still["played"], still["main_genre"] == "Documentary"):
        shift, error = late_less_early(still, values)
        assert abs(shift) < 4 * error


def test_the_new_model_is_better_in_one_region_and_worse_in_another_and_the_old_one_decays(
    rows, truth
):
    years = {"films since 2005": rows["year"] >= 2005, "films before 1975": rows["year"] < 1975}
    late = rows["shown_at"] >= pd.Timestamp("2025-04-14", tz="UTC")
    better = {}
    for region, mask in years.items():
        for when, of in (("first six weeks", mask & ~late), ("last two weeks", mask & late)):
            said = truth["models"][region][when]
            assert said["rows"] == of.sum()
            for model in ("score_old", "score_new"):
                losses = (rows[model] - rows["played"])[of].astype(float) ** 2
                error = losses.std() / np.sqrt(len(losses))
                assert abs(losses.mean() - said[model]["brier"]) < 4 * error
        early = truth["models"][region]["first six weeks"]
        better[region] = early["score_old"]["brier"] - early["score_new"]["brier"]
    assert better["films since 2005"] > 0 > better["films before 1975"]
    gap = {
        model: (rows[model][late].mean() - rows["played"][late].mean())
        for model in ("score_old", "score_new")
    }
    assert gap["score_old"] > 0.02 > 0.005 > abs(gap["score_new"])


def test_played_titles_stand_higher_in_the_new_layout_and_only_there(rows, truth, tmp_path):
    def by_arm(rows: pd.DataFrame) -> dict[str, tuple[float, float]]:
        places = rows[rows["played"] == 1].groupby("arm", observed=True)["page_row"]
        return {arm: (of.mean(), of.std() / np.sqrt(len(of))) for arm, of in places}

    said = truth["layout"]["page_row_of_played"]
    for arm, which in (("A", "control"), ("B", "treatment")):
        mean, error = by_arm(rows)[arm]
        assert abs(mean - said[which]) < 4 * error
    plain = by_arm(made(tmp_path, 60_000, layout=False)[0])
    assert abs(plain["A"][0] - plain["B"][0]) < 4 * np.hypot(plain["A"][1], plain["B"][1])
    assert (rows["position"] == 6 * (rows["page_row"].astype(int) - 1) + rows["page_column"]).all()
    assert not rows.duplicated(["list_id", "position"]).any()


def test_weighing_by_propensity_finds_what_an_advertisement_is_worth_and_raw_rates_do_not(
    rows, truth
):
    worth = pd.Series(truth["ads"]["click_rate"])
    weights = 1 / rows["ad_propensity"].astype(float)
    found, error = {}, {}
    for ad in worth.index:
        weighed = np.where(rows["ad"] == ad, rows["ad_clicked"] * weights, 0.0)
        found[ad], error[ad] = weighed.mean(), weighed.std() / np.sqrt(len(rows))
    assert (abs(pd.Series(found) - worth) < 4 * pd.Series(error)).all()
    raw = rows.groupby("ad", observed=True)["ad_clicked"].mean()
    counts = rows.groupby("ad", observed=True).size()
    assert (abs(raw - worth) > 6 * np.sqrt(raw * (1 - raw) / counts)).any()
    assert truth["ads"]["uniform_policy"] == pytest.approx(worth.mean())


def test_advertisements_are_shown_as_often_as_their_propensities_say(rows):
    for _, of in rows.groupby("device", observed=True):
        shown = of.groupby("ad", observed=True)["ad_propensity"].agg(["size", "first", "nunique"])
        assert (shown["nunique"] == 1).all()
        assert shown["first"].sum() == pytest.approx(1, abs=1e-5)
        expected = shown["first"].astype(float) / shown["first"].astype(float).sum() * len(of)
        assert scipy.stats.chisquare(shown["size"], expected).pvalue > 0.001


def test_hours_before_go_with_minutes_after_and_are_missing_for_young_accounts_only(rows):
    members = rows.groupby("member").agg(
        before=("pre_hours", "first"), after=("minutes", "mean"), days=("account_days", "first")
    )
    assert (members["before"].isna() == (members["days"] < 28)).all()
    seen = members.dropna()
    assert scipy.stats.spearmanr(seen["before"], seen["after"]).statistic > 0.2


def test_the_warnings_state_the_figures_of_the_table(rows, catalogue):
    late = rows["shown_at"] >= pd.Timestamp("2025-04-14", tz="UTC")
    plays, minutes = rows["played"].groupby(late).mean(), rows["minutes"][rows["played"] == 1]
    documentaries = (rows["main_genre"] == "Documentary").groupby(late).mean()
    of_members = rows.groupby("member")["minutes"].sum()
    facts = {
        f"belong to {rows['member'].nunique():,} members",
        f"{plays[True]:.1%} after {plays[False]:.1%}",
        f"{documentaries[True]:.1%} of the rows after {documentaries[False]:.1%}",
        f"promises {rows['score_old'][late].mean():.1%}",
        f"{minutes.skew():.1f} over the plays and {of_members.skew():.1f} over the sums of members",
        f"ad 05 has a raw click rate of {rows['ad_clicked'][rows['ad'] == 'ad 05'].mean():.1%}",
    }
    words = " ".join(catalogue.table.warnings)
    assert [fact for fact in facts if fact.replace("%", " %") not in words] == []
    assert f"{rows['list_id'].nunique():,} in all" in catalogue.features["list_id"]["description"]


@pytest.mark.parametrize(
    "words", [["--rows", "0"], ["--rows", "10000001"], ["--seed", "-1"], ["--aa", "--effect"]]
)
def test_the_recipe_refuses_what_it_cannot_make(words, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["recipe", str(tmp_path), *words])
    with pytest.raises(SystemExit) as exit_:
        simulated_log_recipe.main()
    assert exit_.value.code == 2
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err


def test_the_switches_of_the_command_line_are_those_of_the_truth(monkeypatch, tmp_path, capsys):
    words = [
        "recipe",
        str(tmp_path),
        "--rows",
        "600",
        "--aa",
        "--srm",
        "--no-drift",
        "--no-layout-effect",
    ]
    monkeypatch.setattr(sys, "argv", words)
    simulated_log_recipe.main()
    truth = json.loads((tmp_path / "simulated_log_truth.json").read_text(encoding="utf-8"))
    assert truth["switches"] == {"effect": False, "srm": True, "drift": False, "layout": False}
    assert {path.name for path in tmp_path.iterdir()} == {
        "simulated_log.parquet",
        "simulated_log.yaml",
        "simulated_log_truth.json",
    }
    assert "600 simulated rows" in capsys.readouterr().out
