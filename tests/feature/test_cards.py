import numpy as np
import pandas as pd
import pytest

from explorer.feature.cards import basis_in_words, feature_card
from explorer.session.session import Session
from explorer.table.table import open_table


def card_of(session, name):
    return feature_card(session.table, name, session.profile(name))


@pytest.fixture(scope="module")
def rough(tmp_path_factory):
    """A session at a table of troubles: far values, a sentinel, numbers as text, awkward names."""
    rng = np.random.default_rng(3)
    n = 2_000
    frame = pd.DataFrame(
        {
            "plain": np.r_[rng.normal(0, 1, n - 1), 1_000.0],
            "select": np.r_[rng.normal(50, 5, n - 40), np.full(40, -999.0)],
            'a "b" c': np.exp(rng.normal(3, 0.8, n)),
            "ללא גבול": np.r_[rng.normal(0, 1, n - 2), np.inf, -np.inf],
            "counted": [f"{x:,}" for x in rng.integers(1_000, 9_000, n)],
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(n) * 6, unit="h"),
        }
    )
    return Session(open_table(frame), None, {"features": []})


def test_the_head_says_what_is_exact_and_how_much_is_missing(session, frame):
    card = card_of(session, "pulse")
    assert basis_in_words(session.profile("pulse")) == "exact · 600 rows"
    facts = dict(map(tuple, card["facts"]))
    assert facts["missing"].endswith(f"· {frame['pulse'].isna().sum()}")
    assert float(facts["median"]) == pytest.approx(frame["pulse"].median(), rel=1e-3)
    assert float(facts["sd"]) == pytest.approx(frame["pulse"].std(), rel=1e-3)
    assert card["place"] == "3 of 16"


def test_a_sample_is_said_to_be_one(session):
    from dataclasses import replace

    sampled = replace(session.profile("pulse"), sampled=200_000, exact=False)
    assert basis_in_words(sampled) == "sample of 200,000 random rows"
    assert basis_in_words(replace(sampled, sampled=None)).startswith(
        "approximate quantiles · all 600"
    )


def test_the_head_says_that_filters_do_not_narrow_the_figures(session):
    words = basis_in_words(session.profile("pulse"), filtered=True)
    assert words == "exact · all 600 rows, filters do not change these figures"


def test_times_of_a_column_with_a_zone_are_said_to_be_in_utc():
    moments = pd.Timestamp("2020-01-01 09:00") + pd.to_timedelta(np.arange(50), unit="h")
    frame = pd.DataFrame({"here": moments.tz_localize("Asia/Tokyo"), "plain": moments})
    session = Session(open_table(frame), None, {"features": []})
    ranges = {name: dict(map(tuple, card_of(session, name)["facts"]))["range"] for name in frame}
    assert ranges["here"] == "2020-01-01 – 2020-01-03 01:00 UTC"
    assert ranges["plain"] == "2020-01-01 09:00 – 2020-01-03 10:00"


def test_a_likely_sentinel_comes_before_any_transform(rough):
    from explorer.feature.plots import FeaturePlots
    from explorer.state.view_settings import FeatureView

    profile = rough.profile("select")
    card = feature_card(rough.table, "select", profile)["gaussian"]
    assert card["first"] == "treat −999 as missing first: it is 2.0 % of the cells"
    assert card["suggested"] is None
    assert not any(row["suggested"] for row in card["transforms"])
    assert FeaturePlots().draw(profile, ["linear"], FeatureView())["can_after"] == ""
    assert card_of(rough, 'a "b" c')["gaussian"]["first"] == ""


@pytest.mark.parametrize("span", [(0.0, 60.0), (None, 55.0), (45.0, None)])
def test_rows_outside_the_valid_range_are_exactly_those_counted(span):
    cells = np.random.default_rng(4).normal(50, 5, 2_000)
    session = Session(open_table(pd.DataFrame({"x": cells})), None, {"features": []})
    session.edit_feature("x", "valid_range", span)
    found = card_of(session, "x")["outliers"]["invalid"]
    low, high = (-np.inf if span[0] is None else span[0]), (np.inf if span[1] is None else span[1])
    count = ((cells < low) | (cells > high)).sum()
    assert count > 0
    assert found["words"] == f"{count} outside the valid range"
    assert session.resolver.rows_of(found["definition"]).count() == count
    session.edit_feature("x", "valid_range", (None, None))
    assert card_of(session, "x")["outliers"]["invalid"] is None


