import json

import numpy as np
import pytest

from explorer.core.json_values import plain


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
