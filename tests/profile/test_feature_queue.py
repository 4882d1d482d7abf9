from __future__ import annotations

from explorer.profile.feature_queue import FeatureQueue


def test_names_come_in_order_and_each_once() -> None:
    wanted = FeatureQueue("abcde")
    assert wanted.take(2) == ["a", "b"]
    assert wanted.take(10) == ["c", "d", "e"]
    assert wanted.take(1) == []
    assert len(wanted) == 0


def test_what_is_looked_at_goes_first_the_latest_before_the_earlier() -> None:
    wanted = FeatureQueue("abcdef", first=["e"])
    wanted.prefer(["c", "d"])
    assert wanted.preferred() == ["c", "d", "e"]
    assert wanted.take(2) == ["c", "d"]
    assert wanted.take(3) == ["e", "a", "b"]
    assert wanted.take(9) == ["f"]


def test_what_is_counted_or_unknown_is_not_preferred_again() -> None:
    wanted = FeatureQueue("ab")
    wanted.take(1)
    wanted.prefer(["a", "z"])
    assert wanted.preferred() == []
    assert wanted.take(5) == ["b"]
