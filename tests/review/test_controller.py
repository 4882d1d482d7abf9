import threading
from functools import partial

import pytest

from explorer.core.errors import ExplorerError, FeatureError, ReviewError, UnknownName
from explorer.review.controller import ReviewController
from explorer.review.database import Database, store_url
from explorer.review.evidence import Evidence
from explorer.review.review_store import open_store
from explorer.review.table_reviews import TableReviews
from explorer.session.session import Session
from explorer.state import actions


@pytest.fixture
def person(people, fake_queue, reviews):
    """Make people who look at one table, each with a session."""

    def make(name, **start):
        session = Session(
            people,
            fake_queue,
            {"features": ["height", "weight"], **start},
            makers={ReviewController: partial(ReviewController, reviews=reviews)},
        )
        session.user = name
        done(
            lambda then: reviews.write(lambda store: store.newest(), then)
        )  # what is there is read
        session.part(ReviewController).opinions()
        done(lambda then: reviews.write(lambda store: store.newest(), then))
        return session

    return make


def done(act):
    """Do something and wait for it; returns the result and why it failed."""
    ended, found = threading.Event(), []
    act(lambda result, why: (found.extend([result, why]), ended.set()))
    assert ended.wait(20)
    return found


def save(session, name="core", why="agreed on Monday"):
    result, failed = done(lambda then: session.part(ReviewController).save(name, why, then))
    assert not failed
    session.state.act(actions.open_set, name=result.id)
    done(
        lambda then: session.part(ReviewController).reviews.write(
            lambda _: session.part(ReviewController).seen and None, then
        )
    )
    return result


def decide(session, name, decision, **more):
    result, failed = done(
        lambda then: session.part(ReviewController).decide([name], decision, then, **more)
    )
    assert not failed
    return result[0]


def test_a_verdict_freezes_what_is_known_at_this_moment(person, people):
    session = person("ada")
    people.profile(["pulse"])
    given = decide(session, "pulse", "drop", confidence="strong")
    (frozen,) = (
        open_store(session.part(ReviewController).reviews.url).evidence(given.evidence).values()
    )
    assert frozen.numbers["missing"] == people.profile(["pulse"])["pulse"].missing
    assert (given.reviewer, given.fingerprint, given.reason) == ("ada", people.fingerprint, "")
    assert session.part(ReviewController).opinions()["pulse"].words == "drop (ada)"


def test_others_see_it_at_once_and_disagreements_side_by_side(person):
    ada, ben = person("ada"), person("ben")
    heard = []
    ben.listen(lambda changed: heard.append(changed))
    decide(ada, "pulse", "keep")
    assert frozenset(["reviews"]) in heard
    decide(ben, "pulse", "drop")
    for session in (ada, ben):
        assert session.part(ReviewController).opinions()["pulse"].words == "ada: keep · ben: drop"
    assert ada.part(ReviewController).queue()[0] == "pulse"


def test_what_another_server_writes_is_seen_too(person, reviews, until):
    session = person("ada")
    other = open_store(reviews.url)
    other.verdict("pulse", "drop", reason="r", reviewer="cy", fingerprint=session.table.fingerprint)
    until(lambda: "pulse" in session.part(ReviewController).opinions())
    other.close()


def test_verdicts_are_applied_to_the_set_in_one_step_that_can_be_undone(person):
    session = person("ada")
    decide(session, "height", "drop", reason="r")
    decide(session, "weight", "transform", recipe="log", reason="r")
    decide(session, "pulse", "keep", reason="r")
    assert [one.feature for one in session.part(ReviewController).conflicts()] == [
        "height",
        "weight",
        "pulse",
    ]
    session.part(ReviewController).apply()
    document = session.state.document
    assert document.features == ("weight", "pulse")
    assert document.policy.transform == {"weight": "log"}
    assert session.part(ReviewController).conflicts() == []
    session.state.undo()
    assert session.state.document.features == ("height", "weight")


