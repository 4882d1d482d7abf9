import pytest

from projections.errors import Cancelled, ProjectionError, report


def test_only_false_itself_cancels():
    for answer in (None, 0, "", True, []):
        report(lambda *_, answer=answer: answer, "layout", 1, 2)
    with pytest.raises(Cancelled, match="layout"):
        report(lambda *_: False, "layout", 1, 2)


def test_report_passes_stage_done_and_total_and_does_nothing_without_a_listener():
    heard = []
    report(lambda *event: heard.append(event), "graph", 3, 7)
    report(None, "graph", 3, 7)
    assert heard == [("graph", 3, 7)]


def test_projection_error_is_a_value_error_and_cancelled_is_none():
    assert issubclass(ProjectionError, ValueError)
    assert not issubclass(Cancelled, ProjectionError)
