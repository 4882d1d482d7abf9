"""What comes from outside — links, messages of a browser, files, expressions — is refused in words, or does what it says: no traceback."""

import base64
import collections
import json
import logging
import struct
import subprocess
import sys
import threading
import time
import types
import typing
import zlib
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.errors import CatalogueError, ExplorerError, ExpressionError
from explorer.features.catalogue import Catalogue
from explorer.pages import workbench
from explorer.pages.workbench import WorkbenchPage
from explorer.session.start import Start
from explorer.state.document import FIXED_SECTIONS, first_document
from explorer.state.link import from_url
from explorer.views import messages
from explorer.views.component import Component

BENCH = Path(__file__).parents[1] / "benchmarks"
NAMES = [
    "height", "weight", "pulse", "city", "member", "since", "person_id", "flat", "nothing", "boundless", "no such", "", "x" * 200, "A",
    "pca", "umap", "log", "csv", "parquet", "json", "png", "svg", "add", "replace", "Map", "a", "1", "keep", "drop", "mean", "../x", "'",
    '"', "a > 1", "height > 4", "<b>", "\ud800",
]  # fmt: skip
OPTIONS = [
    "variant", "control", "metrics", "by", "unit", "alpha", "column", "scale", "palette", "clip", "locked", "name", "transform",
    "weights", "truth", "predictions", "margin", "missing", "k", "no_hit", "item", "time", "chunk", "features", "look", "status", "recipe",
]  # fmt: skip


@pytest.fixture(scope="module")
def hostile():
    """The changed copies of good input that the benchmark makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        import hostile_input

        yield hostile_input


@pytest.fixture
def page(people, fake_queue, monkeypatch):
    """A page whose tabs are all open and whose maps are there."""
    ready = threading.Event()
    ready.set()
    monkeypatch.setattr(workbench, "kernels_ready", ready)

    class Done:
        def project(self, source, specs, on_event):
            job = fake_queue.project(source, specs, on_event)
            job.finish()
            return job

    def make(link=""):
        monkeypatch.setattr(workbench, "link_of_page", lambda: link)
        made = WorkbenchPage(people, Done(), Start({"features": ["height", "weight", "pulse"]}, []))
        made.template()
        for tab in ("Rows", "Feature", "Together", "Compare", "Experiment", "Models", "Review"):
            made._session.state.act("set_tab", name=tab)
        return made

    return make


def views_of(page):
    """Return every component of a page, those inside others too."""
    found, waiting = [], list(page._views.values())
    while waiting:
        one = waiting.pop()
        if isinstance(one, Component) and one not in found:
            found.append(one)
            waiting += [inside for value in vars(one).values() for inside in listed(value)]
    return found


def listed(value):
    return (
        value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    )


def value_of(kind, rng, strange):
    """Return a value of the type that a message declares."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        kinds = [one for one in typing.get_args(kind) if one is not msgspec.UnsetType]
        return value_of(kinds[int(rng.integers(len(kinds)))], rng, strange)
    if origin is tuple:
        return [value_of(one, rng, strange) for one in typing.get_args(kind)]
    if origin in (list, collections.abc.Sequence):
        return [value_of(typing.get_args(kind)[0], rng, strange) for _ in range(int(rng.integers(0, 5)))]
    if origin is dict:
        return {str(rng.choice(NAMES)): strange(rng) for _ in range(int(rng.integers(0, 4)))}
    simple = {
        str: lambda: NAMES[int(rng.integers(len(NAMES)))],
        int: lambda: int(rng.choice([0, 1, 2, 5, -1, 600, 10**6, -(10**9), 2**40])),
        float: lambda: float(rng.choice([0, 1, 0.5, -1, 1e-9, 1e9, 1e300])),
        bool: lambda: bool(rng.integers(2)),
        type(None): lambda: None,
    }
    return simple.get(kind, lambda: strange(rng))()


def random_message(view, rng, hostile):
    """Return a message that a view takes, with values that may be wrong; at times with the wrong shape, too."""
    methods = sorted(
        name for name in dir(type(view)) if name.startswith("on_") and messages._is_ours(type(view), name)
    )
    method = methods[int(rng.integers(len(methods)))]
    shape, open_ended = messages._shape(getattr(type(view), method))
    message = {"type": method.removeprefix("on_")}
    for name, kind in shape.__annotations__.items():
        message[name] = value_of(kind, rng, hostile.strange)
    if open_ended:
        for name in rng.choice(OPTIONS, int(rng.integers(0, 3)), replace=False):
            message[str(name)] = hostile.strange(rng)
    return hostile.mutated(message, rng) if rng.random() < 0.3 else message


