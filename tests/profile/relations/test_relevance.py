from __future__ import annotations

import json
import math
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import chi2_contingency, kruskal, mannwhitneyu, spearmanr
from sklearn.metrics import roc_auc_score

from explorer.core.errors import FeatureError, UnknownName
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.kind import Feature
from explorer.profile.relations.relevance import Relevance, RelevanceRow, relevance
from explorer.sources.source import open_source


def frame(n: int = 800) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    signal = rng.normal(size=n)
    data = pd.DataFrame(
        {
            "won": rng.random(n) < 1 / (1 + np.exp(-signal)),
            "score": 2 * signal + rng.normal(size=n),
            "tier": np.where(signal > 0.5, "gold", np.where(signal > -0.5, "silver", "tin")),
            "strong": signal + 0.3 * rng.normal(size=n),
            "weak": 0.2 * signal + rng.normal(size=n),
            "noise": rng.normal(size=n),
            "colour": np.where(rng.random(n) < 0.3 + 0.2 * (signal > 0), "red", "blue"),
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "flag": rng.random(n) < 0.5,
            "prose": [
                "a long line of words of its own, which is different in every single row " + str(k)
                for k in range(n)
            ],
        }
    )
    data.loc[rng.random(n) < 0.1, "strong"] = np.nan
    return data


def against(data: pd.DataFrame, target: str, **options) -> Relevance:
    source = open_source(data)
    return relevance(source, describe_columns(source, Catalogue.empty()), target, **options)


def row(found: Relevance, name: str) -> RelevanceRow:
    return next(row for row in found.rows if row.feature == name)


def test_two_classes_are_told_by_the_auc_of_scikit_learn() -> None:
    data = frame()
    found = against(data, "won")
    assert (found.target_kind, found.classes, found.sampled) == (
        "two classes",
        ("false", "true"),
        None,
    )
    for name in ("strong", "weak", "noise", "score", "flag", "when"):
        own = data[data[name].notna()]
        cells = own[name].astype("int64" if name == "when" else float)
        mine = row(found, name)
        assert mine.measure == "auc"
        assert mine.value == pytest.approx(roc_auc_score(own.won, cells))
        assert mine.low < mine.value < mine.high
        assert mine.p_value == pytest.approx(mannwhitneyu(cells[own.won], cells[~own.won]).pvalue)
        assert mine.n == len(own)
    assert found.left_out == {"prose": "text"}
    colour = row(found, "colour")
    expected = chi2_contingency(pd.crosstab(data.colour, data.won), correction=False)
    assert (colour.measure, colour.p_value) == ("cramers_v", pytest.approx(expected.pvalue))


def test_more_classes_are_told_by_the_ranks_of_kruskal_and_wallis() -> None:
    data = frame()
    found = against(data, "tier")
    weak = row(found, "weak")
    expected = kruskal(*(group for _, group in data.groupby("tier")["weak"]))
    assert (weak.measure, weak.p_value) == ("correlation_ratio", pytest.approx(expected.pvalue))
    eta2 = expected.statistic / 799
    assert weak.value == pytest.approx(eta2 - 2 / 797 * (1 - eta2))
    assert weak.strength == pytest.approx(math.sqrt(weak.value))
    assert row(found, "colour").measure == "cramers_v"
    assert set(found.classes) == {"gold", "silver", "tin"}


def test_a_number_is_told_by_spearman_and_levels_by_their_ratio() -> None:
    data = frame()
    found = against(data, "score")
    own = data.dropna()
    expected = spearmanr(own.strong, own.score)
    strong = row(found, "strong")
    assert (strong.measure, strong.value) == ("spearman", pytest.approx(expected.statistic))
    assert strong.p_value == pytest.approx(expected.pvalue)
    assert strong.low < strong.value < strong.high
    tier = row(found, "tier")
    assert tier.p_value == pytest.approx(
        kruskal(*(group for _, group in data.groupby("tier")["score"])).pvalue
    )
    assert found.target_kind == "number"


