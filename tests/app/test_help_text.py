"""The help text: every topic that a view asks for is there, in sections without foreign HTML."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

from explorer.app.help_text import PASSAGES, TOPICS, help_sections

SCRIPTS = Path(__file__).parents[2] / "explorer"
ASKED = re.compile(r'how(?:Computed|ComputedLine|Heading)\(\s*"(\w+)"|^\s+topic: "(\w+)",$', re.M)


def test_each_topic_has_a_section_of_some_sentences():
    sections = help_sections()
    assert [section["topic"] for section in sections] == [*TOPICS]
    for section in sections:
        passages = section["passages"]
        assert [one["topic"] for one in passages] == [*PASSAGES.get(section["topic"], {})]
        for part in (section, *passages):
            assert part["html"].count("<p>") >= 1, part["topic"]
            assert len(part["html"]) > 100, part["topic"]


def test_views_ask_for_topics_that_exist_and_every_topic_is_asked_for_or_listed():
    asked = {
        topic
        for path in SCRIPTS.rglob("*.js")
        for topic in chain.from_iterable(ASKED.findall(path.read_text(encoding="utf-8")))
        if topic
    }
    passages = [*chain.from_iterable(PASSAGES.values())]
    assert len({*TOPICS, *passages}) == len(TOPICS) + len(passages)
    assert asked == {*TOPICS, *passages}