def test_messages_of_a_browser_give_no_traceback(page, hostile, caplog):
    views = [view for view in views_of(page()) if any(n.startswith("on_") for n in dir(type(view)))]
    assert len(views) >= 15
    rng = np.random.default_rng(0)
    for _ in range(600):
        view = views[int(rng.integers(len(views)))]
        view._handle_msg(random_message(view, rng, hostile))
    time.sleep(0.3)  # what threads draw of it is logged
    defects = [record for record in caplog.records if record.exc_info]
    assert [(record.getMessage(), str(record.exc_info[1])) for record in defects] == []
    assert any("is not as expected" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (["tick"], "a message is a mapping"),
        ({"type": ["tick"]}, "no message is of type"),
        ({"type": "msg"}, "no message is of type 'msg'"),  # Panel's own method on_msg is not for the browser
        ({"type": "tick", "name": "a"}, "missing required field `on`"),
        ({"type": "tick", "name": {}, "on": True}, "Expected `str`, got `object`"),
        ({"type": "tick", "name": "a", "on": True, "more": 1}, "has no entry 'more'"),
        ({"type": "tick", "name": "a\ud800", "on": True}, "half a character"),
        ({"type": "tick", "name": float("nan"), "on": True}, "finite numbers"),
        ({"type": "visible", "names": ["a"] * 1_000_001}, "at most 1,000,000 values"),
        ({"type": "policy", "x": json.loads("[" * 60 + "]" * 60)}, "at most 50 levels deep"),
    ],
)
def test_a_message_of_another_shape_changes_nothing_and_is_said_in_the_log(page, caplog, message, words):
    made = page()
    before = made._session.state.document
    with caplog.at_level(logging.WARNING, "explorer.views"):
        made._views["features"]._handle_msg(message)
    assert words in caplog.text
    assert "Traceback" not in caplog.text
    assert made._session.state.document == before


def rich_document():
    """A document with something in every section."""
    document = first_document({"features": ["height", "weight"]})
    document["filters"] = [
        {"id": "1", "on": True, "expression": "height > 1"},
        {"id": "2", "on": False, "column": "city", "levels": ["A", None]},
    ]
    document["selection"] = {
        "and": [
            {"lasso": [[0, 0], [1, 1], [0, 1]], "embedding": "pca"},
            {"column": "height", "range": [0, 1]},
        ]
    }
    document["groups"]["a"] = {
        "name": "A",
        "rows": {"expression": "height > 1"},
        "count": 3,
        "seen": {"height": "made the group"},
    }
    document["projected"] = {
        "features": ["height", "weight"],
        "policy": document["policy"],
        "method": document["method"],
    }
    document["experiment"] |= {
        "variant": "city",
        "metrics": [{"name": "m", "kind": "mean", "column": "height"}],
        "allocation": {"A": 0.5},
    }
    document["models"]["performance"] |= {"truth": "member", "predictions": {"m": "age"}}
    return document


def packed(document):
    text = json.dumps(document)  # as a careless program writes it: NaN and half characters too
    return "1." + base64.urlsafe_b64encode(zlib.compress(text.encode())).rstrip(b"=").decode()


def test_changed_links_are_refused_in_one_line_or_open_a_page(page, hostile):
    start, document = first_document({"features": ["height", "weight"]}), rich_document()
    good = {}
    for name, section in document.items():
        if name in FIXED_SECTIONS:
            good |= {f"{name}.{key}": value for key, value in section.items()}
        elif section != start[name]:
            good[name] = section
    assert from_url(packed(good), start)["filters"] == document["filters"]
    rng = np.random.default_rng(0)
    accepted, refused = [], []
    for place in range(1_500):
        text = packed(hostile.mutated(good, rng)) if place % 5 else hostile.mutated_text(packed(good), rng)
        try:
            from_url(text, start)
            accepted.append(text)
        except ExplorerError as error:
            refused.append(str(error))
    assert [words for words in refused if "\n" in words or len(words) > 400] == []
    for text in accepted[:25]:
        made = page(text)  # opens, with notes on what does not fit
        made._session.state.act("set_tab", name="Map")


def test_an_expression_is_bounded_before_it_is_parsed():
    table = explorer.open_table(pd.DataFrame({"a": [1.0, 2.0]}))
    for text in ("a>1 or " * 10_000 + "a>1", f"a in ({','.join(map(str, range(100_000)))})", "a" * 200_000):
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


@pytest.mark.parametrize("kind", ["expressions", "catalogues", "sets", "sessions", "verdicts", "tables"])
def test_changed_documents_and_files_give_words(kind):
    done = subprocess.run(
        [sys.executable, str(BENCH / "bench_hostile_input.py"), "--only", kind, "--count", "120"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 without words" in done.stdout


def test_a_list_is_no_name_in_a_catalogue(tmp_path):
    path = tmp_path / "catalogue.yaml"
    path.write_text("features:\n  ? [a, b]\n  : {label: x}\n")
    with pytest.raises(CatalogueError, match="line 2: a list or a mapping stands where a name is expected"):
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
