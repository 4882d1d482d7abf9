import re
from html.parser import HTMLParser

import pytest

from explorer.experiment.compute import experiment
from explorer.experiment.page.chosen_cell import ChosenCell
from explorer.experiment.page.experiment_report import experiment_report, forest_picture

LOOK = ChosenCell("click rate", "new", "place", "")
VOID = {"meta", "br", "img", "link"}


class Tags(HTMLParser):
    """Follows which elements are open, and keeps the text of the cells."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(trial):
    return experiment_report(trial, LOOK, "Members <b>")


def test_it_is_a_whole_page_that_asks_for_nothing(page):
    parser = Tags()
    parser.feed(page)
    assert parser.open == []
    assert {tag for tag, _ in parser.seen} >= {"table", "svg", "style", "dl"}
    assert "script" not in {tag for tag, _ in parser.seen}
    assert not [
        value
        for _, attrs in parser.seen
        for name, value in attrs.items()
        if name in ("src", "href") and "http" in str(value)
    ]
    assert "Members &lt;b&gt;" in page


def test_every_verdict_has_colour_glyph_and_words(page, trial):
    cells = re.findall(
        (
            r'<td class="verdict[^"]*" style="background-color:(#\w{6});color:#\w{6}" '
            r'title="[^"]*">(\S+) ([^<]+)</td>'
        ),
        page,
    )
    expected = [(cell.colour, cell.glyph) for cell in trial.cells[: len(trial.metrics)]]
    assert [found[:2] for found in cells] == expected
    assert cells[1][2] == "better"


def test_ledger_method_families_and_parameters_are_on_it(page, trial):
    assert trial.ledger in page
    assert "Benjamini and Bogomolov 2014" in page
    assert all(family.name in page for family in trial.families)
    assert "click rate=proportion(clicked):increase:primary" in page
    assert trial.fingerprint in page
    assert "control 1 : new 1" in page


def test_a_page_of_noise_says_so(trial):
    page = experiment_report(trial.shuffled(3), LOOK, "Members", 3)
    assert "A/A: the arms were shuffled (seed 3); every colour here is noise." in page


def test_a_mismatch_is_a_banner(trial_table):
    found = experiment(trial_table, "arm", "control", ["m=mean(minutes)"], {"control": 3, "new": 1})
    page = experiment_report(found, ChosenCell("m", "new", "", ""), "Members")
    assert 'class="banner"' in page
    assert "! untrusted" in page


def test_the_picture_names_every_segment(trial):
    svg = forest_picture(trial, LOOK, "svg").decode()
    for words in ("all units", "north", "south", "west", "click rate: new against control"):
        assert f">{words}<" in svg
