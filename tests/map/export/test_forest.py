import io
import math
import re

import numpy as np
import pytest
from PIL import Image

from explorer.core.errors import ExperimentError
from explorer.map.export.forest import ForestRow, forest_bytes

ROWS = [
    ForestRow(
        "all units", 0.5, 0.2, 0.8, "+0.5 [+0.2 … +0.8]", "#92c5de", "#1a1a1a", "▲", "better",
    ),
    ForestRow("north", -2.0, -3.0, -1.0, "−2 [−3 … −1]", "#b2182b", "#ffffff", "▼▼", "worse"),
    ForestRow(
        "a $place$ with a very long name that no column of a picture can hold",
        math.nan, math.nan, math.nan, "–", "#ffffff", "#1a1a1a", "○", "not enough data", True,
    ),
]  # fmt: skip


def test_a_picture_has_two_pixels_to_one_of_the_lettering():
    picture = Image.open(io.BytesIO(forest_bytes(ROWS, "Effects", "A caption.")))
    assert picture.size[0] == 1800
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    for colour in ("#92c5de", "#b2182b"):
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (pixels == rgb).all(axis=1).sum() > 1000  # the cell of the verdict


def test_words_stay_text_and_a_dollar_is_a_dollar():
    svg = forest_bytes(ROWS, "Effects", "", "svg").decode()
    found = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
    assert {"Effects", "north", "▲ better", "▼▼ worse"} <= set(found)
    assert any(words.startswith("a $place$") and words.endswith("…") for words in found)


def test_equal_rows_give_equal_bytes_and_more_rows_a_taller_picture():
    assert forest_bytes(ROWS, "Effects", "c") == forest_bytes(ROWS, "Effects", "c")
    heights = [
        Image.open(io.BytesIO(forest_bytes(rows, "", ""))).size[1] for rows in (ROWS[:1], ROWS)
    ]
    assert heights[1] - heights[0] == 2 * 2 * 24


def test_a_dark_picture_is_dark():
    picture = Image.open(io.BytesIO(forest_bytes(ROWS, "Effects", "", theme="dark"))).convert("RGB")
    assert picture.getpixel((3, 3)) == (0x16, 0x1C, 0x22)


def test_no_row_and_another_format_are_refused():
    with pytest.raises(ExperimentError, match="a row or more"):
        forest_bytes([], "", "")
    with pytest.raises(ExperimentError, match="png or svg"):
        forest_bytes(ROWS, "", "", "gif")
