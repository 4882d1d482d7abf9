import base64
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.state.document import first_document, read_document
from explorer.state.link import from_url, to_url
from explorer.state.state import State
from explorer.state.versions import upgraded

DEFAULTS = first_document({"features": ["year", "score"]})


def changed_document():
    state = State(DEFAULTS)
    state.act(actions.set_features, names=["naïve é", "b.c", "d"])
    state.act(actions.set_policy, transform={"d": "log1p"}, weights={"b.c": 2})
    state.act(actions.set_method, name="umap", n_neighbors=30, random_state=None)
    state.act(actions.set_color, column="genre", reverse=True)
    state.act(actions.set_viewport, x_range=[-1.25, 1e-9], y_range=[0.1, 0.2])
    state.act(actions.add_filter, id="f1", expression="year > 1990 and genre = 'drama'")
    state.act(actions.select, selection={"box": [[0, 1], [0, 1]], "embedding": "k"})
    return state.document


def test_a_link_brings_the_document_back_exactly():
    for document in (DEFAULTS, changed_document()):
        assert from_url(to_url(document, DEFAULTS), DEFAULTS) == document


def test_a_link_needs_no_escaping_in_a_url_and_is_short():
    link = to_url(changed_document(), DEFAULTS)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", link)
    assert len(link) < 600
    assert len(to_url(DEFAULTS, DEFAULTS)) <= 16


def test_empty_text_is_the_defaults():
    assert from_url("", DEFAULTS) == DEFAULTS


def test_a_section_that_differs_in_one_key_leaves_the_others_to_the_defaults():
    document = first_document({"features": ["year", "score"], "policy": {"scale": "robust"}})
    other = first_document({"policy": {"missing": "drop"}})
    assert from_url(to_url(document, DEFAULTS), other).policy.missing == "drop"


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
    newer = as_json(changed_document(), "it") | {"shelves": {"A": 1}}
    newer["policy"]["whiten"] = True
    defaults = as_json(DEFAULTS, "it") | {"shelves": None}
    defaults["policy"]["whiten"] = False
    link = "4" + to_url(newer, defaults)[1:]
    notes = []
    assert from_url(link, DEFAULTS, notes) == changed_document()
    assert notes == ["the link was made by a newer version; left out: policy.whiten, shelves"]


def test_a_link_of_this_version_that_names_what_does_not_exist_says_so():
    link = to_url(
        as_json(DEFAULTS, "it") | {"colour": "genre"}, as_json(DEFAULTS, "it") | {"colour": ""}
    )
    notes = []
    assert from_url(link, DEFAULTS, notes) == DEFAULTS
    assert notes == ["the link names what does not exist; left out: colour"]


def test_a_link_cannot_bring_what_a_document_may_not_hold():
    link = to_url(as_json(DEFAULTS, "it") | {"tab": "Purple"}, DEFAULTS)
    with pytest.raises(ExplorerError, match="link cannot be used: no tab 'Purple'"):
        from_url(link, DEFAULTS)


EARLIER = [
    (saved["started_from"], case)
    for path in sorted((Path(__file__).parent / "documents").glob("version_*.json"))
    for saved in [json.loads(path.read_text())]
    for case in saved["cases"]
]


@pytest.mark.parametrize(
    ("started_from", "case"),
    EARLIER,
    ids=lambda it: f"{it['document']['version']}: {it['about']}" if "about" in it else "",
)
def test_a_link_of_an_earlier_version_opens_as_what_it_was_made_of(started_from, case):
    start = read_document(upgraded(started_from))
    document = from_url(case["link"], start)
    expected = read_document(upgraded(case["document"]))
    assert document == replace(expected, theme=document.theme)
    # what was written then, read by name: nothing is lost on the way
    written = as_json(document, "it")
    for section, value in upgraded(case["document"]).items():
        if section != "theme":
            assert covers(written[section], value), section


def covers(now, then):
    """Say whether all that a document said then is said now; options that came later may be new."""
    if isinstance(then, dict):
        return all(covers(now[name], value) for name, value in then.items())
    if isinstance(then, list):
        return len(now) == len(then) and all(map(covers, now, then))
    return now == then


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
    assert to_url(replace(DEFAULTS, theme="dark"), DEFAULTS) == to_url(DEFAULTS, DEFAULTS)


@pytest.mark.parametrize(
    "names",
    [
        [f"px_{k:03d}" for k in range(784)],
        [f"px_{i}_{j}" for i in range(28) for j in range(28)],
        ["age", *(f"wave {k} nm" for k in range(400, 901, 2)), "b1", "b3", "x", "٣", "2026", "b2"],
        [f"v{k}" for k in range(9_000)],
    ],
)
def test_links_stay_short_however_many_columns_of_a_block_are_ticked(names):
    settings = read_document(as_json(DEFAULTS, "document")).chosen
    state = State(replace(DEFAULTS, projected=replace(settings, features=tuple(names))))
    state.act(actions.set_features, names=names)
    link = to_url(state.document, DEFAULTS)
    # servers in between take 8,000 characters, chat programs fewer
    assert len(link) < 1_000
    assert from_url(link, DEFAULTS) == state.document


def test_a_damaged_run_of_names_is_refused_in_words():
    for run in ([], ["a", "x", 3, 1, ""], ["a", "0", 10**12, 1, ""], ["a", "0", 9, 0, ""], 3):
        content = json.dumps({"features": [{"run": run}]}).encode()
        packed = base64.urlsafe_b64encode(zlib.compress(content)).rstrip(b"=").decode()
        with pytest.raises(ExplorerError, match="the link is damaged"):
            from_url(f"2.{packed}", DEFAULTS)
