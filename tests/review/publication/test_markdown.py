"""The report as Markdown, rendered by markdown-it, which is not ours."""

import re

import pytest
from markdown_it import MarkdownIt

from explorer.review.opinion import opinions_of
from explorer.review.publication.markdown import markdown, plain
from explorer.review.publication.publication import Publication
from explorer.review.review import Review
from explorer.review.verdict import Verdict
from explorer.table.feature_set import FeatureSet


def text_of(token):
    parts = [token.content] if token.type in ("text", "code_inline") else []
    return "".join([*parts, *(text_of(child) for child in token.children or ())])


def rendered(text):
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return tokens, [text_of(one) for one in tokens if one.type == "inline"]


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "a | b",
        "`code` ``",
        "[x](javascript:y)",
        "**bold** _it_ snake_case_name",
        "# head",
        "- list",
        "+ list",
        "> quote",
        "1. first",
        "2) second",
        "=== ",
        "---",
        "a\\",
        "&amp; &lt;",
        "<!-- -->",
        "![](x)",
        "~~gone~~ $x$",
        "*",
        "_",
        "{a}",
        "a_b _c",
        "هل",
        "\u202eabc",
    ],
)
def test_words_of_somebody_else_stay_words(words):
    tokens, texts = rendered(f"{plain(words)}\n")
    assert texts == [words.strip()]
    assert [one.type for one in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text"}


def test_line_breaks_and_control_characters_become_spaces():
    assert plain("a\n# b\r\n\x1b[31mc\u2028d") == r"a \# b \[31mc d"


def test_the_report_has_a_table_of_all_features_and_a_part_for_each_judged_one(judged, hostile):
    found = judged.publication()
    tokens, texts = rendered(markdown(found))
    assert not [one for one in tokens if "html" in one.type]
    assert not [
        child
        for one in tokens
        for child in one.children or ()
        if child.type in ("link_open", "image", "html_inline")
    ]
    rows = sum(one.type == "tr_open" for one in tokens)
    assert rows == 1 + len(found.entries)
    headings = [
        text_of(tokens[i + 1])
        for i, one in enumerate(tokens)
        if one.type == "heading_open" and one.tag == "h3"
    ]
    assert headings == ["weight (Weight)", "gross", "pulse", "code", "height", hostile]
    whole = " ".join(texts)
    for words in (
        "ada: transform (log)",
        "superseded: ",
        "Too often missing.",
        "Evidence ",
        "mean 1.25",
        "core@2: open",
        "3 added",
    ):
        assert words in whole, words


def test_a_fence_is_longer_than_what_is_in_it():
    kept = FeatureSet("s", ["a"], rationale="r")
    given = [Verdict(feature="a", decision="keep", reason="r", reviewer="ada ````")]
    text = markdown(Publication(review=Review(kept, opinions_of(given)), verdicts=given))
    tokens, _ = rendered(text)
    (fence,) = (one for one in tokens if one.type == "fence")
    assert fence.content.endswith("}\n")
    assert "## Features" not in fence.content


def test_it_says_when_nothing_was_judged():
    text = markdown(Publication(review=Review(FeatureSet("s", ["a"], rationale="r"), {})))
    assert re.search(r"\| a \| yes \| undecided \|", text)
    assert "###" not in text
