"""How features compare with each other: ready sets, orders, the share of the selection."""

import base64
import itertools

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from explorer.feature.feature_ordering import FeatureOrdering
from explorer.state import actions
from explorer.table.table import open_table


@pytest.fixture
def ordering(session):
    return FeatureOrdering(session.table, session.rows, session.start)


def select(session, expression):
    session.state.act(actions.select, selection={"expression": expression})


def heights(text):
    """Return the bars of all, those of the part, and whether the part has a scale of its own."""
    drawn = np.frombuffer(base64.b64decode(text), np.uint8).astype(int)
    assert drawn.size == 81
    return drawn[:40], drawn[40:80], bool(drawn[80])


def test_the_ready_sets_are_the_start_and_all_that_can_be_projected(session, ordering, people):
    sets = ordering.sets()
    assert sets["start"] == list(session.start.features)
    assert {"height", "weight", "pulse", "sleep", "age", "member", "vector"} <= set(sets["all"])
    assert not {"city", "person_id", "stature", "flat", "flat_too", "nothing", "since"} & set(
        sets["all"]
    )
    assert sets["all"] == [name for name in people.column_names if name in sets["all"]]
    assert ordering.sets() is sets


def test_all_that_can_be_projected_is_projected(session, ordering, fake_queue):
    session.state.act(actions.set_features, names=ordering.sets()["all"])
    session.projection.project()
    assert set(fake_queue.jobs[-1].specs[-1].matrix.features) == set(ordering.sets()["all"])


def test_the_ready_sets_follow_an_edit(fake_queue, frame, tmp_path, monkeypatch):
    from explorer.session.session import Session

    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    table = open_table(frame[["height", "weight", "age"]])
    session = Session(table, fake_queue, {"features": ["height", "weight"]}, "")
    ordering = FeatureOrdering(session.table, session.rows, session.start)
    assert "age" in ordering.sets()["all"]
    session.edit_feature("age", "kind", "categorical")
    assert ordering.sets()["all"] == ["height", "weight"]


def test_the_ready_sets_follow_an_exact_profile_that_replaces_a_sample(
    session, people, monkeypatch
):
    from dataclasses import replace

    known = people.profiles.finished()
    flat = replace(known["sleep"], sampled=10, distinct=1, std=0.0, min=1.0, max=1.0)
    ordering = FeatureOrdering(session.table, session.rows, session.start)
    changes = itertools.count(people.profiles.count_changes() + 1)
    monkeypatch.setattr(people.profiles, "count_changes", lambda: next(changes))
    monkeypatch.setattr(people.profiles, "finished", lambda: {**known, "sleep": flat})
    before = ordering.sets()["all"]
    monkeypatch.setattr(people.profiles, "finished", lambda: known)
    assert "sleep" not in before
    assert "sleep" in ordering.sets()["all"]


def test_strips_without_a_selection_are_told_that_there_is_none(ordering):
    assert list(ordering.selected(["height", "city"])) == [("height", ""), ("city", "")]


@pytest.mark.parametrize("name", ["height", "pulse", "age", "since", "member"])
def test_the_selection_is_counted_in_the_bins_of_a_strip(session, ordering, people, name):
    select(session, "height > 4")
    ((told, text),) = ordering.selected([name])
    assert told == name
    whole, part, own = heights(text)
    edges = people.summaries[name].histogram.edges
    cells = people.columns.numbers(name)
    chosen = people.columns.numbers("height") > 4
    counts = np.histogram(cells[np.isfinite(cells)], edges)[0]
    expected = np.histogram(cells[chosen & np.isfinite(cells)], edges)[0]
    assert own == (expected.max() < 0.2 * counts.max())
    for bars, known in ((whole, counts), (part, expected)):
        most = known.max() if own else counts.max()
        np.testing.assert_array_equal(bars[: known.size] > 0, known > 0)
        assert not bars[known.size :].any()
        tall = 255 * known / most >= 6  # shorter bars are drawn as high as can be seen
        assert np.abs(bars[: known.size] - 255 * known / most)[tall].max() <= 1


def test_the_selection_is_counted_in_the_levels_of_a_category(session, ordering, frame):
    select(session, "age > 60")
    ((_, text),) = ordering.selected(["city"])
    whole, part, own = heights(text)
    counts = frame["city"].value_counts()
    order = sorted(counts.index, key=lambda level: (-counts[level], level))
    chosen = frame.loc[frame["age"] > 60, "city"].value_counts().reindex(order, fill_value=0)
    np.testing.assert_array_equal(part[: len(order)] > 0, chosen > 0)
    assert whole[0] == 255
    assert part[0] == pytest.approx(
        255 * chosen.iloc[0] / (chosen.max() if own else counts[order[0]]), abs=1
    )


def test_rows_behind_a_filter_are_in_neither_count(session, ordering, frame):
    session.state.act(actions.add_filter, id="a", column="city", levels=["A"])
    select(session, "age > 60")
    ((_, text),) = ordering.selected(["member"])
    whole, part, own = heights(text)
    left = frame[frame["city"] == "A"]
    counts = np.bincount(left["member"], minlength=2)
    np.testing.assert_allclose(whole[:2], 255 * counts / counts.max(), atol=1)
    assert own or 0 < part[:2].sum() < whole[:2].sum()


def test_without_a_selection_a_filter_is_the_part(session, ordering, frame):
    session.state.act(actions.add_filter, id="a", column="city", levels=["A"])
    ((_, text),) = ordering.selected(["member"])
    whole, part, own = heights(text)
    counts = np.bincount(frame["member"], minlength=2)
    left = np.bincount(frame.loc[frame["city"] == "A", "member"], minlength=2)
    np.testing.assert_allclose(whole[:2], 255 * counts / counts.max(), atol=1)
    np.testing.assert_allclose(part[:2], 255 * left / (left.max() if own else counts.max()), atol=1)


def test_what_has_no_strip_has_no_share(session, ordering):
    select(session, "age > 60")
    assert list(ordering.selected(["person_id", "vector", "nothing"])) == []


def test_the_order_by_difference_is_that_of_the_areas_under_the_curve(session, ordering, people):
    select(session, "height > 4")
    found = ordering.keys({"key": "difference"})
    chosen = people.columns.numbers("height") > 4
    for name in ("weight", "age", "pulse"):
        cells = people.columns.numbers(name)
        here = np.isfinite(cells)
        expected = abs(2 * roc_auc_score(chosen[here], cells[here]) - 1)
        assert found["values"][name] == pytest.approx(expected, abs=1e-4)
    assert found["values"]["height"] == 1
    assert f"{chosen.sum()} selected against the rest, on all rows" in found["words"]


def test_without_a_selection_the_order_by_difference_says_what_to_do(ordering):
    found = ordering.keys({"key": "difference"})
    assert (found["key"], found["values"]) == ("difference", {})
    assert found["words"].startswith("select rows first")


def test_the_order_by_relevance_names_what_gives_the_target_away(ordering):
    found = ordering.keys({"key": "relevance", "target": "height"})
    values = found["values"]
    assert values["stature"] > values["weight"] > values["age"]
    assert all(0 <= value <= 1 for value in values.values())
    assert "reveals it: stature" in found["words"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (None, "choose a target column"),
        ("heigth", "did you mean 'height'"),
        ("nothing", "nothing"),
        ("vector", "vector"),
    ],
)
def test_a_target_that_cannot_be_one_is_words(ordering, target, words):
    found = ordering.keys({"key": "relevance", "target": target})
    assert found["values"] == {}
    assert words in found["words"]
    assert "\n" not in found["words"]
