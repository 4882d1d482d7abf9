import ast
from pathlib import Path

import numpy as np
import pytest

import explorer
import projections
from explorer.map.raster import aggregate
from explorer.map.raster.aggregate import mean_and_count
from explorer.map.viewport import Viewport


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("masked", [False, True])
def test_planes_and_lists_give_the_same_bits(store_of, blobs, monkeypatch, kind, masked):
    store = store_of(blobs)
    rng = np.random.default_rng(0)
    values = (rng.standard_normal(store.n) * 10.0 ** rng.integers(-20, 20, store.n)).astype(kind)
    values[rng.random(store.n) < 0.3] = np.nan
    states = rng.integers(0, 3, store.n).astype(np.uint8) if masked else None
    for side in (1, 40, 500):
        found = []
        for rows_a_pixel in (0.0, np.inf):
            monkeypatch.setattr(aggregate, "_SPARSE", rows_a_pixel)
            view = Viewport((-10.0, 5.0), (-10.0, 10.0), side, side)
            found.append(
                [a.tobytes() for a in mean_and_count(store, view, values, states, context=masked)]
            )
        assert found[0] == found[1]


def test_infinite_values_are_averaged_as_ieee_numbers(store_of, monkeypatch):
    store = store_of(np.array([[0, 0], [0, 0], [1, 0], [1, 0], [2, 0]], np.float32))
    values = store.arrange(np.array([np.inf, 1, np.inf, -np.inf, 3]))
    for rows_a_pixel in (0.0, np.inf):
        monkeypatch.setattr(aggregate, "_SPARSE", rows_a_pixel)
        means, counts, _ = mean_and_count(store, Viewport((0, 2), (0, 0), 3, 1), values)
        assert np.array_equal(means, [[np.inf, np.nan, 3]], equal_nan=True)
        assert counts.tolist() == [[2, 2, 1]]


def test_no_generator_is_kept_in_the_cache_of_numba():
    # a loop over a generator that was read from the cache cannot be compiled (KeyError)
    folders = (Path(explorer.__file__).parent, Path(projections.__file__).parent)
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                "njit" in ast.unparse(decorator) and "cache=True" in ast.unparse(decorator)
                for decorator in node.decorator_list
            ):
                assert not any(isinstance(inner, ast.Yield) for inner in ast.walk(node)), node.name
