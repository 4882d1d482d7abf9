"""The help text: every topic that a view asks for is there, in sections without foreign HTML."""

from __future__ import annotations

import re
from pathlib import Path

from explorer.app.help_text import TOPICS, help_sections

SCRIPTS = Path(__file__).parents[2] / "explorer"


def test_each_topic_has_a_section_of_some_sentences():
    sections = help_sections()
    assert [section["topic"] for section in sections] == [*TOPICS]
    for section in sections:
        assert section["html"].count("<p>") >= 1, section["topic"]
        assert len(section["html"]) > 150, section["topic"]


def test_views_ask_for_topics_that_exist_and_every_topic_is_asked_for_or_listed():
    asked = {
        topic
        for path in SCRIPTS.rglob("*.js")
        for topic in re.findall(
            r'howComputed(?:Line)?\(\s*"(\w+)"|^\s+topic: "(\w+)",$',
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        for topic in filter(None, topic)
    }
    assert asked == set(TOPICS)
