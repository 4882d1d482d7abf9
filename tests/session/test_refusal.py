import pytest

from explorer.errors import FeatureError
from explorer.session.refusal import refusal_of

MEDIAN, INDICATOR = {"missing": "median"}, {"missing": "indicator"}


def test_features_that_can_be_projected_are_not_refused(people):
    assert refusal_of(people, ["height", "pulse", "city", "flat"], MEDIAN) is None
    assert refusal_of(people, ["vector"], MEDIAN) is None
    assert refusal_of(people, [], MEDIAN) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [("nothing", "all missing"), ("boundless", "3 infinite values"), ("mostly", "6[0-9] % missing")],
)
def test_a_feature_that_cannot_is_named_with_the_reason(people, name, words):
    refusal = refusal_of(people, ["height", name], MEDIAN)
    assert refusal.names == [name]
    with pytest.raises(
        FeatureError, match=f"^Untick or choose another way with missing values: {name}: {words}$"
    ):
        raise refusal.error()


def test_mostly_missing_is_allowed_when_asked(people):
    assert refusal_of(people, ["height", "mostly"], INDICATOR) is None
    assert refusal_of(people, ["height", "nothing"], INDICATOR).names == ["nothing"]


def test_a_constant_is_refused_only_when_nothing_else_varies(people):
    refusal = refusal_of(people, ["flat", "flat_too"], MEDIAN)
    assert refusal.names == ["flat", "flat_too"]
    assert "flat: constant; flat_too: constant" in refusal.words


def test_all_of_them_are_found_at_once_and_said_in_one_line(people):
    names = ["nothing", "boundless", "mostly"]
    assert refusal_of(people, ["height", *names], MEDIAN).names == names


def test_project_refuses_before_anything_changes(session, fake_queue):
    session.state.act("toggle_feature", name="boundless", on=True)
    before = session.state.document
    with pytest.raises(FeatureError, match="3 infinite values"):
        session.project()
    assert session.state.document == before
    assert len(fake_queue.jobs) == 1
