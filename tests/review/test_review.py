import pytest

from explorer.features.kind import Feature
from explorer.review.approval import Approval
from explorer.review.opinion import opinions_of
from explorer.review.review import Review, definition_of, queue_of
from explorer.review.verdict import Verdict
from explorer.table.feature_set import FeatureSet

CORE = FeatureSet("core", ["a", "b"], rationale="r", version=3)


def verdict(feature, decision="keep", reviewer="ada", **more):
    return Verdict(feature=feature, decision=decision, reason="r", reviewer=reviewer, **more)


def review(verdicts, **more):
    return Review(CORE, opinions_of(verdicts), **more)


def signed(reviewer, approves=True, **more):
    return Approval(in_set="core@3", reviewer=reviewer, approves=approves, **more)


def test_it_is_open_until_every_member_is_decided():
    assert review([]).state == "open"
    assert review([verdict("a"), verdict("b", "defer")]).undecided == ["b"]
    assert review([verdict("a"), verdict("b")]).state == "provisional"


def test_a_disagreement_or_a_conflict_keeps_it_open():
    both = [verdict("a"), verdict("b")]
    assert review([*both, verdict("b", "drop", "ben")]).hindrances == ["1 disagreement: b"]
    assert review([*both, verdict("c")]).hindrances == ["1 conflict of set and verdicts: c"]
    assert review([*both, verdict("c")]).state == "open"


def test_a_quorum_approves_and_anybody_may_take_that_back():
    both = [verdict("a"), verdict("b")]
    one = review(both, quorum=2, approvals=[signed("ada"), signed("ada")])
    assert (one.state, one.approvers) == ("provisional", ["ada"])
    two = review(both, quorum=2, approvals=[signed("ada"), signed("ben")])
    assert two.state == "approved"
    assert "2 of 2 approvals" in two.words
    back = review(
        both, quorum=2, approvals=[signed("ada"), signed("ben"), signed("ada", approves=False)]
    )
    assert back.state == "provisional"


def test_an_approved_set_whose_member_is_disputed_later_is_open_again():
    given = [verdict("a"), verdict("b"), verdict("b", "drop", "ben")]
    assert review(given, approvals=[signed("ada")]).state == "open"


@pytest.mark.parametrize("approvals", [[], [signed("ada", fingerprint="f")]])
@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"fingerprint": "g"}, "the data have changed since"),
        (
            {"fingerprint": "f", "definitions": {"a": "d", "b": "other"}},
            "b: what the catalogue says",
        ),
        ({"fingerprint": "f", "definitions": {"a": "d"}}, "b: not in this table"),
    ],
)
def test_it_turns_stale_by_itself(approvals, now, why):
    both = [
        verdict("a", fingerprint="f", definition="d"),
        verdict("b", fingerprint="f", definition="d"),
    ]
    assert (
        review(both, approvals=approvals, fingerprint="f", definitions={"a": "d", "b": "d"}).state
        != "stale"
    )
    stale = review(both, approvals=approvals, **now)
    assert stale.state == "stale"
    assert any(why in words for words in stale.outdated)


def test_an_approval_on_other_data_is_stale_though_the_verdicts_name_no_data():
    both = [verdict("a"), verdict("b")]
    assert (
        review(both, approvals=[signed("ada", fingerprint="f")], fingerprint="g").state == "stale"
    )


def test_the_definition_of_a_feature_is_what_it_means_and_not_what_it_is_called():
    plain = Feature(name="a", kind="numeric")
    assert definition_of(plain) == definition_of(
        Feature(name="a", kind="numeric", label="A", description="x")
    )
    for changed in (
        {"unit": "kg"},
        {"sentinels": (-1.0,)},
        {"valid_range": (0.0, None)},
        {"source": "other"},
    ):
        assert definition_of(Feature(name="a", kind="numeric", **changed)) != definition_of(plain)


def test_the_queue_has_disputes_first_then_members_then_the_rest():
    given = [verdict("a"), verdict("d"), verdict("d", "drop", "ben"), verdict("e", "keep", "ben")]
    assert queue_of("abcde", ["c", "a"], opinions_of(given), "ada") == ["d", "c", "b", "e"]
    assert queue_of("abcde", ["c", "a"], opinions_of(given), "ben") == ["d", "a", "c", "b"]
