"""After any random actions, a link, a reload, undo and redo show the same page, to the pixel.

EXPLORER_SEQUENCES says how many sequences of twenty actions are tried, EXPLORER_FIRST_SEED where
they begin: the bar is 200.
"""

from __future__ import annotations

import os

import pytest

from explorer.jobs.queue import JobQueue
from explorer.table.table import open_table
from tests.acceptance.page_state.random_pages import CountedQueue, clinic_frame, run_sequence

SEQUENCES = int(os.environ.get("EXPLORER_SEQUENCES", "3"))
FIRST = int(os.environ.get("EXPLORER_FIRST_SEED", "2"))


@pytest.fixture(scope="module")
def clinic(own_folders):
    table = open_table(clinic_frame())
    table.profile()
    table.relations.redundancy()
    return table


@pytest.fixture(scope="module")
def jobs(clinic):
    with JobQueue(clinic.columns.cache, spare=False) as real:
        yield CountedQueue(real)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEQUENCES))
def test_a_link_undo_and_redo_show_the_same_page_after_any_twenty_actions(clinic, jobs, seed):
    wrong = run_sequence(clinic, jobs, seed)
    assert not wrong, "\n".join(wrong)
