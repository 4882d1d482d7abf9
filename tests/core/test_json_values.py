import json
from dataclasses import dataclass

import numpy as np
import pytest

from explorer.core.json_values import fields_document, plain, result_document


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (np.float64("-inf"), None),
        (np.float32(0.5), 0.5),
        ((1, 2.5), [1, 2.5]),
        ([1.0, float("inf")], [1.0, None]),
        ([1e308, 1e308], [1e308, 1e308]),
        (np.array([[1.0, np.nan]]), [[1.0, None]]),
        (
            {3: (np.int64(1), True, "ä"), "nested": {"a": [None]}},
            {"3": [1, True, "ä"], "nested": {"a": [None]}},
        ),
    ],
)
def test_a_document_becomes_what_json_holds(value, expected):
    found = plain(value)
    assert found == expected
    assert json.loads(json.dumps(found, allow_nan=False)) == expected


def test_dataclasses_are_written_by_their_fields_or_as_they_say_themselves():
    @dataclass
    class Part:
        low: float

        def document(self):
            return {"low": self.low, "known": self.low == self.low}

    @dataclass
    class Whole:
        name: str
        values: tuple[float, ...]
        part: Part
        edges: np.ndarray

    whole = Whole("a", (1.0, float("nan")), Part(float("nan")), np.array([0.5]))
    document = {
        "name": "a",
        "values": [1.0, None],
        "part": {"low": None, "known": False},
        "edges": [0.5],
    }
    assert plain([whole]) == [document]
    assert fields_document(whole) == document
    assert result_document(whole, "name part", n=2) == {
        "name": "a",
        "part": document["part"],
        "n": 2,
    }
