import pytest

from explorer.core.errors import ExplorerError
from explorer.state import actions
from explorer.state.document import first_document
from explorer.state.link import from_url, to_url
from explorer.state.state import State
from explorer.state.tray_settings import Chart

START = first_document({"features": ["age"]})
CHARTS = [
    {"kind": "bars", "x": "city"},
    {"kind": "scatter", "x": "age", "y": "pulse"},
    {"kind": "line", "x": "since"},
]


def test_the_tray_and_its_charts_are_in_the_link_and_undone_step_by_step():
    state = State(START)
    state.act(actions.show_tray, on=True)
    state.act(actions.set_charts, charts=CHARTS)
    assert state.document.tray.charts[1] == Chart(kind="scatter", x="age", y="pulse")
    assert from_url(to_url(state.document, START), START) == state.document
    state.undo()
    assert (state.document.tray.open, state.document.tray.charts) == (True, None)
    state.undo()
    assert state.document == START


def test_a_link_without_a_tray_opens_with_it_closed():
    link = to_url(first_document({"features": ["age"], "strips": ["age"]}), START)
    tray = from_url(link, START).tray
    assert (tray.open, tray.charts) == (False, None)


@pytest.mark.parametrize(
    ("charts", "message"),
    [
        ([CHARTS[0]] * 5, "at most 4 charts"),
        ([{"kind": "scatter", "x": "age"}], "y of a scatter must be a column"),
        ([{"kind": "bars", "x": "age", "y": "pulse"}], "must be null, not 'pulse'"),
        ([{"kind": "pie", "x": "age"}], "pie"),
    ],
)
def test_charts_that_cannot_be_are_refused_in_words(charts, message):
    with pytest.raises(ExplorerError, match=message):
        State(START).act(actions.set_charts, charts=charts)
