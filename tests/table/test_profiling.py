"""Counting what is not kept, and naming what features are nearly the same as."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.features.kind import Feature
from explorer.profile.profile import FeatureProfile
from explorer.profile.profile_store import ProfileStore
from explorer.table import column_relations, profiling
from explorer.table.profiling import exact_profiles, with_partners
from explorer.table.table import open_table


@pytest.fixture
def opened(tmp_path):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 6)), columns=list("abcdef"))
    frame.to_parquet(tmp_path / "t.parquet")
    return lambda: open_table(tmp_path / "t.parquet", cache=Cache(tmp_path / "cache"))


@pytest.fixture
def asked(monkeypatch):
    calls, count = [], profiling.count_features

    def seen(source, features, names, **how):
        calls.append(list(names))
        return count(source, features, names, **how)

    monkeypatch.setattr(profiling, "count_features", seen)
    return calls


def test_only_what_is_not_kept_is_counted_in_the_order_asked_for(opened, asked):
    table = opened()
    exact_profiles(table.columns, {name: table.features[name] for name in "db"})
    found = exact_profiles(table.columns, {name: table.features[name] for name in "fdab"})
    assert list(found) == list("fdab")
    assert asked == [["d", "b"], ["f", "a"]]


def test_a_feature_that_means_something_else_is_counted_again(opened, asked):
    table = opened()
    exact_profiles(table.columns, table.features)
    changed = Feature(name="a", kind="numeric", sentinels=(0.5,))
    assert exact_profiles(table.columns, {"a": changed})["a"].sentinels == ((0.5, 0),)
    assert asked[1:] == [["a"]]


def test_what_was_counted_before_an_error_is_kept(opened, monkeypatch):
    table, count = opened(), profiling.count_features

    def breaking(source, features, names):
        for number, one in enumerate(count(source, features, names)):
            if number == 4:
                raise OSError("the disk went away")
            yield one

    monkeypatch.setattr(profiling, "count_features", breaking)
    with pytest.raises(OSError, match="went away"):
        exact_profiles(table.columns, table.features)
    kept = ProfileStore(table.columns.cache, table.source.identity()).get(table.features.values())
    assert list(kept) == list("abcd")


def test_long_runs_are_kept_as_they_go(opened, monkeypatch):
    table, kept = opened(), []
    monkeypatch.setattr(profiling, "_KEEP_EVERY", 0.0)
    put = ProfileStore.put

    def seen(store, profiles, features):
        profiles = list(profiles)
        kept.append([one.name for one in profiles])
        put(store, profiles, features)

    monkeypatch.setattr(ProfileStore, "put", seen)
    exact_profiles(table.columns, table.features)
    assert kept == [[name] for name in "abcdef"] + [[]]


def test_a_cache_that_cannot_be_written_costs_only_the_keeping(opened, tmp_path):
    frame = pd.DataFrame({"a": [1.0, 2.0, 4.0]})
    (tmp_path / "taken").write_text("a file where the cache should be")
    table = open_table(frame, cache=Cache(tmp_path / "taken"))
    assert table.profile()["a"].mean == pytest.approx(7 / 3)


def test_progress_counts_features_and_stops_when_told_to(opened):
    table, steps = opened(), []
    exact_profiles(table.columns, table.features, lambda *step: steps.append(step))
    assert steps == [("profile", done, 6) for done in range(7)]
    with pytest.raises(explorer.Cancelled):
        exact_profiles(table.columns, table.features, lambda *_: False)


def test_partners_come_strongest_first_and_at_most_ten():
    r = {f"p{i}": (-1) ** i * (0.9 + i / 1000) for i in range(12)}
    redundancy = SimpleNamespace(partners={"x": r})
    profiles = {name: FeatureProfile(name=name, kind="numeric", rows=3) for name in ("x", "y")}
    told = with_partners(profiles, redundancy)
    assert [name for name, _ in told["x"].redundant_with] == [f"p{i}" for i in range(11, 1, -1)]
    assert told["x"].redundant_with[0][1] == pytest.approx(-0.911)
    assert told["y"] is profiles["y"]


def test_redundancy_is_kept_and_reports_its_steps(opened, monkeypatch):
    steps = []
    first = opened().relations.redundancy(lambda *step: steps.append(step))
    assert steps[-1][0] == "redundancy"
    monkeypatch.setattr(
        column_relations, "correlations", lambda *_, **__: pytest.fail("computed again")
    )
    again = opened().relations.redundancy()
    assert again.pairs == first.pairs
    assert again.groups == first.groups


def test_cancel_reaches_redundancy(opened):
    with pytest.raises(explorer.Cancelled):
        opened().relations.redundancy(lambda *_: False)
