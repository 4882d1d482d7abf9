"""The pages, read back with an HTML parser that is not ours."""

import html.parser
import json
import re

import pytest

from explorer.features.kind import Feature
from explorer.review.evidence import Evidence
from explorer.review.opinion import opinions_of
from explorer.review.page.published_map import draw_map
from explorer.review.publication.build_publication import build_publication
from explorer.review.publication.decisions_table import shortened
from explorer.review.publication.evidence_card import evidence_card, figure_text, picture_of
from explorer.review.publication.publication import Publication, TableFacts
from explorer.review.publication.publication_files import publication_files
from explorer.review.publication.publication_index import link_to
from explorer.review.publication.verdict_markup import suggestion_text
from explorer.review.review import Review
from explorer.review.verdict import Verdict
from explorer.table.feature_set import FeatureSet


class Reader(html.parser.HTMLParser):
    """Tags with attributes, and the text that a reader sees."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def pages_of(publication):
    return {
        name: data.decode()
        for name, data in publication_files(publication)
        if name.endswith(".html")
    }


@pytest.fixture
def full(judged):
    profile = judged.table.profile().document()
    embedding = judged.table.project(judged.core, "pca")
    picture = draw_map(embedding, judged.table, color="code", size=(90, 70))
    return judged.publication(profile=profile, picture=picture, link="https://host/explore?s=1.abc")


def test_no_page_has_a_script_or_anything_from_elsewhere(full):
    pages = pages_of(full)
    assert len(pages) == 2 + 6
    for page in pages.values():
        found = Reader(page)
        assert "http-equiv" in found.all("meta")[3]
        assert "script-src 'none'" in found.all("meta")[3]["content"]
        names = {tag for tag, _ in found.tags}
        assert not names & {"script", "iframe", "object", "embed", "form", "base"}
        assert not [attrs for _, attrs in found.tags for name in attrs if name.startswith("on")]
        for tag, attrs in found.tags:
            for name in ("src", "href"):
                if name in attrs and tag != "a":
                    assert not re.match(r"\w+:", attrs[name]) or attrs[name].startswith(
                        "data:image/"
                    )


def test_hostile_words_are_shown_as_they_are(full, hostile):
    pages = pages_of(full)
    own = next(page for name, page in pages.items() if name.startswith("features/0006-"))
    words = Reader(own).text
    assert words.count(hostile) >= 3  # heading, title, reason
    assert hostile[:40] in Reader(pages["index.html"]).text
    assert not [attrs for attrs in Reader(pages["map.html"]).all("img") if "onerror" in attrs]


def test_every_link_leads_to_a_file_of_the_publication(full):
    files = dict(publication_files(full))
    for name, page in pages_of(full).items():
        for tag, attrs in Reader(page).tags:
            address = attrs.get("href") or attrs.get("src") or ""
            if not address or re.match(r"https?:|data:", address):
                continue
            there = (
                address.removeprefix("../")
                if address.startswith("../")
                else ("features/" * name.startswith("features/")) + address
            )
            assert there in files, (name, tag, address)


def test_reviewers_stand_side_by_side_with_reason_recipe_confidence_and_time(full, right_to_left):
    pages = pages_of(full)
    weight, gross, pulse = (
        Reader(pages[name])
        for name in (
            "features/0001-weight.html",
            "features/0002-gross.html",
            "features/0003-pulse.html",
        )
    )
    assert "keep confidence: strong It is well measured." in weight.text
    assert right_to_left in weight.text
    assert "keep ada ben defer " in weight.text  # who defers is not one of those who keep
    assert {"dir": "auto", "class": "reason"}.items() <= next(
        a for a in weight.all("p") if a.get("class") == "reason"
    ).items()
    assert "transform log" in gross.text
    assert "Superseded When Reviewer Decision Reason" in gross.text
    assert "reviewers disagree" in pulse.text
    assert (
        "The application proposed: keep (rule: it is there). The reviewer decided otherwise."
        in pulse.text
    )
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC · in the review of core@2", pulse.text)


def test_evidence_is_shown_with_everything_that_it_is_of(full):
    told = Reader(pages_of(full)["features/0001-weight.html"])
    for words in (
        "weight: 3 % missing",
        "missing 9",
        "mean 1.25",
        "Method counted over all rows",
        "Of all rows",
        "margin 0.05",
        "numpy 2.0",
        full.table.fingerprint,
    ):
        assert words in told.text
    assert (
        "std" not in told.text.split("Evidence")[1].split("Method")[0]
    )  # what does not exist is left out
    assert any(
        attrs.get("class") == "ink" and attrs["src"].startswith("data:image/svg+xml;base64,")
        for attrs in told.all("img")
    )


def test_the_map_is_one_file_that_says_how_far_it_may_be_read(full):
    page = pages_of(full)["map.html"]
    found = Reader(page)
    assert not found.all("link")
    assert [attrs["href"] for attrs in found.all("a")] == ["https://host/explore?s=1.abc"]
    (drawn,) = (attrs for attrs in found.all("img") if attrs["src"].startswith("data:image/png"))
    assert (drawn["width"], drawn["height"]) == ("90", "70")
    assert (
        "Nearby points are probably similar. Ignore distances between groups, their sizes and gaps."
        in found.text
    )
    # the legend counts every row
    levels = re.findall(r"<bdi>(\d)</bdi><span>(\d+)</span>", page)
    codes = full.table and [int(n) for _, n in levels]
    assert sum(codes) == 300
    assert "PCA (seed 0) of 300 rows" in found.text
    assert all(one.label in found.text for one in full.entries if one.member)


def test_the_index_tells_review_change_methods_and_citation(full):
    told = Reader(pages_of(full)["index.html"]).text
    for words in (
        "core@2 open",
        "4 of 4 members decided",
        "1 of 2 approvals",
        "1 disagreement: pulse",
        "ada approves",
        "Change since core@1",
        "3 added (weight, gross, code)",
        "1 removed (height)",
        "scale: standard → robust",
        "@misc{core-2-",
        "What we can measure.",
        "ben: Too often missing.",
    ):
        assert words in told, words


def bare(features, verdicts=(), **more):
    kept = FeatureSet("core", features, rationale="r")
    return Publication(review=Review(kept, opinions_of(verdicts)), verdicts=verdicts, **more)


def test_a_review_without_a_verdict_and_one_feature_is_whole():
    pages = pages_of(bare(["a"]))
    assert set(pages) == {"index.html", "features/0001-a.html"}
    index, own = (
        Reader(page).text for page in (pages["index.html"], pages["features/0001-a.html"])
    )
    assert "No verdict yet" in index
    assert "The first version." in index
    assert "undecided" in index
    assert "Nobody has judged this feature yet." in own
    assert "previous" not in own
    assert "map.html" not in index


def test_a_stale_set_says_on_which_data_each_verdict_was_given(judged):
    publication = judged.publication()
    moved = Review(
        publication.review.feature_set, publication.review.opinions, fingerprint="f" * 32
    )
    page = pages_of(
        Publication(review=moved, verdicts=publication.verdicts, evidence=publication.evidence)
    )
    told = Reader(page["features/0001-weight.html"]).text
    assert f"on other data ({judged.table.fingerprint})" in told
    assert "the data have changed since" in told


def test_evidence_that_is_not_at_hand_is_named():
    card = evidence_card("abc123", None)
    assert Reader(card).text == "Evidence Evidence abc123 is cited and not in this store."


def test_dates_are_dates_in_evidence():
    frozen = Evidence(
        kind="profile",
        subject="d",
        numbers={"kind": "temporal", "min": 86_400.0, "q0.5": 172_800.0, "distinct": 5},
    )
    told = Reader(evidence_card(frozen.key, frozen)).text
    assert "min 1970-01-02" in told
    assert "q0.5 1970-01-03" in told
    assert "distinct 5" in told


@pytest.mark.parametrize(
    "picture",
    [
        "",
        "<img src=x>",
        "javascript:alert(1)",
        'data:image/png;base64,AA"onload=1',
        "data:text/html;base64,AAAA",
        "https://a/b.png",
    ],
)
def test_what_is_no_picture_is_not_shown(picture):
    assert picture_of(picture, "words") is None


def test_a_picture_of_somebody_else_is_an_image_in_which_nothing_runs():
    shown = picture_of("<svg onload='alert(1)'><script>alert(2)</script></svg>", 'a "b"')
    assert Reader(shown).tags == [("img", {"src": shown.split('"')[1], "alt": 'a "b"'})]
    assert shown.split('"')[1].startswith("data:image/svg+xml;base64,")


def test_values_of_any_json_become_words():
    told = [
        figure_text(one)
        for one in (None, True, 1234.5678, "x", [], list(range(14)), {"a": [1, None]})
    ]
    assert told == [
        "–",
        "yes",
        "1235",
        "x",
        "–",
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more",
        "a: 1, –",
    ]


def test_only_an_address_of_the_web_is_a_link():
    assert Reader(link_to("https://h/x?s=1")).all("a")[0]["href"] == "https://h/x?s=1"
    for address in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/relative"):
        assert Reader(link_to(address)).all("a") == []
    assert link_to("") is None


def test_a_long_reason_is_cut_at_a_word_in_the_index_and_whole_on_its_page():
    long = "word " * 1_000
    pages = pages_of(
        bare(["a"], [Verdict(feature="a", decision="keep", reason=long, reviewer="ada")])
    )
    assert len(pages["index.html"]) < 12_000
    assert pages["features/0001-a.html"].count("word ") > 990
    assert shortened(long).endswith("word…")
    assert len(shortened("x" * 500)) == 161


def test_a_suggestion_that_was_followed_says_so():
    given = {"feature": "a", "reason": "r", "reviewer": "ada"}
    same = Verdict(
        decision="transform",
        recipe="log",
        suggestion={"decision": "transform", "recipe": "log", "into": "", "why": "w"},
        **given,
    )
    other = Verdict(decision="transform", recipe="sqrt", suggestion=dict(same.suggestion), **given)
    assert (
        suggestion_text(same)
        == "The application proposed: transform (log) (w). The reviewer decided the same."
    )
    assert suggestion_text(other).endswith("The reviewer decided otherwise.")
    assert suggestion_text(Verdict(decision="keep", **given)) == ""


def test_eight_hundred_features_are_a_small_index_and_small_pages(made):
    names = [f"feature_{i:03d}" for i in range(800)]
    profile = made.table.profile(["gross"]).document()
    profile["features"] = [{**profile["features"][0], "name": name} for name in names]
    given = [
        Verdict(
            feature=name,
            decision="keep",
            reason="It is well measured, and we know what it means.",
            reviewer=who,
        )
        for name in names
        for who in ("ada", "ben")
    ]
    known = {
        name: Feature(name=name, kind="numeric", label=f"Label of {name}", unit="cm")
        for name in names
    }
    facts = TableFacts(title="Wide", rows=500, columns=800, fingerprint="f", features=known)
    pages = pages_of(bare(names, given, table=facts, profile=profile))
    assert len(pages) == 801
    assert len(pages["index.html"].encode()) < 600_000
    assert max(len(page.encode()) for name, page in pages.items() if name != "index.html") < 60_000


def test_the_report_is_json_with_every_feature_on_a_line(full):
    text = dict(publication_files(full))["report.json"].decode()
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert document["form"] == "explorer-publication-1"
    assert [one["name"] for one in document["features"]] == [one.name for one in full.entries]
    assert document["features"][0]["profile"]["rows"] == 300
    assert (
        document["hash"] == FeatureSet.from_document(document["set"]).hash == full.feature_set.hash
    )
    assert document["review"]["state"] == "open"
    assert document["diff"]["added"] == ["weight", "gross", "code"]
    assert document["map"]["provenance"]["method"]["name"] == "pca"
    cited = {key for one in document["features"] for key in one["evidence"]}
    assert cited == set(document["evidence"])
    assert sum('"name": "gross"' in line and '"words"' in line for line in text.splitlines()) == 1


def test_numbers_that_are_none_are_null(judged):
    profile = {
        "table": {},
        "features": [
            {"name": "weight", "mean": float("nan"), "max": float("inf"), "kind": "numeric"}
        ],
    }
    publication = judged.publication()
    odd = Publication(review=publication.review, profile=None, learned=publication.learned)
    object.__setattr__(odd, "profile", profile)
    from explorer.core.output_file import json_line
    from explorer.review.publication.report_document import report_document

    found = json.loads(json_line(report_document(odd)))
    assert found["features"][0]["profile"] == {
        "name": "weight",
        "mean": None,
        "max": None,
        "kind": "numeric",
    }


def test_without_a_table_a_set_is_published_as_it_is(judged):
    found = build_publication(judged.store, judged.core)
    assert (found.table, found.learned) == (None, None)
    assert (
        "4 features were chosen as the feature set core@2"
        in Reader(pages_of(found)["index.html"]).text
    )