def test_a_set_is_saved_with_a_reason_and_edits_are_counted_from_it(person):
    session = person("ada")
    with pytest.raises(ReviewError, match="say in a sentence why"):
        session.part(ReviewController).save("core", " ", lambda *_: None)
    first = save(session)
    assert (first.id, first.author, first.features) == ("core@1", "ada", ("height", "weight"))
    assert not session.part(ReviewController).edits()
    session.state.act(actions.toggle_feature, name="pulse", on=True)
    session.state.act(actions.set_policy, scale="robust")
    assert (
        session.part(ReviewController).edits().words == "1 added (pulse) · scale: standard → robust"
    )
    second = save(session, why="pulse too")
    assert (second.id, second.parent) == ("core@2", "core@1")


def test_a_merged_feature_is_written_into_the_set_that_stands_for_it(person):
    session = person("ada")
    decide(session, "weight", "merge", into="height", reason="r")
    session.part(ReviewController).apply()
    made = save(session)
    assert (made.features, dict(made.merged)) == (("height",), {"weight": "height"})


def test_opening_a_set_brings_its_features_and_policy(person, reviews):
    session = person("ada")
    session.state.act(actions.set_policy, scale="robust", transform={"height": "sqrt"})
    save(session)
    session.state.act(actions.set_features, names=["age"])
    session.part(ReviewController).open_set("core@1")
    document = session.state.document
    assert (document.set, document.features) == ("core@1", ("height", "weight"))
    assert (document.policy.scale, document.policy.transform) == (
        "robust",
        {"height": "sqrt"},
    )
    with pytest.raises(ReviewError, match="not in the store"):
        session.part(ReviewController).open_set("core@9")


def test_a_set_of_another_table_is_opened_as_far_as_it_fits(person, reviews):
    from explorer.table.feature_set import FeatureSet

    for one in (
        FeatureSet("other", ["x", "height"], rationale="r"),
        FeatureSet("none", ["x"], rationale="r"),
    ):
        done(lambda then, one=one: reviews.write(lambda store: store.save(one), then))
    session = person("ada")
    session.part(ReviewController).open_set("other@1")
    assert session.state.document.features == ("height",)
    assert "other@1: x is not in this table" in session.notes
    with pytest.raises(ReviewError, match="no feature of this table"):
        session.part(ReviewController).open_set("none@1")


def test_a_set_is_approved_when_every_member_is_decided_and_saved_as_it_is(person):
    session = person("ada")
    with pytest.raises(ReviewError, match="save the features as a set first"):
        session.part(ReviewController).approve(True, lambda *_: None)
    save(session)
    with pytest.raises(ReviewError, match="not yet: 2 members undecided: height, weight"):
        session.part(ReviewController).approve(True, lambda *_: None)
    decide(session, "height", "keep", reason="r")
    decide(session, "weight", "keep", reason="r")
    assert session.part(ReviewController).review().state == "provisional"
    done(lambda then: session.part(ReviewController).set_quorum(2, then))
    done(lambda then: session.part(ReviewController).approve(True, then))
    assert session.part(ReviewController).review().state == "provisional"
    ben = person("ben", set="core@1")
    done(lambda then: ben.part(ReviewController).approve(True, then))
    assert session.part(ReviewController).review().state == "approved"
    session.state.act(actions.toggle_feature, name="pulse", on=True)
    with pytest.raises(ReviewError, match="save first"):
        session.part(ReviewController).approve(True, lambda *_: None)
    session.edit_feature("height", "unit", "furlong")
    try:
        assert session.part(ReviewController).review().state == "stale"
    finally:
        session.edit_feature(
            "height", "unit", None
        )  # edits are for good, and other tests use this table
    assert session.part(ReviewController).review().state == "approved"


