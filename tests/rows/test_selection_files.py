"""Saved rows on the disk; the oracles are NumPy's own packing and a second reader of the same folder."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explorer.errors import SelectionError
from explorer.rows.saved_selection import SavedSelection, selection_name
from explorer.rows.selection_files import SelectionFiles

ROWS = 1_003  # no multiple of eight
FINGERPRINT = "f" * 32


@pytest.fixture
def files(tmp_path):
    return SelectionFiles(FINGERPRINT, ROWS, tmp_path)


def made(name, time=1.0):
    return SavedSelection("", name, 0, {"expression": "a > 1"}, "Ann", time, {"a": "made the group"})


def mask(seed=0, share=0.3):
    return np.random.default_rng(seed).random(ROWS) < share


def test_a_file_is_a_line_of_json_and_one_bit_a_row(files):
    kept = files.write(made("some"), mask())
    (path,) = files.folder.iterdir()
    line, _, bits = path.read_bytes().partition(b"\n")
    assert json.loads(line) == {
        "form": 1, "rows": ROWS, "id": kept.id, "name": "some", "count": int(mask().sum()),
        "definition": {"expression": "a > 1"}, "author": "Ann", "time": 1.0, "seen": {"a": "made the group"},
    }  # fmt: skip
    np.testing.assert_array_equal(np.frombuffer(bits, np.uint8), np.packbits(mask()))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_another_reader_finds_the_same_rows(files, tmp_path, share):
    kept = files.write(made("some"), mask(share=share))
    other = SelectionFiles(FINGERPRINT, ROWS, tmp_path)
    assert other.listed() == ([kept], [])
    np.testing.assert_array_equal(other.mask(kept), mask(share=share))


def test_what_another_process_saves_renames_or_removes_is_seen_at_once(files, tmp_path):
    other = SelectionFiles(FINGERPRINT, ROWS, tmp_path)
    assert files.listed() == ([], [])
    first, second = other.write(made("first", 2.0), mask(1)), other.write(made("second", 1.0), mask(2))
    assert files.listed()[0] == [second, first]  # the oldest first
    renamed = other.rename(first, "renamed")
    assert files.listed()[0] == [second, renamed]
    assert renamed.id == first.id
    np.testing.assert_array_equal(files.mask(renamed), mask(1))
    other.remove(second)
    other.remove(second)  # gone already
    assert files.listed()[0] == [renamed]
    assert files.get(second.id) is None


def test_the_same_rows_have_the_same_id_and_those_of_another_table_do_not(files, tmp_path):
    one = files.write(made("one"), mask())
    assert files.write(made("two"), mask()).id == one.id
    assert SelectionFiles("e" * 32, ROWS, tmp_path).write(made("one"), mask()).id != one.id
    assert SelectionFiles("e" * 32, ROWS, tmp_path).folder != files.folder


def test_a_damaged_file_is_said_and_left_aside(files):
    kept = files.write(made("good"), mask(1))
    bad = files.write(made("bad"), mask(2))
    path = files.folder / f"{bad.id}.rows"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 0x80]))
    with pytest.raises(SelectionError, match="'bad' is damaged: remove it"):
        files.mask(bad)
    path.write_bytes(b"nonsense")
    listed, trouble = files.listed()
    assert listed == [kept]
    assert len(trouble) == 1
    assert "cannot be read" in trouble[0]
    with pytest.raises(SelectionError, match="'bad' cannot be read"):
        files.mask(bad)


def test_a_folder_that_cannot_be_written_changes_nothing(files):
    files.folder.parent.mkdir(parents=True)
    files.folder.write_text("a file in its place")
    with pytest.raises(SelectionError, match=r"cannot be written to .* nothing was changed"):
        files.write(made("some"), mask())
    assert files.listed() == ([], [])


def test_many_threads_save_at_once(files):
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda k: files.write(made(f"n{k % 20}"), mask(k % 20)), range(80)))
    assert {one.id for one in files.listed()[0]} == {one.id for one in kept}
    assert [path.name for path in files.folder.iterdir() if path.suffix != ".rows"] == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\nb", "\x00"])
def test_a_name_that_nobody_can_read_is_none(name):
    with pytest.raises(SelectionError, match="1 to 120 readable characters"):
        selection_name(name)
    assert selection_name("  slow starters ") == "slow starters"
