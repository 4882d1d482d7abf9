"""Changed copies of good input: documents, messages and texts, as an attacker would send them."""

from __future__ import annotations

import base64
import collections
import concurrent.futures
import copy
import json
import logging
import threading
import types
import typing
import zlib
from typing import TYPE_CHECKING, Any
from unittest import mock

import msgspec

from explorer.app import workbench_page as workbench
from explorer.core.errors import ExplorerError
from explorer.session.start import Start
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.state.document import FIXED_SECTIONS, TABS, VERSION, Document, first_document
from explorer.state.filter import Filter
from explorer.ui import messages
from explorer.ui.component import Component

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from explorer.review.table_reviews import TableReviews
    from explorer.table.table import Table

STRANGE = (
    None, True, -1, 0, 1, 3.7, 1e308, -1e-300, 2**63, 10**30, "", "x", "pca", "a" * 5_000, "\ud800",
    "\x00", "<script>alert(1)</script>", "'; drop table x", "=1+1", "..", "/etc/passwd", "year",
    "height", [], {}, [[]], [None], {"a": {}}, ["height", "height"], [1, 2], {"x": [0, 1]},
    {"and": []}, {"not": {"not": {}}}, float("nan"), float("inf"), 10**400, "long " * 200_000,
)  # fmt: skip
NAMES = (
    "height", "weight", "pulse", "city", "member", "since", "person_id", "flat", "nothing",
    "boundless", "no such", "", "x" * 200, "A", "pca", "umap", "log", "csv", "parquet", "json",
    "png", "svg", "add", "replace", "Map", "a", "1", "keep", "drop", "mean", "../x", "'", '"',
    "a > 1", "height > 4", "<b>", "\ud800",
)  # fmt: skip
NUMBERS = (0, 1, 2, 5, -1, 600, 10**6, -(10**9), 2**40, 0.5, 1e-9, 1e9, 1e300)
OPTIONS = (
    "variant", "control", "metrics", "by", "unit", "alpha", "column", "scale", "palette", "clip",
    "locked", "name", "transform", "weights", "truth", "predictions", "margin", "missing", "k",
    "no_hit", "item", "time", "chunk", "features", "look", "status", "recipe",
)  # fmt: skip


def mutated(document: Any, rng: np.random.Generator) -> Any:
    """Return a copy of a JSON document with one to three places changed, moved or added."""
    changed = copy.deepcopy(document)
    for _ in range(int(rng.integers(1, 4))):
        places = list(_places(changed))
        if not places:
            return strange(rng)
        container, key = places[int(rng.integers(len(places)))]
        match int(rng.integers(6)):
            case 0:
                del container[key]
            case 1:
                other_container, other_key = places[int(rng.integers(len(places)))]
                container[key] = copy.deepcopy(other_container[other_key])
            case 2 if isinstance(container, dict):
                container[str(strange(rng))[:40]] = container[key]
            case 3:
                container[key] = [container[key]]
            case 4:
                container[key] = _nested(container[key], int(rng.integers(1, 80)))
            case _:
                container[key] = strange(rng)
    return changed


def varied(document: Any, rng: np.random.Generator) -> Any:
    """Return a copy of a JSON document with one to three of its values changed for others."""
    changed = copy.deepcopy(document)
    others = {str: NAMES, int: NUMBERS, float: NUMBERS, bool: (True, False)}
    leaves = [place for place in _places(changed) if type(place[0][place[1]]) in others]
    for _ in range(int(rng.integers(1, 4))):
        container, key = leaves[int(rng.integers(len(leaves)))]
        choice = others[type(container[key])]
        container[key] = choice[int(rng.integers(len(choice)))]
    return changed


def mutated_text(text: str, rng: np.random.Generator) -> str:
    """Return a text with some letters changed, removed, doubled or put elsewhere."""
    letters = list(text)
    for _ in range(int(rng.integers(1, 6))):
        if not letters:
            break
        place = int(rng.integers(len(letters)))
        stretch = letters[place : place + int(rng.integers(1, 20))]
        match int(rng.integers(4)):
            case 0:
                letters[place : place + len(stretch)] = []
            case 1:
                letters[place:place] = stretch * int(rng.integers(1, 5))
            case 2:
                letters[place] = str(rng.choice(list("()'\"\\%*&!@#{}[]:;,.-|>?\n\t\x00é0")))
            case _:
                letters.insert(int(rng.integers(len(letters) + 1)), "".join(stretch))
    return "".join(letters)


def strange(rng: np.random.Generator) -> Any:
    """Return a value that is seldom what is expected."""
    return copy.deepcopy(STRANGE[int(rng.integers(len(STRANGE)))])


def as_text(document: Any) -> str:
    """Write a document as JSON, NaN included, as a careless program does."""
    return json.dumps(document)


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    pairs = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in list(pairs):
        yield document, key
        yield from _places(value)


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = {"not": value}
    return value


