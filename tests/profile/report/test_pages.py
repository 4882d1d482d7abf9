"""Index and feature pages hold what was profiled, escaped, and are well-formed HTML."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from explorer.features.kind import Feature
from explorer.profile.report.feature_page import PageLinks, feature_page
from explorer.profile.report.relations_card import Relations
from explorer.profile.report.report_index import index_page

NASTY = """<img src=x onerror=alert(1)>&"'` \u202e日本語 a\nb"""
VOID = {"meta", "link", "input", "br", "path"}
MAY_STAY_OPEN = {"tr", "td"}


class Page(HTMLParser):
    """Elements, texts and links of a page; every end tag must close what is open."""

    def __init__(self, page):
        super().__init__()
        self.open, self.links, self.words, self.ids, self.elements = [], [], [], [], []
        self.feed(page)
        assert [one for one in self.open if one not in MAY_STAY_OPEN] == []

    def handle_starttag(self, element, attributes):
        given = dict(attributes)
        self.elements.append((element, given))
        self.links += [given[name] for name in ("href", "src") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        if element not in VOID:
            self.open.append(element)

    def handle_endtag(self, element):
        if element == "path":
            return
        while self.open[-1] != element and self.open[-1] in MAY_STAY_OPEN:
            self.open.pop()
        assert self.open.pop() == element

    def handle_data(self, words):
        self.words.append(words)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def page_of(document, feature=None, table=None):
    relations = Relations(table or {}, {"tomatometer": "0002.html", "a": "0001.html"})
    return feature_page(document, feature, "Films", PageLinks(relations, "0001.html", ""), "made")


def index_of(table):
    names = [f"features/{i:04d}.html" for i in range(len(table["features"]))]
    own = {one["name"]: f"{i:04d}.html" for i, one in enumerate(table["features"])}
    return index_page(table, names, Relations(table, own), "made")


def test_the_page_of_a_number_holds_its_figures(films_profile):
    told = films_profile["features"][0]
    words = Page(
        page_of(
            told,
            Feature(
                name="runtime_min",
                kind="numeric",
                description="How long it runs.",
                missing_means="Not recorded.",
            ),
        )
    ).text
    assert "Running time runtime_min numeric · min · all 1,000 rows" in words
    for part in (
        "How long it runs.",
        "Missing means: Not recorded.",
        "15 (1.5 %)",
        f"{told['distinct']}",
        "not Gaussian right tail",
        "D .123 close < .02, workable < .05",
        "L-kurtosis .15 normal .123",
        "Suggested: log",
        "log ● close .008 .07 suggested",
        "logit values outside 0 to 1",
        "Without its isolated values: ◐ workable (D .04, QQ gap .3 sd)",
        "776: 1 at the high end, beyond a gap of 12.4 spreads",
        "Rows (counted from 0): 14",
        "−999: 208 cells, all nines",
        ".00023 %",
        "After log",
        "Exact, linear between values.",
    ):
        assert part in words, part
    assert f"{100 * told['outliers']['tukey_rate']:.1f} %".removeprefix("0") in words


def test_each_kind_has_the_cards_it_needs(films_profile, profiles):
    heads = {
        one["name"]: re.findall(r"<h2>(.*?)</h2>", page_of(one))
        for one in films_profile["features"]
    }
    assert heads["runtime_min"] == [
        "Distribution",
        "Counted",
        "Is it Gaussian?",
        "Outliers",
        "Quantiles",
        "Most frequent values",
        "Goes with",
    ]
    assert heads["released"] == ["Distribution", "Counted", "Quantiles", "Times"]
    assert heads["main_genre"] == ["Counted", "Levels"]
    assert heads["nothing"] == ["Counted"]
    assert re.findall(r"<h2>(.*?)</h2>", page_of(profiles.levels("key", {"a": 1, "b": 1}))) == [
        "Counted"
    ]


def test_times_are_told_as_dates(films_profile):
    words = Page(page_of(films_profile["features"][2])).text
    assert "Rhythm 1 day apart (70 % of steps)" in words
    assert "1970-01-01 to 1970-01-11: 10 days" in words
    assert "Sun 70 25 %" in words


def test_levels_have_counts_and_shares_and_the_rest_is_counted(films_profile):
    words = Page(page_of(films_profile["features"][3])).text
    assert "Drama 500 50 %" in words
    assert "Horror & <b>Thriller</b> 120 12 %" in words
    assert "(empty text) 30 3.0 %" in words
    assert "50 cells in further levels." in words


def test_many_levels_are_cut_and_none_is_lost(profiles):
    words = Page(page_of(profiles.levels("city", {f"c{i}": 10 for i in range(70)}, others=5))).text
    assert "c49 10" in words
    assert "c50" not in words
    assert "205 cells in further levels." in words


def test_a_sample_is_called_one_on_every_page(profiles):
    one = profiles.numeric("a", np.arange(50.0), sampled=50)
    assert "a random sample of 50 rows" in Page(page_of(one)).text
    table = profiles.table_of([one], rows=20_000_000)
    assert "every figure of a random sample of 50 of 20,000,000 rows" in Page(index_of(table)).text
    near = {**one, "exact": False, "rank_error": 0.0001, "distinct_exact": False}
    words = Page(page_of({**near, "sampled": None})).text
    assert "with estimates where marked" in words
    assert "≈ 50" in words
    assert "off by at most .01" in words


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_scales_are_chosen_without_a_script(films_profile, scale):
    page = Page(page_of(films_profile["features"][0]))
    choices = [given for element, given in page.elements if element == "input"]
    assert [given["id"] for given in choices if "checked" in given] == ["linear"]
    assert len({given["name"] for given in choices}) == 1
    css = files("explorer.profile.report").joinpath("report.css").read_text()
    assert f"#{scale}:checked ~ .on-{scale}" in css
    assert f"on-{scale}" in {given.get("class") for _, given in page.elements}


def test_neighbours_come_from_the_table_with_links_where_there_is_a_page(films_profile):
    redundancy = {
        "names": ["runtime_min", "tomatometer", "budget"],
        "nearest": [[1, 2, -1], [0, -1, -1], [0, -1, -1]],
        "rows": 4_000,
        "exact": False,
        "nearest_r": [[-0.93, 0.2, None], [-0.93, None, None], [0.2, None, None]],
        "same": {"runtime_min": "tomatometer"},
    }
    page = Page(page_of(films_profile["features"][0], None, {"redundancy": redundancy}))
    assert "Same cells as tomatometer ." in page.text
    assert "tomatometer −.93 budget .20 Correlation of ranks" in page.text
    assert "Of a random sample of 4,000 rows." in page.text
    assert "0002.html" in page.links


def test_the_index_has_a_line_a_feature_with_its_figures(films_profile):
    page = Page(index_of(films_profile))
    assert sum(element == "tr" for element, _ in page.elements) == 1 + 5
    assert [link for link in page.links if "features/" in link] == [
        f"features/{i:04d}.html" for i in range(5)
    ]
    assert "Running time runtime_min min numeric 1.5 %" in page.text
    assert "○ not right tail" in page.text
    assert "1,000 rows × 5 columns · every figure of all 1,000 rows" in page.text
    assert "● 1 close · ○ 1 not · 3 not numeric or without a value" in page.text
    assert sum(element == "path" for element, _ in page.elements) == 4


def test_the_index_names_features_that_go_together(films_profile):
    table = {
        **films_profile,
        "redundancy": {"groups": [["runtime_min", "tomatometer"]]},
        "missing_together": {
            "always": [["released", "nothing"]],
            "nested": [["tomatometer", "nothing"]],
        },
    }
    words = Page(index_of(table)).text
    assert "Nearly the same Other features" in words
    assert "runtime_min , tomatometer" in words
    assert "released , nothing" in words


def test_names_and_words_of_the_data_are_text_wherever_they_stand(profiles):
    nasty = profiles.numeric(
        NASTY,
        np.arange(1.0, 99.0),
        label=NASTY,
        unit=NASTY,
        notes=[NASTY],
        reasons=[NASTY],
        redundant_with=[[NASTY, 0.95]],
        sentinels=[[NASTY, 3]],
    )
    table = profiles.table_of(
        [nasty, profiles.levels(NASTY * 9, {NASTY: 3})], title=NASTY, fingerprint=NASTY
    )
    table["redundancy"] = {"groups": [[NASTY, NASTY]]}
    feature = Feature(
        name=NASTY,
        kind="numeric",
        description=NASTY,
        group=NASTY,
        source=NASTY,
        missing_means=NASTY,
        tags=(NASTY,),
    )
    relations = Relations(table, {NASTY: "0001.html"})
    pages = [index_of(table)] + [
        feature_page(one, feature, NASTY, PageLinks(relations, "", ""), NASTY)
        for one in table["features"]
    ]
    for page in map(Page, pages):
        assert "img" not in {element for element, _ in page.elements}
        assert not any(name.startswith("on") for _, given in page.elements for name in given)
        assert "onerror=alert(1)" in page.text


def test_pages_need_no_network_and_read_with_a_screen_reader(films_profile):
    for page in map(Page, [index_of(films_profile), *map(page_of, films_profile["features"])]):
        assert [link for link in page.links if re.match(r"(?i)[a-z]+:|//", link)] == []
        assert len(page.ids) == len(set(page.ids))
        assert sum(element == "h1" for element, _ in page.elements) == 1
        assert [
            given for element, given in page.elements if element == "th" and "scope" not in given
        ] == []
        named = [given for element, given in page.elements if element == "svg"]
        assert all(
            given.get("role") == "img" or given.get("aria-hidden") == "true" for given in named
        )
        assert sum(element == "title" for element, _ in page.elements) == 1 + sum(
            given.get("role") == "img" for given in named
        )
    style = (
        files("explorer.profile.report").joinpath("report.css").read_text()
        + files("explorer.profile.report").joinpath("report.js").read_text()
    )
    assert "http" not in style
    assert "@import" not in style
    assert "url(" not in style


def test_a_report_has_the_colours_of_the_page():
    css = files("explorer.profile.report").joinpath("report.css").read_text()
    page = files("explorer.app.templates").joinpath("page.css").read_text()

    def colours(text, from_words, to_words):
        part = text[text.index(from_words) : text.index(to_words)]
        return dict(re.findall(r"(--[\w-]+): (#\w{6})", part))

    light, dark = (
        colours(page, ":root {", ':root[data-theme="dark"]'),
        colours(page, ':root[data-theme="dark"]', "html, body"),
    )
    assert colours(css, ":root {", "@media screen").items() <= light.items()
    assert colours(css, "@media screen", "* {").items() <= dark.items()
    assert len(colours(css, "@media screen", "* {")) >= 10


def test_a_line_of_the_index_is_short(profiles):
    cells = np.random.default_rng(0).lognormal(3, 1, 2_000)
    one = profiles.numeric("sensor_channel", cells, missing=21)
    ten, twenty = (len(index_of(profiles.table_of([one] * count)).encode()) for count in (10, 20))
    assert (twenty - ten) / 10 < 600  # 5,000 of them are 3 MB