def test_what_is_not_counted_yet_has_a_head_and_a_catalogue(session):
    card = feature_card(session.table, "pulse", None)
    assert basis_in_words(None) == "being counted …"
    assert card["catalogue"]
    assert "gaussian" not in card


def test_every_kind_of_feature_has_a_card(session):
    for name in session.table.column_names:
        card = card_of(session, name)
        assert basis_in_words(session.profile(name)) != "being counted …"
        kind = session.table.features[name].kind
        assert (card["gaussian"] is not None) == (kind == "numeric" and name != "nothing")
        assert card["scales"][:1] == (["linear"] if card["scales"] else [])
    assert "log" not in card_of(session, "since")["scales"]
    assert card_of(session, "since")["times"]["range"].startswith("2001-")
    coded = session.table.columns.levels("city")
    levels = card_of(session, "city")["levels"]
    assert [count for _, count in levels] == coded.counts[:12].tolist()
    assert all(coded.counts[coded.labels.index(label)] == count for label, count in levels)


def test_the_gaussian_card_shows_grade_figures_and_every_transform_that_was_tried(rough):
    profile = rough.profile('a "b" c')
    card = feature_card(rough.table, 'a "b" c', profile)["gaussian"]
    assert card["grade"] == profile.gaussian.grade == "not"
    assert card["suggested"] == "log"
    rows = {row["name"]: row for row in card["transforms"]}
    assert list(rows) == [one.name for one in profile.gaussian.transforms]
    assert rows["log"]["suggested"]
    assert rows["log"]["grade"] in ("close", "workable")
    assert float(rows["log"]["ks"]) < float(card["ks"])
    assert rows["logit"]["why"]
    assert rows["logit"]["grade"] == ""
    assert card["conventions"] == ["close < .02 · workable < .05", "close < .2 · workable < .5"]
    shape = {word: (value, normal) for word, value, normal in card["shape"]}
    assert shape["L-kurtosis"][1] == ".123"


@pytest.mark.parametrize("name", ["plain", "select", 'a "b" c', "ללא גבול"])
def test_rows_of_a_rule_are_exactly_those_it_counted(rough, name):
    profile = rough.profile(name)
    for row in feature_card(rough.table, name, profile)["outliers"]["rates"]:
        if row["count"]:
            assert rough.resolver.rows_of(row["definition"]).count() == row["count"], row["rule"]
        else:
            assert (
                row["definition"] is None or rough.resolver.rows_of(row["definition"]).count() == 0
            )


def test_isolated_values_and_sentinels_lead_to_their_rows(rough):
    plain = card_of(rough, "plain")["outliers"]
    (far,) = plain["isolated"]
    assert far["words"] == "1 value at 1000"
    assert rough.resolver.rows_of(far["definition"]).rows().tolist() == [1_999]
    (sentinel,) = card_of(rough, "select")["outliers"]["sentinels"]
    assert (sentinel["value"], sentinel["words"]) == (-999.0, "−999 × 40")
    assert rough.resolver.rows_of(sentinel["definition"]).count() == 40


def test_missing_rows_are_found_by_their_expression(session, frame):
    missing = card_of(session, "pulse")["missing"]
    assert missing["count"] == frame["pulse"].isna().sum()
    assert (
        session.resolver.rows_of({"expression": missing["expression"]}).count() == missing["count"]
    )
    assert card_of(session, "age")["missing"]["words"] == "no row is missing"


def test_neighbours_are_those_of_the_redundancy_and_are_said_to_be_unknown_before(new_session):
    session = new_session()
    card = feature_card(session.table, "height", session.profile("height"))
    if session.table.relations.known_redundancy is None:
        assert card["near"] is None
    found = session.table.relations.redundancy()
    near = card_of(session, "height")["near"]
    assert near["features"][0]["name"] == "stature"
    assert len(near["features"]) == len(found.neighbours("height"))
    assert "all 600 rows" in near["words"]


def test_the_catalogue_shows_what_can_be_typed_back(films):
    from explorer.features.catalogue.catalogue_keys import value_from_text

    session = Session(films, None, {"features": []})
    feature = films.features["runtime_min"]
    fields = {
        one["attribute"]: one["value"]
        for one in feature_card(session.table, "runtime_min", None)["catalogue"]
    }
    assert fields["label"] == "Runtime"
    assert (
        value_from_text("runtime_min", "valid_range", fields["valid_range"]) == feature.valid_range
    )
