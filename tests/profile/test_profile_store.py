"""Kept profiles: found again, and no failure when they cannot be written or read."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from explorer.core.cache import Cache
from explorer.features.kind import Feature
from explorer.profile.analysis import profile_of_numbers
from explorer.profile.counting.counts import count_numbers
from explorer.profile.profile import FeatureProfile
from explorer.profile.profile_store import ProfileStore

if TYPE_CHECKING:
    from pathlib import Path

HEIGHT = Feature(name="height", kind="numeric", label="Height", unit="cm")


@pytest.fixture(scope="module")
def profile() -> FeatureProfile:
    cells = np.random.default_rng(0).normal(size=500)
    cells[0] = np.nan
    return profile_of_numbers(HEIGHT, count_numbers(pa.chunked_array([cells]), "height"))


@pytest.fixture
def store(cache: Cache, profile: FeatureProfile) -> ProfileStore:
    kept = ProfileStore(cache, "table one")
    kept.put([profile], {"height": HEIGHT})
    return kept


def file_of(cache: Cache) -> Path:
    (path,) = cache.folder.glob("profiles/*/profiles.sqlite")
    return path


def test_another_instance_finds_what_was_kept(
    cache: Cache, store: ProfileStore, profile: FeatureProfile
) -> None:
    found = ProfileStore(cache, "table one").get([HEIGHT])
    assert found["height"].document() == profile.document()
    assert store.trouble == ""


def test_another_table_has_profiles_of_its_own(cache: Cache, store: ProfileStore) -> None:
    assert ProfileStore(cache, "table two").get([HEIGHT]) == {}


def test_without_anything_kept_there_is_no_file(cache: Cache) -> None:
    empty = ProfileStore(cache, "table one")
    assert empty.get([HEIGHT]) == {}
    empty.put([], {})
    assert empty.trouble == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"sentinels": (-999.0,)},
        {"sentinels": ("unknown",)},
        {"valid_range": (0.0, None)},
        {"valid_range": (None, 0.0)},
        {"kind": "categorical"},
    ],
    ids=str,
)
def test_what_changes_the_figures_makes_a_miss(
    store: ProfileStore, changed: dict[str, object]
) -> None:
    assert store.get([replace(HEIGHT, **changed)]) == {}


def test_other_words_are_taken_without_counting_again(store: ProfileStore) -> None:
    renamed = replace(HEIGHT, label="Stature", unit="m", description="d", tags=("t",), owner="o")
    found = store.get([renamed])["height"]
    assert (found.label, found.unit) == ("Stature", "m")


def test_a_sample_is_another_profile_than_all_rows(
    store: ProfileStore, profile: FeatureProfile
) -> None:
    assert store.get([HEIGHT], sampled=100) == {}
    store.put([replace(profile, sampled=100, mean=5.0)], {"height": HEIGHT})
    assert store.get([HEIGHT], sampled=100)["height"].mean == 5.0
    assert store.get([HEIGHT])["height"].mean == profile.mean


def many(
    profile: FeatureProfile, names: list[str]
) -> tuple[list[FeatureProfile], dict[str, Feature]]:
    return [replace(profile, name=name) for name in names], {
        name: replace(HEIGHT, name=name) for name in names
    }


def test_more_features_than_a_statement_takes_are_found_in_the_order_asked_for(
    store: ProfileStore, profile: FeatureProfile
) -> None:
    names = [f"f{i}" for i in range(1_201)]
    short = FeatureProfile(name="", kind="numeric", rows=3)
    profiles, features = many(short, names)
    store.put(profiles, features)
    assert list(store.get([features[name] for name in names[::-1]])) == names[::-1]


@pytest.mark.parametrize("name", ["", "a b", "q'\"`;--", "ünï✓", "new\nline", "x" * 300, "\x00"])
def test_any_name_can_be_kept(store: ProfileStore, profile: FeatureProfile, name: str) -> None:
    profiles, features = many(profile, [name])
    store.put(profiles, features)
    assert store.get(features.values())[name].name == name


def damage_header(path: Path) -> None:
    path.write_bytes(b"this is no database" * 500)


def damage_pages(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))


def damage_document(path: Path) -> None:
    with sqlite3.connect(path) as opened:
        opened.execute("UPDATE profiles SET document = ?", (b"no zlib",))
    opened.close()


def damage_table(path: Path) -> None:
    with sqlite3.connect(path) as opened:
        opened.execute("DROP TABLE profiles")
    opened.close()


@pytest.mark.parametrize("damage", [damage_header, damage_pages, damage_document, damage_table])
def test_a_damaged_file_is_a_miss_in_words_and_is_made_anew(
    cache: Cache, store: ProfileStore, profile: FeatureProfile, damage
) -> None:
    damage(file_of(cache))
    fresh = ProfileStore(cache, "table one")
    assert fresh.get([HEIGHT]) == {}
    assert "cannot be read and are counted again" in fresh.trouble
    fresh.put([profile], {"height": HEIGHT})
    assert ProfileStore(cache, "table one").get([HEIGHT])["height"].mean == profile.mean


def test_a_document_of_another_shape_is_a_miss(cache: Cache, store: ProfileStore) -> None:
    import zlib

    for document in ([1, 2], {"name": "height"}, {"no": "profile"}):
        packed = zlib.compress(json.dumps(document).encode())
        with sqlite3.connect(file_of(cache)) as opened:
            opened.execute("UPDATE profiles SET document = ?", (packed,))
        opened.close()
        assert ProfileStore(cache, "table one").get([HEIGHT]) == {}


def test_on_a_full_disk_profiles_are_only_not_kept(
    store: ProfileStore, cache: Cache, profile: FeatureProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_, path: Path) -> sqlite3.Connection:
        opened = sqlite3.connect(path)
        opened.execute("PRAGMA max_page_count = 4")  # SQLite then says what it says of a full disk
        return opened

    names = [f"f{i}" for i in range(200)]
    profiles, features = many(profile, names)
    monkeypatch.setattr(ProfileStore, "_open", full)
    store.put(profiles, features)
    assert (
        store.trouble
        == f"the profile cannot be kept in {str(cache.folder)!r}: database or disk is full"
    )
    monkeypatch.undo()
    # nothing half-written, and what was there before still is
    assert list(store.get([HEIGHT, *features.values()])) == ["height"]


def test_a_file_that_can_only_be_read_is_read(
    store: ProfileStore, profile: FeatureProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ProfileStore, "_open", lambda _, path: sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    )
    assert store.get([HEIGHT])["height"].mean == profile.mean
    store.put([profile], {"height": HEIGHT})
    assert "attempt to write a readonly database" in store.trouble


def test_a_folder_that_cannot_be_made_is_words(tmp_path: Path, profile: FeatureProfile) -> None:
    (tmp_path / "taken").write_text("a file where the cache should be")
    store = ProfileStore(Cache(tmp_path / "taken"), "table one")
    assert store.get([HEIGHT]) == {}
    store.put([profile], {"height": HEIGHT})
    assert store.trouble.startswith("the profile cannot be kept in")
    assert "EXPLORER_CACHE" in store.trouble


def test_a_file_held_by_another_process_is_a_miss_in_words(
    cache: Cache, store: ProfileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.profile import profile_store

    monkeypatch.setattr(profile_store, "_WAIT", 0.05)
    holder = sqlite3.connect(file_of(cache), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert store.get([HEIGHT]) == {}
    assert "database is locked" in store.trouble
    assert file_of(cache).exists()
    holder.execute("ROLLBACK")
    holder.close()
    assert list(store.get([HEIGHT])) == ["height"]


WRITER = """
import sys
from pathlib import Path
from explorer.core.cache import Cache
from explorer.features.kind import Feature
from explorer.profile.profile import FeatureProfile
from explorer.profile.profile_store import ProfileStore
store = ProfileStore(Cache(Path(sys.argv[1])), "table one")
sys.stdin.readline()
for i in range(40):
    name = f"{sys.argv[2]}{i}"
    profile = FeatureProfile(name=name, kind="numeric", rows=i)
    store.put([profile], {name: Feature(name=name, kind="numeric")})
assert not store.trouble, store.trouble
"""


def test_two_processes_that_write_at_once_lose_nothing(cache: Cache) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(cache.folder), name], stdin=subprocess.PIPE
        )
        for name in "ab"
    ]
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    features = [Feature(name=f"{letter}{i}", kind="numeric") for letter in "ab" for i in range(40)]
    found = ProfileStore(cache, "table one").get(features)
    assert [(name, one.rows) for name, one in found.items()] == [
        (one.name, int(one.name[1:])) for one in features
    ]


def test_what_relates_features_is_kept_for_just_these(cache: Cache, store: ProfileStore) -> None:
    other = replace(HEIGHT, name="weight")
    store.put_relation("redundancy", [HEIGHT, other], {"pairs": [1, 2]})
    again = ProfileStore(cache, "table one")
    assert again.relation("redundancy", [HEIGHT, other]) == {"pairs": [1, 2]}
    assert again.relation("redundancy", [HEIGHT]) is None
    assert again.relation("missing", [HEIGHT, other]) is None
    # a sentinel makes other cells of it
    assert again.relation("redundancy", [replace(HEIGHT, sentinels=(-9.0,)), other]) is None
