import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import FeatureError
from explorer.relations.controller import MOST_DRAWN, RelationsController
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table


def controller_of(session):
    return RelationsController(session.table, session.state)


def looking_at(frame, features):
    return controller_of(Session(open_table(frame), None, {"features": features}))


@pytest.fixture(scope="module")
def wide(own_folders):
    """70 numeric features of 400 rows: pairs of nearly equal ones, far apart in the table."""
    rng = np.random.default_rng(1)
    half = rng.normal(size=(400, 35))
    both = np.concatenate([half, half + rng.normal(scale=0.3, size=half.shape)], axis=1)
    return pd.DataFrame(both, columns=[f"x{k:02d}" for k in range(70)])


def test_the_ticked_numbers_are_looked_at_and_others_left_out_with_the_reason(new_session):
    features = ["height", "city", "since", "vector", "member"]
    chosen = controller_of(new_session(features=features)).chosen()
    assert chosen.names == ("height", "since", "member")
    assert chosen.left_out == {"city": "categorical", "vector": "vector"}
    assert chosen.words == "3 ticked features, 2 ticked left out"


def test_counted_features_stand_in_where_too_few_are_ticked(new_session):
    chosen = controller_of(new_session(features=["height", "city"])).chosen()
    assert not chosen.ticked
    assert "since" not in chosen.names
    assert {"height", "weight", "pulse", "member"} <= set(chosen.names)
    assert f"the first {len(chosen.names)} counted so far are used" in chosen.words


def test_the_key_changes_with_the_features_and_with_what_counts_as_missing(session, monkeypatch):
    together = controller_of(session)
    before = together.chosen().key
    session.state.act(actions.toggle_feature, name="age", on=True)
    with_age = together.chosen().key
    session.state.act(actions.toggle_feature, name="age", on=False)
    assert before == together.chosen().key != with_age
    features = session.table.features
    from dataclasses import replace

    told = {**features, "pulse": replace(features["pulse"], sentinels=(-1.0,))}
    monkeypatch.setattr(type(session.table), "features", property(lambda _: told))
    assert together.chosen().key != before


def test_the_matrix_agrees_with_pandas_pair_by_pair(new_session, frame):
    names = ["height", "weight", "pulse", "age", "mostly", "stature", "flat"]
    together = controller_of(new_session(features=names))
    found = together.matrix(together.chosen())
    order = list(found.names)
    assert sorted(order) == sorted(names)
    varying = [name for name in order if name != "flat"]
    keep = np.ix_([order.index(name) for name in varying], [order.index(name) for name in varying])
    np.testing.assert_allclose(found.pearson[keep], frame[varying].corr("pearson"), atol=2e-6)
    # Spearman's r of each feature's own ranks: pandas ranks anew in the rows of each pair, so
    # complete columns only
    whole = [name for name in varying if frame[name].notna().all()]
    grid = np.ix_([order.index(name) for name in whole], [order.index(name) for name in whole])
    np.testing.assert_allclose(found.spearman[grid], frame[whole].corr("spearman"), atol=2e-6)
    present = frame[order].notna().to_numpy().astype(int)
    np.testing.assert_array_equal(found.n, present.T @ present)
    assert np.isnan(found.spearman[order.index("flat")]).all()
    assert found.exact
    assert found.rows == 600


def test_near_features_lie_side_by_side_in_the_matrix_and_what_is_not_drawn_is_counted(wide):
    together = looking_at(wide, list(wide))
    found = together.matrix(together.chosen())
    assert len(found.names) == MOST_DRAWN
    assert found.left_out == 10
    place = {name: k for k, name in enumerate(found.names)}
    twins = [(f"x{k:02d}", f"x{k + 35:02d}") for k in range(25)]
    assert all(abs(place[one] - place[other]) == 1 for one, other in twins)


def test_rows_too_few_to_compare_are_not_compared():
    frame = pd.DataFrame({"a": np.arange(100.0), "b": np.arange(100.0), "c": np.arange(100.0) ** 2})
    frame.loc[29:, "b"] = np.nan
    together = looking_at(frame, ["a", "b", "c"])
    found = together.matrix(together.chosen())
    a, b = found.names.index("a"), found.names.index("b")
    assert found.n[a, b] == 29
    assert np.isnan(found.pearson[a, b])


def test_two_features_are_needed(own_folders):
    together = looking_at(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), ["a"])
    chosen = together.chosen()
    for ask in (together.redundancy, together.inflation, together.matrix, together.unusual):
        with pytest.raises(FeatureError, match="tick two or more"):
            ask(chosen)


def test_inflation_is_of_200_features_at_most(own_folders):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 201))).add_prefix("x")
    together = looking_at(frame, list(frame))
    with pytest.raises(FeatureError, match="at most 200 features, 201 are ticked"):
        together.inflation(together.chosen())


def test_missing_cells_of_features_that_are_not_ticked_count_too(new_session, frame):
    together = controller_of(new_session(features=["pulse", "height", "city"]))
    names, found = together.missing(together.chosen())
    absent = frame.isna()
    assert "height" not in names
    assert set(names) == {name for name in frame if absent[name].any()}
    assert found.missing == {name: absent[name].sum() for name in names}
    assert found.complete == (~absent.any(axis=1)).sum()
    assert found.sampled is None


def test_unusual_rows_are_those_that_were_put_there(own_folders):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        rng.multivariate_normal([0, 0, 0], 0.5 + 0.5 * np.eye(3), 2_000), columns=list("abc")
    )
    frame.loc[[7, 900, 1999], ["a", "b", "c"]] = [[6, -6, 0], [9, 9, 9], [-6, 6, -6]]
    together = looking_at(frame, list("abc"))
    found = together.unusual(together.chosen())
    assert set(found.rows[found.furthest("robust", 3)]) == {7, 900, 1999}
    beyond = found.beyond("robust")
    assert len(beyond) == (found.robust.squared > found.robust.cutoff).sum()
    assert found.robust.squared[beyond].min() > found.robust.cutoff
    assert (np.diff(found.ecod.scores[found.beyond("ecod")]) <= 0).all()
    assert found.exact


def test_without_robust_distances_there_are_the_tails_and_the_reason(own_folders):
    frame = pd.DataFrame({"a": [0.0] * 90 + list(range(10)), "b": [1.0] * 95 + list(range(5))})
    together = looking_at(frame, ["a", "b"])
    found = together.unusual(together.chosen())
    assert found.robust is None
    assert "two features" in found.refused
    np.testing.assert_array_equal(found.furthest("robust", 5), found.furthest("ecod", 5))


def test_what_was_computed_is_kept_until_the_features_change(session):
    together = controller_of(session)
    first = together.matrix(together.chosen())
    assert together.matrix(together.chosen()) is first
    session.state.act(actions.toggle_feature, name="age", on=True)
    second = together.matrix(together.chosen())
    assert second is not first
    assert "age" in second.names