def test_the_surest_come_first_and_information_tells_relation_from_none() -> None:
    found = against(frame(), "won")
    names = [row.feature for row in found.rows]
    assert set(names[:3]) == {"tier", "score", "strong"}
    least = [row.least_strength for row in found.rows]
    assert least == sorted(least, reverse=True)
    assert row(found, "strong").mutual_information > 0.05
    assert row(found, "noise").mutual_information < 0.01
    assert row(found, "noise").least_strength == 0


def test_information_sees_what_no_rank_sees() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=4000)
    found = against(pd.DataFrame({"x": x, "y": (np.abs(x) > 0.67) ^ (rng.random(4000) < 0.1)}), "y")
    (mine,) = found.rows
    assert mine.low < 0.5 < mine.high
    assert mine.mutual_information > 0.25


def test_missing_cells_are_a_predictor_of_their_own() -> None:
    rng = np.random.default_rng(2)
    data = frame()
    gone = rng.random(800) < np.where(data.won, 0.5, 0.1)
    data["asked"] = np.where(gone, np.nan, rng.normal(size=800))
    mine = row(against(data, "won"), "asked")
    assert mine.missing == gone.sum()
    assert mine.missing_value == pytest.approx(roc_auc_score(data.won, gone))
    assert mine.missing_low > 0.6
    assert mine.missing_p_adjusted < 1e-6
    assert mine.p_adjusted > 0.01
    number = row(against(data, "score"), "asked")
    assert number.missing_value == pytest.approx(roc_auc_score(gone, data.score))
    classes = row(against(data, "tier"), "asked")
    expected = chi2_contingency(pd.crosstab(gone, data.tier), correction=False)
    assert (classes.missing_measure, classes.missing_p_value) == (
        "cramers_v",
        pytest.approx(expected.pvalue),
    )
    assert math.isnan(row(against(data, "won"), "weak").missing_value)


def test_features_that_give_the_target_away_are_named() -> None:
    rng = np.random.default_rng(3)
    data = frame()
    data["refund"] = np.where(data.won, rng.normal(9, 1, 800), rng.normal(0, 1, 800))
    data["window"] = np.where(
        data.won, rng.uniform(-1, 1, 800), rng.choice([-1, 1], 800) * rng.uniform(2, 3, 800)
    )
    data["code"] = np.where(data.won, rng.choice(["a", "b"], 800), rng.choice(["c", "d"], 800))
    data["only then"] = np.where(data.won, rng.normal(size=800), np.nan)
    found = against(data, "won")
    leaks = {each.feature: each.leak for each in found.rows if each.leak}
    assert set(leaks) == {"refund", "window", "code", "only then"}
    assert leaks["refund"] == "AUC 1.000: it reveals won"
    assert leaks["window"].startswith("its value reveals won (")
    assert leaks["code"] == "its level reveals won (100.0 % right)"
    assert leaks["only then"] == "whether it is missing reveals won (100.0 % right)"
    data["double"] = -2 * data["score"] + 1
    data["band"] = pd.cut(data["score"], 30).astype(str)
    numbers = {each.feature: each.leak for each in against(data, "score").rows if each.leak}
    assert numbers["double"] == "r −1.00: it reveals score"
    assert re.fullmatch(r"its level reveals score \(η² \.99\d\)", numbers["band"])


def test_a_rare_class_or_many_levels_are_no_leak() -> None:
    rng = np.random.default_rng(4)
    rare = rng.random(3000) < 0.004  # always naming the other class is right in 99.6 %
    data = pd.DataFrame(
        {"rare": rare, "x": rng.normal(size=3000), "level": rng.integers(0, 40, 3000).astype(str)}
    )
    assert not any(each.leak for each in against(data, "rare").rows)
    few = pd.DataFrame({"y": [True, False] * 7, "x": [1.0, 0.0] * 7})
    assert not against(few, "y").rows[0].leak


