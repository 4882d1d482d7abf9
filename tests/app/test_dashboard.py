"""The page of an experiment alone, without a server."""

import pytest

from explorer.app.dashboard import DashboardPage
from explorer.app.page_template import page_template
from explorer.session.start import Start
from explorer.state.document import first_document

START = Start({"features": ["height"], "experiment": {"variant": "member", "control": "no"}})


@pytest.fixture
def page(people, fake_queue):
    return DashboardPage(people, fake_queue, START)


def test_it_has_a_head_and_the_experiment_and_makes_no_map(page, fake_queue):
    template = page.template()
    assert {"header", "experiment"} <= set(template._render_items)
    assert fake_queue.jobs == []
    assert page.header.header["tabs"] == []
    assert page.header.header["tab"] == "Experiment"


def test_without_tabs_there_is_no_next_one(page, send):
    send(page.header, "step", by=1)
    assert page._session.state.document.tab == "Experiment"


def test_both_pages_have_the_colours(page):
    for name in ("page.html", "experiment.html"):
        assert "--ink:" in page_template(name, "", first_document())._render_variables["colours"]
