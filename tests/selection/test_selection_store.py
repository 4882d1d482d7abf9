"""Saved rows on disk; oracles are NumPy's packing and a second reader of the same folder."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explorer.core.errors import SelectionError
from explorer.selection.saved_selection import SavedSelection, id_of_rows, selection_name
from explorer.selection.selection_store import SelectionStore

ROWS = 1_003  # no multiple of eight
FINGERPRINT = "f" * 32


@pytest.fixture
def store(tmp_path):
    return SelectionStore(FINGERPRINT, ROWS, tmp_path)


def made(name, time=1.0):
    return SavedSelection(
        "", name, 0, {"expression": "a > 1"}, "Ann", time, {"a": "made the group"}
    )


def mask(seed=0, share=0.3):
    return np.random.default_rng(seed).random(ROWS) < share


def test_a_file_of_an_earlier_version_is_taken_over_once(store, tmp_path):
    bits = np.packbits(mask())
    name = id_of_rows(FINGERPRINT, bits)
    document = {
        "form": 1,
        "rows": ROWS,
        "id": name,
        "name": "some",
        "count": int(mask().sum()),
        "definition": {"expression": "a > 1"},
        "author": "Ann",
        "time": 1.0,
        "seen": {"a": "made the group"},
    }
    folder = tmp_path / "selections" / FINGERPRINT
    folder.mkdir(parents=True)
    (folder / f"{name}.rows").write_bytes(json.dumps(document).encode() + b"\n" + bits.tobytes())
    (folder / "bad.rows").write_bytes(b"nonsense")
    for _ in range(2):
        again = SelectionStore(FINGERPRINT, ROWS, tmp_path)
        (kept,), (trouble,) = again.listed()
        assert (kept.name, kept.author, kept.seen) == ("some", "Ann", {"a": "made the group"})
        np.testing.assert_array_equal(again.mask(kept), mask())
        assert "bad.rows cannot be read" in trouble
    assert sorted(path.name for path in folder.iterdir()) == ["bad.rows", f"{name}.rows.imported"]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_another_reader_finds_the_same_rows(store, tmp_path, share):
    kept = store.save(made("some"), mask(share=share))
    other = SelectionStore(FINGERPRINT, ROWS, tmp_path)
    assert other.listed() == ([kept], [])
    np.testing.assert_array_equal(other.mask(kept), mask(share=share))


def test_what_another_process_saves_renames_or_removes_is_seen_at_once(store, tmp_path):
    other = SelectionStore(FINGERPRINT, ROWS, tmp_path)
    assert store.listed() == ([], [])
    first, second = (
        other.save(made("first", 2.0), mask(1)),
        other.save(made("second", 1.0), mask(2)),
    )
    assert store.listed()[0] == [second, first]  # the oldest first
    renamed = other.rename(first, "renamed")
    assert store.listed()[0] == [second, renamed]
    assert renamed.id == first.id
    np.testing.assert_array_equal(store.mask(renamed), mask(1))
    other.remove(second)
    other.remove(second)  # gone already
    assert store.listed()[0] == [renamed]
    assert store.get(second.id) is None


def test_the_same_rows_have_the_same_id_and_those_of_another_table_do_not(store, tmp_path):
    one = store.save(made("one"), mask())
    with pytest.raises(SelectionError, match="saved already, as 'one'"):
        store.save(made("two"), mask())
    with pytest.raises(SelectionError, match="a selection called 'one' is saved already"):
        store.save(made("one"), mask(1))
    assert store.listed()[0] == [one]
    other = SelectionStore("e" * 32, ROWS, tmp_path)
    assert other.save(made("one"), mask()).id != one.id
    assert store.listed()[0] == [one]


def test_damaged_rows_are_said_and_left_aside(store):
    good, bad = store.save(made("good"), mask(1)), store.save(made("bad"), mask(2))
    with store.documents.writing() as documents:
        found = documents.get(store.collection, bad.id)
        documents.put(store.collection, bad.id, found.body, found.data[:-1] + b"\x01")
        documents.put(store.collection, "x", {"form": 9, "rows": ROWS})
    with pytest.raises(SelectionError, match="'bad' is damaged: remove it"):
        store.mask(bad)
    listed, trouble = store.listed()
    assert good in listed
    assert len(trouble) == 1
    assert "another version" in trouble[0]


def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path):
    (tmp_path / "none").write_text("a file in its place")
    store = SelectionStore(FINGERPRINT, ROWS, tmp_path / "none")
    with pytest.raises(SelectionError, match=r"cannot be written .* nothing was changed"):
        store.save(made("some"), mask())
    assert store.listed() == ([], [])


def test_many_threads_save_at_once(store):
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda k: store.save(made(f"n{k}"), mask(k)), range(40)))
    assert {one.id for one in store.listed()[0]} == {one.id for one in kept}


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\nb", "\x00"])
def test_a_name_that_nobody_can_read_is_none(name):
    with pytest.raises(SelectionError, match="1 to 120 readable characters"):
        selection_name(name)
    assert selection_name("  slow starters ") == "slow starters"
