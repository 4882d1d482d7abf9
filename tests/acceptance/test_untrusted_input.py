"""Input from outside is refused in one line, or does what it says; no traceback.

Links, messages of a browser, files and expressions.
"""

import json
import logging
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.core.errors import CatalogueError, ExplorerError, ExpressionError
from explorer.features.catalogue.catalogue import Catalogue
from explorer.state.document import first_document, read_document
from explorer.state.link import from_url

BENCH = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def hostile():
    """The changed copies of good input that the benchmark makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        from shared import hostile_input

        yield hostile_input


@pytest.fixture
def page(people, fake_queue, hostile):
    """A page whose tabs are all open and whose maps are there."""
    return lambda link="": hostile.open_page(people, fake_queue, link)


def test_messages_of_a_browser_give_no_traceback(page, hostile):
    rng = np.random.default_rng(0)
    with hostile.Watch() as watch:
        views = hostile.views_of(page())
        assert len(views) >= 15
        for _ in range(300):
            view = views[int(rng.integers(len(views)))]
            view._handle_msg(hostile.random_message(view, rng))
        watch.settle()
    assert watch.defects == []
    assert any("is not as expected" in words for words in watch.refused)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (["tick"], "a message is a mapping"),
        ({"type": ["tick"]}, "no message is of type"),
        (
            {"type": "msg"},
            "no message is of type 'msg'",
        ),  # Panel's own method on_msg is not for the browser
        ({"type": "tick", "name": "a"}, "missing required field `on`"),
        ({"type": "tick", "name": {}, "on": True}, "Expected `str`, got `object`"),
        ({"type": "tick", "name": "a", "on": True, "more": 1}, "has no entry 'more'"),
        ({"type": "tick", "name": "a\ud800", "on": True}, "half a character"),
        ({"type": "tick", "name": float("nan"), "on": True}, "finite numbers"),
        ({"type": "policy", "scale": 10**400}, "finite numbers"),
        ({"type": "visible", "names": ["a"] * 1_000_001}, "at most 1,000,000 values"),
        ({"type": "policy", "x": json.loads("[" * 60 + "]" * 60)}, "at most 50 levels deep"),
    ],
)
def test_a_message_of_another_shape_changes_nothing_and_is_said_in_the_log(
    page, caplog, message, words
):
    made = page()
    before = made._session.state.document
    with caplog.at_level(logging.WARNING, "explorer.ui"):
        made.views["features"]._handle_msg(message)
    assert words in caplog.text
    assert "Traceback" not in caplog.text
    assert made._session.state.document == before


def test_changed_links_are_refused_in_one_line_or_open_a_page(page, hostile):
    start, document = first_document({"features": ["height", "weight"]}), hostile.rich_document()
    good = hostile.linked(document, start)
    assert from_url(hostile.packed(good), start).filters == read_document(document).filters
    rng = np.random.default_rng(0)
    accepted, refused = [], []
    for place in range(500):
        text = (
            hostile.packed(hostile.mutated(good, rng))
            if place % 5
            else hostile.mutated_text(hostile.packed(good), rng)
        )
        try:
            from_url(text, start)
            accepted.append(text)
        except ExplorerError as error:
            refused.append(str(error))
    assert [words for words in refused if "\n" in words or len(words) > 400] == []
    with hostile.Watch() as watch:
        for text in accepted[:5]:
            page(text)  # opens, with notes on what does not fit
        watch.settle()
    assert watch.defects == []


@pytest.mark.parametrize(
    ("section", "value", "words"),
    [
        ("method.parameters", {"n_neighbors": 10**400}, "a number of 401 digits is too large"),
        ("method.parameters", {"min_dist": float("nan")}, "finite numbers"),
        ("models.ranking", {"k": [10**400]}, "a number of 401 digits is too large"),
        ("embedding", "../x", "embedding must be the key of an embedding or null, not '../x'"),
        (
            "second_map",
            {"embedding": "<b>", "column": None},
            "the embedding of the second map must be the key",
        ),
        (
            "selection",
            {"lasso": [[0, 0], [1, 1], [0, 1]], "embedding": "no such"},
            "selection must be null, or",
        ),
        ("filters", [{"id": "1", "on": True, "expression": "a\ud800 > 1"}], "plain JSON"),
    ],
)
def test_a_link_that_holds_what_no_link_may_hold_is_refused_in_words(
    hostile, new_session, section, value, words
):
    text = hostile.packed({section: value})
    with pytest.raises(ExplorerError, match=re.escape(words)):
        from_url(text, first_document())
    assert words in "".join(new_session(text).notes)


def test_a_column_of_arms_that_is_no_name_is_refused_in_words(page, hostile, send):
    view = page().views["Experiment"]
    with hostile.Watch() as watch:
        send(view, "set", variant=["city"])
        watch.settle()
    assert watch.defects == []
    assert "['city']" in view.error


def test_an_expression_is_bounded_before_it_is_parsed():
    table = explorer.open_table(pd.DataFrame({"a": [1.0, 2.0]}))
    for text in (
        "a>1 or " * 10_000 + "a>1",
        f"a in ({','.join(map(str, range(100_000)))})",
        "a" * 200_000,
    ):
        with pytest.raises(
            ExpressionError, match=r"at most 100,000 characters, and 8,000 names, numbers and signs"
        ):
            explorer.where(table, text)
    with pytest.raises(ExpressionError, match="is not a number"):
        explorer.where(table, "a > 2e")


def test_a_line_break_in_an_expression_is_none_in_its_error():
    table = explorer.open_table(pd.DataFrame({"a": [1.0, 2.0]}))
    with pytest.raises(ExpressionError, match="cannot be compared") as told:
        explorer.where(table, "cut(a, -1, 0, 1) = '0 t\n 1' = 'x'")
    assert "\n" not in str(told.value)


def test_aliases_of_aliases_are_bounded(tmp_path):
    path = tmp_path / "catalogue.yaml"
    lists = [
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    ]
    path.write_text("\n".join(["a: &a [x,x,x,x,x,x,x,x,x]", *lists]))
    with pytest.raises(CatalogueError, match="more than 300,000 values"):
        Catalogue.load(path)


def test_changed_documents_and_files_give_words():
    kinds = ["expressions", "catalogues", "sets", "sessions", "verdicts", "tables", "embeddings"]
    command = [
        sys.executable,
        str(BENCH / "bench_hostile_input.py"),
        "--only",
        ",".join(kinds),
        "--count",
        "120",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [
        line.split()[0] for line in done.stdout.splitlines() if " 0 without words" in line
    ] == kinds


def test_errors_of_a_file_of_verdicts_stay_short_whatever_it_holds(tmp_path):
    store = explorer.open_store(tmp_path / "reviews.db")
    store.verdict("a", "keep", reason="x", reviewer="ada")
    store.export(tmp_path / "good.json")
    good, path = json.loads((tmp_path / "good.json").read_text()), tmp_path / "changed.json"
    verdict, long = good["verdicts"][0], "long " * 200_000
    for change in (
        {"sets": [long]},
        {"verdicts": [{**verdict, "decision": long, "recipe": "log"}]},
        {"verdicts": [{**verdict, "evidence": [{**verdict, "decision": long}]}]},
    ):
        path.write_text(json.dumps({**good, **change}))
        with pytest.raises(ExplorerError) as told:
            store.merge(path)
        assert len(str(told.value)) < 300


def test_a_list_is_no_name_in_a_catalogue(tmp_path):
    path = tmp_path / "catalogue.yaml"
    path.write_text("features:\n  ? [a, b]\n  : {label: x}\n")
    with pytest.raises(
        CatalogueError, match="line 2: a list or a mapping stands where a name is expected"
    ):
        Catalogue.load(path)


def test_a_damaged_footer_ends_no_process(tmp_path):
    path = tmp_path / "whole.parquet"
    some_missing = pa.array([None if i % 3 == 0 else "x" for i in range(90)])
    pq.write_table(
        pa.table({"number": np.arange(1_000, 1_090), "text": some_missing}), path, row_group_size=45
    )
    content = path.read_bytes()
    least = struct.pack("<bq", 8, 1_045)  # of the second row group
    levels = bytes([0x26, 2 * 15, 2 * 30])  # a histogram of two levels
    for name, stretch, instead in (
        ("histogram", levels, bytes([0x16, 2 * 15])),
        ("statistic", least, struct.pack("<bi", 4, 1_045)),
    ):
        start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        assert stretch in content[start:-8]
        footer = content[start:-8].replace(stretch, instead)
        size = struct.pack("<I", len(footer))
        (tmp_path / f"{name}.parquet").write_bytes(content[:start] + footer + size + b"PAR1")
    script = """
import explorer, sys
for name in ("statistic", "histogram"):
    try:
        print(name, explorer.open_table(f"{sys.argv[1]}/{name}.parquet").profile()["number"].max)
    except explorer.ExplorerError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    read, refused = done.stdout.splitlines()
    assert read == "statistic 1089.0"
    assert "histogram.parquet" in refused
    assert "damaged" in refused
