"""Nothing that came from data reaches a page unescaped."""

from html.parser import HTMLParser

from explorer.core.html import Markup, join, tag, text

NASTY = """<script>alert("1")</script>&amp;'\x00\x1b[2J\ud800"""


class Reader(HTMLParser):
    """What a browser would read: elements with attributes, and text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.words = [], ""
        self.feed(page)

    def handle_starttag(self, element, attributes):
        self.elements.append((element, dict(attributes)))

    def handle_data(self, words):
        self.words += words


def test_text_and_attributes_come_back_as_they_were_without_control_characters():
    read = Reader(tag("p", NASTY, title=NASTY))
    plain = NASTY.replace("\x00", "\ufffd").replace("\x1b", "\ufffd").replace("\ud800", "\ufffd")
    assert read.words == plain
    assert read.elements == [("p", {"title": plain})]
    tag("p", NASTY).encode("utf-8")


def test_markup_is_not_escaped_twice():
    inner = tag("b", "a & b")
    assert tag("p", inner, "<") == "<p><b>a &amp; b</b>&lt;</p>"
    assert text(inner) is inner


def test_lists_are_joined_and_nothing_is_left_out_of_sight():
    assert join(["a", None, [False, "b", [0, Markup("<br>")]]]) == "ab0<br>"
    assert tag("p", None, ["a", ["b"]], None) == "<p>ab</p>"


def test_attributes_are_spelled_as_html_does():
    made = tag(
        "input", type="radio", checked=True, hidden=False, id=None, class_="a", aria_label="x"
    )
    assert made == '<input type="radio" checked class="a" aria-label="x">'