def test_null_features_keep_the_false_discovery_rate() -> None:
    rng = np.random.default_rng(5)
    names = [f"f{k}" for k in range(8)]
    features = {name: Feature(name=name, kind="numeric") for name in names}
    features |= {
        "level": Feature(name="level", kind="categorical"),
        "y": Feature(name="y", kind="boolean"),
    }
    false = 0
    for _ in range(300):
        cells = rng.normal(size=(8, 150))
        cells[0, rng.random(150) < 0.3] = np.nan
        data = pa.table(
            {
                **dict(zip(names, cells, strict=True)),
                "level": rng.choice(list("abc"), 150),
                "y": rng.random(150) < 0.4,
            }
        )
        found = relevance(open_source(data), features, "y")
        false += any(
            min(each.p_adjusted, each.missing_p_adjusted if each.missing else 1) <= 0.05
            for each in found.rows
        )
    # the rate of tables with any discovery is .05 when nothing is there; three standard errors of
    # 300 tables
    assert false / 300 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)
    assert false > 0


def test_a_long_table_is_sampled_and_says_so() -> None:
    found = against(frame(), "won", rows=300)
    assert (found.sampled, found.looked_at) == (300, 300)
    assert "a random sample of 300 rows" in found.words
    assert row(found, "noise").n == 300
    assert against(frame(), "won", rows=300).rows[0] == found.rows[0]


def test_rows_without_the_target_are_left_out() -> None:
    data = frame()
    whole = data.copy()
    data["won"] = data["won"].astype(object)
    data.loc[:99, "won"] = None
    found, expected = against(data, "won"), against(whole[100:].reset_index(drop=True), "won")
    assert found.looked_at == 700
    assert row(found, "weak").value == pytest.approx(row(expected, "weak").value)
    features = {
        "y": Feature(name="y", kind="numeric", sentinels=(-1,)),
        "x": Feature(name="x", kind="numeric"),
    }
    told = pa.table({"y": [0.0, 1, -1, 0, 1, 1], "x": [1.0, 2, 3, 4, 5, np.inf]})
    found = relevance(open_source(told), features, "y")
    assert (found.target_kind, found.classes, found.looked_at, found.rows[0].n) == (
        "two classes",
        ("0", "1"),
        5,
        4,
    )


def test_many_levels_share_one_and_targets_that_cannot_be_are_refused() -> None:
    rng = np.random.default_rng(6)
    data = frame()
    data["town"] = np.minimum(rng.geometric(0.03, 800), 300).astype(str)
    data["each"] = [f"n{k // 2}" for k in range(800)]
    data["flat"] = 1.0
    features = {name: Feature(name=name, kind="categorical") for name in ("town", "each")}
    features |= {
        "weak": Feature(name="weak", kind="numeric"),
        "flat": Feature(name="flat", kind="numeric"),
    }
    features |= {"prose": Feature(name="prose", kind="text")}
    source = open_source(data)
    found = relevance(source, features, "town")
    assert (len(found.classes), found.classes[-1]) == (51, "other levels")
    assert math.isnan(row(found, "flat").value)
    with pytest.raises(FeatureError, match="levels that repeat"):
        relevance(source, features, "each")
    with pytest.raises(FeatureError, match="must vary: 'flat' is the same in every present cell"):
        relevance(source, features, "flat")
    with pytest.raises(FeatureError, match="'prose' is text"):
        relevance(source, features, "prose")
    with pytest.raises(UnknownName, match="did you mean 'weak'"):
        relevance(source, features, "weka")


def test_results_leave_as_arrow_and_json() -> None:
    seen: list[tuple] = []
    found = against(frame(), "won", progress=lambda *step: seen.append(step))
    table = found.to_arrow()
    assert table.num_rows == len(found.rows) == 8
    assert table.column("feature").to_pylist() == [each.feature for each in found.rows]
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["rows"][0]["missing_value"] is None or document["rows"][0]["missing"]
    assert document["words"] == found.words
    assert "won = true" in found.words
    assert seen[-1] == ("relevance", 8, 8)
