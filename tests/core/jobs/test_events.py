from pathlib import Path

import pytest

from explorer.core.errors import FeatureError
from explorer.core.jobs.events import (
    Cancelled,
    Done,
    Failed,
    Finished,
    Progress,
    event_from,
    event_line,
)
from projections.errors import ProjectionError


@pytest.mark.parametrize(
    "event",
    [
        Progress("layout", 3, 200, 1.5, 9.25, "ab12"),
        Progress("waiting", 0, 1),
        Finished("ab12", Path("/somewhere/ab12")),
        Failed("no feature is ticked", "Traceback …\n  line"),
        Cancelled(),
        Done(),
    ],
)
def test_an_event_comes_back_from_its_line(event):
    line = event_line(event)
    assert "\n" not in line
    assert event_from(line) == event


def test_a_message_of_a_newer_worker_may_hold_more():
    assert event_from('{"kind": "done", "memory": 12}') == Done()


@pytest.mark.parametrize(
    "line", ["", "null", "[1]", "12", '{"kind": "news"}', '{"kind": "progress"}', '{"kind": "do']
)
def test_a_line_that_is_no_event_is_refused(line):
    with pytest.raises(ValueError):
        event_from(line)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            FeatureError("no feature is ticked: tick at least one"),
            "no feature is ticked: tick at least one",
        ),
        (ProjectionError("UMAP needs\nat least 4 rows"), "UMAP needs at least 4 rows"),
        (
            ZeroDivisionError("division by zero"),
            "the projection failed: ZeroDivisionError: division by zero",
        ),
        (
            MemoryError(),
            (
                "there is not enough memory for this projection (MemoryError); try fewer rows or "
                "features"
            ),
        ),
    ],
)
def test_an_error_is_said_in_one_line_and_keeps_its_traceback(error, words):
    failed = Failed.of(error)
    assert failed.message == words
    assert type(error).__name__ in failed.traceback
