"""Several processes share one data folder: nothing confirmed is lost, also when one is killed."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from explorer.core.atomic_write import atomic_path
from explorer.core.errors import SelectionError
from explorer.selection.label_store import LabelDocuments
from explorer.selection.row_labels import RowLabels
from explorer.selection.saved_selection import SavedSelection
from explorer.selection.selection import Selection
from explorer.selection.selection_store import SelectionStore

BENCH = Path(__file__).parents[1] / "benchmarks" / "bench_documents.py"
ROWS = 800


def test_no_confirmed_change_is_lost_when_writers_are_killed():
    asked = ["--writers", "3", "--changes", "25", "--kills", "4"]
    done = subprocess.run(
        [sys.executable, str(BENCH), *asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "integrity: ok" in done.stdout
    # quick writers may be done before the last kill
    assert re.search(r"[2-4] kills", done.stdout)
    assert done.stdout.count(" 0 lost") == 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="servers are forked")
def test_no_confirmed_change_is_lost_doubled_or_torn_when_servers_are_killed():
    asked = ["--server", "--kills", "8"]
    done = subprocess.run(
        [sys.executable, str(BENCH), *asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 servers killed while 5 people wrote" in done.stdout
    assert done.stdout.count("confirmed, 0 lost, 0 doubled, 0 torn") == 5


def test_openings_that_know_nothing_of_each_other_lose_no_label(tmp_path):
    """What four processes with a read, change and write of their own lost: 2,870 of 4,000 rows."""
    openings = [RowLabels(ROWS, LabelDocuments("f" * 32, ROWS, tmp_path)) for _ in range(4)]

    def work(place):
        for change in range(20):
            mask = np.zeros(ROWS, dtype=bool)
            first = (place * 20 + change) * 10
            mask[first : first + 10] = True
            openings[place].label(Selection(mask, "f" * 32, {}), "segment", f"{place} {change}")

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    column = LabelDocuments("f" * 32, ROWS, tmp_path).read("segment")
    assert len(column.levels) == 80
    assert column.count == ROWS


def test_a_level_is_renamed_as_it_is_kept_and_not_as_it_was_read(tmp_path):
    mine, theirs = (RowLabels(ROWS, LabelDocuments("f" * 32, ROWS, tmp_path)) for _ in range(2))
    rows = np.arange(ROWS)
    mine.label(Selection(rows < 100, "f" * 32, {}), "segment", "a")
    theirs.label(Selection(rows >= 700, "f" * 32, {}), "segment", "a")
    mine.rename("segment", "a", "b")
    (level,) = LabelDocuments("f" * 32, ROWS, tmp_path).read("segment").levels
    assert (level.name, level.count, len(level.made)) == ("b", 200, 2)


def test_the_same_rows_saved_by_two_servers_keep_the_first_name(tmp_path):
    mine, theirs = (SelectionStore("f" * 32, ROWS, tmp_path) for _ in range(2))
    mask = np.arange(ROWS) < 9
    assert theirs.listed()[0] == []  # looked before anybody saved
    mine.save(SavedSelection("", "mine", 0, {}, "", 1.0, {}), mask)
    with pytest.raises(SelectionError, match="saved already, as 'mine'"):
        theirs.save(SavedSelection("", "theirs", 0, {}, "", 1.0, {}), mask)
    assert [one.name for one in theirs.listed()[0]] == ["mine"]


def test_two_threads_that_write_one_file_do_not_share_a_draft(tmp_path):
    target = tmp_path / "file"
    with atomic_path(target) as one, atomic_path(target) as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert target.read_text() == "one"  # which was moved there last