def test_proposals_are_approved_at_once_and_kept_apart_from_decisions(person, people):
    session = person("ada")
    people.profile()
    proposed = session.part(ReviewController).proposals()
    assert proposed
    result, failed = done(
        lambda then: session.part(ReviewController).approve_proposals(proposed, then)
    )
    assert not failed
    assert [(one.feature, one.decision, one.suggestion["decision"]) for one in result] == [
        (one.feature, one.decision, one.decision) for one in proposed
    ]
    assert session.part(ReviewController).proposals() == []
    overruled = decide(session, proposed[0].feature, "keep", reason="an expert knows better")
    assert overruled.suggestion["decision"] == proposed[0].decision


def test_a_verdict_taken_back_leaves_the_feature_open_and_its_history(person):
    session = person("ada")
    first = decide(session, "pulse", "drop", reason="r")
    (second,), _ = done(lambda then: session.part(ReviewController).take_back("pulse", then))
    assert second.supersedes == first.id
    assert session.part(ReviewController).opinions()["pulse"].deferred


def test_an_earlier_comparison_can_be_cited(person):
    session = person("ada")
    cited = Evidence(kind="comparison", subject="pulse", numbers={"cliffs_delta": 0.4})
    other = Evidence(kind="comparison", subject="age", numbers={"cliffs_delta": 0.1})
    given = decide(session, "pulse", "keep", reason="r", extra=[cited, other])
    assert cited.key in given.evidence
    assert other.key not in given.evidence


@pytest.mark.parametrize(
    ("name", "decision", "more", "error"),
    [
        ("nobody", "keep", {}, UnknownName),
        ("pulse", "maybe", {}, UnknownName),
        ("pulse", "merge", {"into": "nobody"}, UnknownName),
        ("pulse", "merge", {"into": "pulse"}, ReviewError),
        ("pulse", "transform", {"recipe": "clip(3"}, FeatureError),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(person, name, decision, more, error):
    session = person("ada")
    with pytest.raises(error):
        session.part(ReviewController).decide([name], decision, lambda *_: None, **more)
    assert open_store(session.part(ReviewController).reviews.url).verdicts() == []


def test_without_a_name_there_is_no_verdict(person):
    with pytest.raises(ReviewError, match="say who you are"):
        person(" ").part(ReviewController).decide(["pulse"], "keep", lambda *_: None)


def test_a_store_that_cannot_be_opened_is_said_and_the_rest_goes_on(
    people, fake_queue, tmp_path, until
):
    (tmp_path / "x.db").write_text("no database" * 200)
    reviews = TableReviews(people, str(tmp_path / "x.db"))
    session = Session(
        people,
        fake_queue,
        {"features": ["height"]},
        makers={ReviewController: partial(ReviewController, reviews=reviews)},
    )
    session.user = "ada"
    assert session.part(ReviewController).opinions() == {}
    until(lambda: reviews.failed)
    assert "no database" in reviews.failed
    _, why = done(
        lambda then: session.part(ReviewController).decide(["height"], "keep", then, reason="r")
    )
    assert "no database" in why
    assert session.state.document.features == ("height",)
    reviews.close()
    assert issubclass(ReviewError, ExplorerError)


def changed(url, statement, *values):
    Database(store_url(url)).write(
        lambda connection: connection.exec_driver_sql(statement, values) and None
    )


def test_a_late_number_of_another_server_is_not_passed_over(person, reviews):
    """Of two that write at once, the later number may be there first."""
    session = person("ada")
    decide(session, "pulse", "keep", reason="r")
    changed(reviews.url, "UPDATE verdicts SET seq = seq + 10")
    decide(session, "age", "keep", reason="r")
    changed(reviews.url, "UPDATE verdicts SET seq = 3 WHERE feature = 'age'")
    late = open_store(reviews.url).verdict("height", "drop", reason="r", reviewer="cy", in_set="")
    changed(
        reviews.url,
        "UPDATE verdicts SET seq = 5, fingerprint = ? WHERE id = ?",
        session.table.fingerprint,
        late.id,
    )
    decide(session, "weight", "keep", reason="r")
    assert set(session.part(ReviewController).opinions()) == {"pulse", "age", "height", "weight"}