def rich_document() -> dict[str, Any]:
    """Return a state with something in every section, of a table as `people_frame` makes it."""
    document: dict[str, Any] = as_json(
        first_document({"features": ["height", "weight"]}), "a state"
    )
    document["filters"] = [
        as_json(Filter(id="1", expression="height > 1"), "a filter"),
        as_json(Filter(id="2", on=False, column="city", levels=("A", None)), "a filter"),
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


def linked(document: dict[str, Any], start: Document) -> dict[str, Any]:
    """Return what a link holds: the sections of a state that differ from those of the start."""
    first = as_json(start, "a state")
    good: dict[str, Any] = {}
    for name, section in document.items():
        if name in FIXED_SECTIONS:
            good |= {f"{name}.{key}": value for key, value in section.items()}
        elif section != first[name]:
            good[name] = section
    return good


def packed(document: Any) -> str:
    """Return the text of a link."""
    return (
        f"{VERSION}."
        + base64.urlsafe_b64encode(zlib.compress(as_text(document).encode())).rstrip(b"=").decode()
    )


class DoneQueue:
    """A queue whose jobs are done at once.

    Parameters
    ----------
    queue : FakeQueue
        As of the tests.
    """

    def __init__(self, queue: Any) -> None:
        self.queue = queue

    def project(self, source: Any, specs: Any, on_event: Any) -> Any:
        job = self.queue.project(source, specs, on_event)
        job.finish()
        return job


def open_page(
    table: Table,
    queue: Any,
    link: str = "",
    reviews: TableReviews | None = None,
    tabs: tuple[str, ...] = TABS,
) -> workbench.WorkbenchPage:
    """Open a page at a link, with its maps; then open these tabs."""
    ready = threading.Event()
    ready.set()
    with (
        mock.patch.object(workbench, "kernels_ready", ready),
        mock.patch.object(workbench, "link_of_page", return_value=link),
    ):
        start = Start({"features": ["height", "weight", "pulse"]}, [])
        page = workbench.WorkbenchPage(table, DoneQueue(queue), start, reviews=reviews)
        page.template()
    for tab in tabs:
        page._session.state.act(actions.set_tab, name=tab)
    return page


class Watch(logging.Handler):
    """What goes wrong within the block.

    Exceptions that are logged, or end a thread or a task of a pool; messages that are refused.
    """

    def __init__(self) -> None:
        super().__init__()
        self.defects: list[str] = []
        self.refused: list[str] = []
        self._tasks: set[concurrent.futures.Future[Any]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.defects.append(logging.Formatter().format(record))
        elif record.name.startswith("explorer.ui"):
            self.refused.append(record.getMessage())

    def __enter__(self) -> Watch:
        submit = concurrent.futures.ThreadPoolExecutor.submit

        def kept(pool: Any, *args: Any, **options: Any) -> Any:
            task = submit(pool, *args, **options)
            self._tasks.add(task)
            return task

        def ended(how: Any) -> None:
            self.defects.append(f"thread {how.thread}: {how.exc_type.__name__}: {how.exc_value}")

        self._patches = (
            mock.patch.object(concurrent.futures.ThreadPoolExecutor, "submit", kept),
            mock.patch.object(threading, "excepthook", ended),
        )
        for patch in self._patches:
            patch.start()
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        for patch in self._patches:
            patch.stop()

    def settle(self, seconds: float = 60.0) -> None:
        """Wait for the tasks that were begun, and note what they raised."""
        while tasks := set(self._tasks):
            done, late = concurrent.futures.wait(tasks, seconds)
            self._tasks -= tasks
            self.defects += [f"not done after {seconds} s: {task}" for task in late]
            raised = [task.exception() for task in done if not task.cancelled()]
            self.defects += [
                repr(one)
                for one in raised
                if one is not None and not isinstance(one, ExplorerError)
            ]


def views_of(page: workbench.WorkbenchPage) -> list[Component]:
    """Return every component of a page that takes messages, those inside others too."""
    found: list[Component] = []
    waiting = list(page.views.values())
    while waiting:
        one = waiting.pop()
        if isinstance(one, Component) and one not in found:
            found.append(one)
            waiting += [inside for value in vars(one).values() for inside in _listed(value)]
    return [one for one in found if _methods(type(one))]


def random_message(view: Component, rng: np.random.Generator) -> Any:
    """Return a message that a view takes, with values or at times a shape that may be wrong."""
    methods = _methods(type(view))
    method = methods[int(rng.integers(len(methods)))]
    shape, open_ended = messages._shape(getattr(type(view), method))
    message: dict[str, Any] = {"type": method.removeprefix("on_")}
    for name, kind in shape.__annotations__.items():
        message[name] = _value_of(kind, rng)
    if open_ended:
        for name in rng.choice(OPTIONS, int(rng.integers(0, 3)), replace=False):
            message[str(name)] = strange(rng)
    return mutated(message, rng) if rng.random() < 0.3 else message


def _methods(view: type) -> list[str]:
    return sorted(
        name for name in dir(view) if name.startswith("on_") and messages._is_ours(view, name)
    )


def _listed(value: Any) -> Any:
    return (
        value.values()
        if isinstance(value, dict)
        else value
        if isinstance(value, list | tuple)
        else [value]
    )


def _value_of(kind: Any, rng: np.random.Generator) -> Any:
    """Return a value of the type that a message declares."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        kinds = [one for one in typing.get_args(kind) if one is not msgspec.UnsetType]
        return _value_of(kinds[int(rng.integers(len(kinds)))], rng)
    if origin is tuple:
        return [_value_of(one, rng) for one in typing.get_args(kind)]
    if origin in (list, collections.abc.Sequence):
        return [_value_of(typing.get_args(kind)[0], rng) for _ in range(int(rng.integers(0, 5)))]
    if origin is dict:
        return {str(rng.choice(NAMES)): strange(rng) for _ in range(int(rng.integers(0, 4)))}
    simple = {
        str: lambda: NAMES[int(rng.integers(len(NAMES)))],
        int: lambda: NUMBERS[int(rng.integers(9))],
        float: lambda: float(NUMBERS[int(rng.integers(len(NUMBERS)))]),
        bool: lambda: bool(rng.integers(2)),
        type(None): lambda: None,
    }
    return simple.get(kind, lambda: strange(rng))()
