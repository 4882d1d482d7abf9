"""Changed copies of good input: documents, messages and texts as somebody who means no good might send them."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

STRANGE = (
    None, True, -1, 0, 1, 3.7, 1e308, -1e-300, 2**63, 10**30, "", "x", "pca", "a" * 5_000, "\ud800", "\x00", "<script>alert(1)</script>",
    "'; drop table x", "=1+1", "..", "/etc/passwd", "year", "height", [], {}, [[]], [None], {"a": {}}, ["height", "height"], [1, 2],
    {"x": [0, 1]}, {"and": []}, {"not": {"not": {}}}, float("nan"), float("inf"),
)  # fmt: skip


def mutated(document: Any, rng: np.random.Generator) -> Any:
    """Return a copy of a JSON document with one to three places changed, removed, moved or added."""
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
