import logging

import numpy as np
import pytest

from explorer.map import map_columns as module
from explorer.map.map_columns import MapColumns


@pytest.fixture
def small_files(monkeypatch):
    monkeypatch.setattr(module, "_WORTH_A_FILE", 1)


def numbers(store):
    return store.arrange(np.arange(store.n_rows, dtype=np.float32))


def never():
    raise AssertionError("made twice")


def test_a_column_is_made_once_and_is_read_only(store):
    kept = MapColumns()
    first = kept.get(store, "a", lambda: numbers(store))
    assert kept.get(store, "a", never) is first
    np.testing.assert_array_equal(first, store.order.astype(np.float32))
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1
    assert not (store.files / "columns").exists()


def test_a_durable_column_is_found_by_other_processes_and_takes_no_memory_there(store, small_files):
    MapColumns().get(store, "a", lambda: numbers(store), durable=True)
    other = MapColumns(limit=1)
    found = other.get(store, "a", never, durable=True)
    assert isinstance(found.base, np.memmap)
    np.testing.assert_array_equal(found, numbers(store))
    other.get(store, "b", lambda: numbers(store), durable=True)
    assert other.get(store, "a", never) is found  # within any limit


def test_a_column_of_a_few_rows_is_not_worth_a_file(store):
    MapColumns().get(store, "a", lambda: numbers(store), durable=True)
    assert not (store.files / "columns").exists()


def test_a_damaged_or_foreign_file_is_made_again(store, small_files, caplog):
    MapColumns().get(store, "a", lambda: numbers(store), durable=True)
    path = store.files / "columns" / "a.npy"
    for harm in (path.read_bytes()[:300], b"", b"rubbish"):
        path.write_bytes(harm)
        with caplog.at_level(logging.WARNING):
            again = MapColumns().get(store, "a", lambda: numbers(store), durable=True)
        np.testing.assert_array_equal(again, numbers(store))
        assert "made again" in caplog.text
    np.save(path, np.zeros(3, np.float32))
    np.testing.assert_array_equal(
        MapColumns().get(store, "a", lambda: numbers(store), durable=True), numbers(store)
    )


def test_a_full_disk_costs_the_file_and_nothing_else(store, small_files, monkeypatch, caplog):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    kept = MapColumns()
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(
            kept.get(store, "a", lambda: numbers(store), durable=True), numbers(store)
        )
    assert "No space left" in caplog.text
    assert list((store.files / "columns").iterdir()) == []
    kept.get(store, "a", never, durable=True)


def test_the_least_recently_used_leave_and_the_latest_stays(store):
    kept = MapColumns(limit=store.n * 4 * 2)
    for key in "abc":
        kept.get(store, key, lambda: numbers(store))
        kept.get(store, "a", lambda: numbers(store))
    assert [key for _, key in kept._memo] == ["c", "a"]
    tight = MapColumns(limit=0)
    tight.get(store, "a", lambda: numbers(store))
    tight.get(store, "a", never)
