from explorer.review.opinion import opinions_of
from explorer.review.verdict import Verdict

T1, T2 = "2026-01-01T00:00:01+00:00", "2026-01-01T00:00:02+00:00"


def verdict(feature, decision, reviewer="ada", time="2026-01-01T00:00:01+00:00", **more):
    return Verdict(
        feature=feature, decision=decision, reason="r", reviewer=reviewer, time=time, **more
    )


def test_the_later_verdict_of_a_reviewer_counts_whatever_the_order_they_come_in():
    late, early = (
        verdict("x", "drop", time="2026-01-01T00:00:02+00:00"),
        verdict("x", "keep", time="2026-01-01T00:00:01+00:00"),
    )
    assert opinions_of([late, early])["x"].verdicts == (late,)


def test_reviewers_agree_only_with_the_same_recipe():
    log, sqrt = (
        verdict("x", "transform", who, t, recipe=r)
        for who, t, r in [("a", T1, "log"), ("b", T2, "sqrt")]
    )
    assert opinions_of([log, sqrt])["x"].disagreement
    assert opinions_of([log, sqrt])["x"].agreed is None
    assert opinions_of([log, sqrt])["x"].words == "a: transform (log) · b: transform (sqrt)"
    same = verdict("x", "transform", "b", "2026-01-01T00:00:03+00:00", recipe="log")
    assert opinions_of([log, sqrt, same])["x"].agreed == same


def test_a_deferred_feature_contradicts_nobody_and_decides_nothing():
    later = verdict("x", "defer", "a")
    assert opinions_of([later])["x"].deferred
    keep = verdict("x", "keep", "b", T2)
    both = opinions_of([later, keep])["x"]
    assert (both.agreed, both.disagreement, both.deferred) == (keep, False, False)
    assert both.words == "keep (b) · a: defer"
    assert opinions_of([later])["x"].words == "defer (a)"


def test_a_verdict_is_outdated_by_other_data_or_another_meaning():
    opinion = opinions_of([verdict("x", "keep", fingerprint="f", definition="d")])["x"]
    assert opinion.outdated("f", "d") == ""
    assert opinion.outdated("", "") == ""
    assert "data have changed" in opinion.outdated("g", "d")
    assert "catalogue" in opinion.outdated("g", "e")


def test_what_somebody_replaced_does_not_come_back_by_a_clock_that_is_ahead():
    ahead = verdict("x", "drop", time="2030-01-01T00:00:00+00:00", id="old")
    now = verdict("x", "keep", time="2026-01-01T00:00:00+00:00", supersedes="old")
    assert opinions_of([ahead, now])["x"].verdicts == (now,)
    # nobody replaces the verdict of another person
    other = verdict("x", "keep", "ben", time="2026-01-01T00:00:00+00:00", supersedes="old")
    assert len(opinions_of([ahead, other])["x"].verdicts) == 2
