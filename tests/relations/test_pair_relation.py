import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from explorer.core.errors import FeatureError
from explorer.relations.pair_relation import pair_relation
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table


def test_the_correlation_is_scipys_over_the_rows_shown(session, frame):
    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    found = pair_relation(session.table, session.rows, "pulse", "height")
    both = frame[(frame["age"] >= 40) & frame["pulse"].notna()]
    assert found["spearman"]["value"] == pytest.approx(
        stats.spearmanr(both["pulse"], both["height"])[0]
    )
    assert found["pearson"]["value"] == pytest.approx(
        stats.pearsonr(both["pulse"], both["height"])[0]
    )
    assert found["spearman"]["n"] == len(both)
    assert found["of"] == f"the {(frame['age'] >= 40).sum()} rows shown, all of them"


def test_simpsons_paradox_is_said_in_words(own_folders):
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 300)
    x = rng.normal(size=900) + 5 * group
    frame = pd.DataFrame(
        {"dose": x, "effect": -(x - 5 * group) + 5 * group + 0.3 * rng.normal(size=900)}
    )
    frame["clinic"] = np.array(["north", "south", "west"])[group]
    session = Session(open_table(frame), None, {})
    within = pair_relation(session.table, session.rows, "dose", "effect", "clinic")["within"]
    assert within["reversed"]
    assert within["words"].startswith("Simpson's paradox")
    for line in within["groups"]:
        part = frame[frame["clinic"] == line["group"]]
        assert line["value"] == pytest.approx(stats.spearmanr(part["dose"], part["effect"])[0])


def test_rows_without_a_group_are_left_out_and_counted(session, frame):
    within = pair_relation(session.table, session.rows, "height", "weight", "city")["within"]
    assert within["overall"]["n"] == frame["city"].notna().sum()
    assert f"{frame['city'].isna().sum()} rows without city left out" in within["notes"]


def test_many_rows_are_sampled_and_that_is_said(session, frame, monkeypatch):
    monkeypatch.setattr("explorer.relations.pair_relation._MOST_RANKED", 200)
    found = pair_relation(session.table, session.rows, "height", "weight")
    assert found["of"] == "a random sample of 200 of the 600 rows shown"
    assert found["spearman"]["n"] == 200
    assert abs(found["pearson"]["value"] - frame["height"].corr(frame["weight"])) < 0.1


def test_what_does_not_vary_has_no_correlation(session):
    found = pair_relation(session.table, session.rows, "flat", "height")
    assert found["spearman"]["r"] == "–"
    json.dumps(found, allow_nan=False)


def test_a_pair_is_of_two_features_and_its_groups_of_a_third(session):
    for names in (("age", "age", ""), ("age", "height", "age")):
        with pytest.raises(FeatureError, match="must be different"):
            pair_relation(session.table, session.rows, *names)
