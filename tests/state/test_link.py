import base64
import re
import zlib

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.state.document import first_document
from explorer.state.link import from_url, to_url
from explorer.state.state import State

DEFAULTS = first_document({"features": ["year", "score"]})


def changed_document():
    state = State.start(DEFAULTS)
    state.act("set_features", names=["naïve é", "b.c", "d"])
    state.act("set_policy", transform={"d": "log1p"}, weights={"b.c": 2})
    state.act("set_method", name="umap", n_neighbors=30, random_state=None)
    state.act("set_color", column="genre", reverse=True)
    state.act("set_viewport", x_range=[-1.25, 1e-9], y_range=[0.1, 0.2])
    state.act("add_filter", id="f1", expression="year > 1990 and genre = 'drama'")
    state.act("select", selection={"box": [[0, 1], [0, 1]], "embedding": "k"})
    return state.document


def test_a_link_brings_the_document_back_exactly():
    for document in (DEFAULTS, changed_document()):
        assert from_url(to_url(document, DEFAULTS), DEFAULTS) == document


def test_a_link_needs_no_escaping_in_a_url_and_is_short():
    link = to_url(changed_document(), DEFAULTS)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", link)
    assert len(link) < 600
    assert len(to_url(DEFAULTS, DEFAULTS)) <= 16


def test_empty_text_is_the_defaults_and_not_the_same_object():
    document = from_url("", DEFAULTS)
    assert document == DEFAULTS
    document["features"].append("x")
    assert DEFAULTS["features"] == ["year", "score"]


def test_a_section_that_differs_in_one_key_leaves_the_others_to_the_defaults():
    document = first_document({"features": ["year", "score"], "policy": {"scale": "robust"}})
    other = first_document({"policy": {"missing": "drop"}})
    assert from_url(to_url(document, DEFAULTS), other)["policy"]["missing"] == "drop"


def test_damaged_links_are_refused_in_words():
    link = to_url(changed_document(), DEFAULTS)
    rng = np.random.default_rng(0)
    damaged = ["hello", "1", ".", "x.abc", "1.", "1.äö", "1." + "A" * 50, link[2:], link + "AAAA"]
    damaged += [link[:cut] for cut in rng.integers(3, len(link) - 4, 20)]
    for text in damaged:
        with pytest.raises(ExplorerError, match="damaged"):
            from_url(text, DEFAULTS)


def test_a_flipped_letter_is_always_noticed():
    link = to_url(changed_document(), DEFAULTS)
    for place in range(2, len(link) - 1):
        text = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
        with pytest.raises(ExplorerError, match="damaged"):
            from_url(text, DEFAULTS)


def test_a_link_of_a_newer_version_is_read_and_says_what_was_left_out():
    newer = dict(changed_document(), shelves={"A": 1})
    newer["policy"] = {**newer["policy"], "whiten": True}
    link = (
        "2"
        + to_url(
            newer, {**DEFAULTS, "shelves": None, "policy": {**DEFAULTS["policy"], "whiten": False}}
        )[1:]
    )
    notes = []
    assert from_url(link, DEFAULTS, notes) == changed_document()
    assert notes == ["the link was made by a newer version; left out: policy.whiten, shelves"]


def test_a_link_cannot_bring_what_a_document_may_not_hold():
    link = to_url({**DEFAULTS, "tab": "Purple"}, DEFAULTS)
    with pytest.raises(ExplorerError, match="link cannot be used: no tab 'Purple'"):
        from_url(link, DEFAULTS)


def packed(text):
    return "1." + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def test_a_link_that_unpacks_to_too_much_or_nests_too_deep_is_refused():
    huge = packed('{"features": ["' + "a" * (5 << 20) + '"]}')
    deep = packed('{"selection": ' + '{"not":' * 50_000 + "1" + "}" * 50_001)
    assert len(huge) + len(deep) < 30_000
    for text in (huge, deep):
        with pytest.raises(ExplorerError, match="damaged"):
            from_url(text, DEFAULTS)


def test_a_link_leaves_the_readers_theme_alone():
    assert to_url({**DEFAULTS, "theme": "dark"}, DEFAULTS) == to_url(DEFAULTS, DEFAULTS)
