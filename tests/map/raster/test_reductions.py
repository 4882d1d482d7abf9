"""Every reduction of a map against Datashader's, and what is refused in words."""

import datashader as ds
import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import EmbeddingError
from explorer.map.raster.reductions import REDUCTIONS, reduction_named

ORACLES = {
    "count": ds.count(),
    "mean": ds.mean("number"),
    "by": ds.by("level", ds.count()),
}
COLUMNS = {"rows": None, "numbers": "number", "levels": "level"}


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(0)
    xy = rng.standard_normal((5_000, 2)).astype(np.float32)
    number = np.where(rng.random(5_000) < 0.1, np.nan, rng.lognormal(size=5_000))
    level = pd.Categorical.from_codes(rng.choice(2, 5_000, p=[0.7, 0.3]), ["a", "b"])
    return pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "number": number, "level": level})


@pytest.fixture(scope="module")
def drawn(points, tmp_path_factory):
    return explorer.build_map(points[["x", "y"]].to_numpy(), tmp_path_factory.mktemp("map") / "m")


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("size", [(12, 9), (200, 150)], ids=["many rows a pixel", "few"])
def test_a_reduction_is_datashaders(drawn, points, name, size):
    column = COLUMNS[REDUCTIONS[name].takes]
    values = None if column is None else points[column].to_numpy()
    mask = points["x"].to_numpy() < 1.0
    view = explorer.Viewport((-2.0, 2.0), (-2.0, 3.0), *size)
    found = drawn.aggregate(view, name, values, where=mask)
    canvas = ds.Canvas(*size, view.x_range, view.y_range)
    expected = canvas.points(points[mask], "x", "y", ORACLES[name]).to_numpy()
    if REDUCTIONS[name].takes == "levels":
        found = found[..., :-1]  # the last plane, other or missing, is empty here
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_frame_equals_the_aggregate_of_its_viewport(drawn, points, name, monkeypatch):
    monkeypatch.setattr("explorer.map.map.WORTH_ROWS", 1)
    column = COLUMNS[REDUCTIONS[name].takes]
    values = None if column is None else points[column].to_numpy()
    found, view = drawn.frame(explorer.Viewport(*drawn.extent, 40, 30), name, values)
    np.testing.assert_allclose(found, drawn.aggregate(view, name, values), rtol=1e-5)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_values_are_refused_where_they_are_of_no_use_and_asked_for_where_they_lack(name):
    takes_values = REDUCTIONS[name].takes != "rows"
    assert reduction_named(name, has_values=takes_values) is REDUCTIONS[name]
    with pytest.raises(EmbeddingError, match="needs values" if takes_values else "takes no values"):
        reduction_named(name, has_values=not takes_values)


def test_an_unknown_reduction_is_refused_with_those_that_there_are():
    with pytest.raises(EmbeddingError, match="'nearest' must be 'count'"):
        reduction_named("nearest", has_values=True)
