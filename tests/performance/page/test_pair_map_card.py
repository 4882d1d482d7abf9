import io

import numpy as np
import pytest
from PIL import Image

from explorer.map.map_store import build_store
from explorer.map.paint.palettes import DARK, LIGHT
from explorer.performance.model_predictions import ModelPredictions
from explorer.performance.page.pair_map_card import pair_map_card, pair_map_picture
from explorer.performance.pair_map import pair_map


class Drawn:
    fingerprint, features = "t", None

    def __init__(self, xy, folder):
        self.rows, self.store = np.arange(len(xy)), build_store(xy, folder)


@pytest.fixture
def read(tmp_path):
    rng = np.random.default_rng(0)
    xy = rng.random((4_000, 2), dtype=np.float32)
    truth = rng.random(4_000) < 0.5
    a = np.where(rng.random(4_000) < 0.6, truth, ~truth) * 0.6 + 0.2
    b = np.where((xy[:, 0] > 0.5) & (rng.random(4_000) < 0.9), truth * 0.6 + 0.2, a)
    m = Drawn(xy, tmp_path / "m")
    given = ModelPredictions(
        kind="binary",
        rows=m.rows,
        truth=truth,
        values={"a": a, "b": b},
        forms=dict.fromkeys("ab", "probability"),
        levels=("0", "1"),
    )
    return pair_map(given, m, "a", "b", regions=40), m.store


def test_every_region_says_both_figures_their_difference_and_a_verdict(read):
    found, _ = read
    card = pair_map_card(found)
    assert len(card["cells"]) == len(card["lattice"]["places"]) == len(found.labels)
    best = max(
        (one for one in found.regions if one.verdict == "better"), key=lambda one: one.difference
    )
    cell = card["cells"][list(found.labels).index(best.region)]
    assert cell["rows"] == best.n
    assert [name for name, _ in cell["lines"]] == ["a", "b", "b minus a", "p adjusted", ""]
    assert "better" in cell["lines"][-1][1]
    assert [one["words"] for one in card["key"]][:2] == ["b better, strong evidence", "b better"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_regions_are_painted_in_the_colours_of_their_verdicts(read, theme):
    found, store = read
    picture, sight = pair_map_picture(found, store, theme, (200, 160), 2.0)
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    assert pixels.shape[:2] == (320, 400)
    best = max(
        (one for one in found.regions if one.verdict == "better"), key=lambda one: one.difference
    )
    number = list(found.labels).index(best.region)
    (x0, x1), (y0, y1) = sight["x_range"], sight["y_range"]
    column = int((found.hexagons.x[number] - x0) / (x1 - x0) * 400)
    row = int((y1 - found.hexagons.y[number]) / (y1 - y0) * 320)
    told = np.array([int(best.colour[i : i + 2], 16) for i in (1, 3, 5)])
    # what is under a region shines through a little
    assert np.abs(pixels[row, column] - told).max() < 40
