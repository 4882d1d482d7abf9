"""What holds for every method of projection; other claims are tested with its estimator."""

import json

import numpy as np
import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.embedding.embedding_computation import compute_embedding
from explorer.embedding.projection_methods import METHODS
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.spec import MatrixSpec
from explorer.sources.source import open_source

NAMES = ("a", "b", "c", "d", "e")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 5)) + 8 * rng.integers(0, 2, size=(300, 1))
    return open_source(pd.DataFrame(values, columns=NAMES), Cache(tmp_path_factory.mktemp("cache")))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_places_every_row_keeps_neighbours_and_is_repeatable(name, source):
    stages = []
    spec = ProjectionSpec(MatrixSpec(NAMES), name, random_state=1)
    made = compute_embedding(source, spec, lambda stage, *_: stages.append(stage))
    again = compute_embedding(source, spec)
    assert (made.xy.shape, made.xy.dtype) == ((300, 2), np.float32)
    assert np.isfinite(made.xy).all()
    np.testing.assert_array_equal(made.xy, again.xy)
    kept = made.scores["neighbors_kept"]["15"]
    assert kept["value"] > 2 * kept["chance"]
    assert made.provenance["method"]["name"] == name
    json.dumps(made.provenance, allow_nan=False)


@pytest.mark.parametrize("name", METHODS)
def test_the_forecast_of_a_method_names_the_stages_that_are_measured(name, source):
    method = METHODS[name]
    forecast = method.stage_seconds(300, 5, method.defaults)
    made = compute_embedding(source, ProjectionSpec(MatrixSpec(NAMES), name))
    assert set(forecast) <= set(made.provenance["stage_seconds"])
    assert all(seconds > 0 for seconds in forecast.values())
    assert 0 < method.peak_bytes(300, 5, method.defaults) < 1e9


@pytest.mark.parametrize("name", METHODS)
def test_a_request_is_named_by_the_label_of_its_method(name):
    spec = ProjectionSpec(MatrixSpec(NAMES), name)
    assert spec.name == f"{METHODS[name].label} of 5 features"
