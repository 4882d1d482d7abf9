import json

import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import EmbeddingError
from explorer.embedding.embedding_columns import embedding_from_columns
from explorer.embedding.embedding_computation import compute_embedding
from explorer.embedding.feature_shares import shares_of
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.spec import MatrixSpec
from explorer.sources.source import open_source
from projections import feature_shares


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(700, 2)), columns=["x", "y"])
    frame["skewed"] = np.exp(3 * frame["x"])
    frame["group"] = rng.choice(["p", "q", "r"], 700)
    frame.loc[::9, "y"] = np.nan
    return frame


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_features_are_ordered_by_what_the_map_loses_without_them(cache, frame, method):
    source = open_source(frame, cache)
    spec = MatrixSpec(
        ("x", "y", "group"), weights={"y": 3.0}, encode={"group": "category"}, where="skewed < 5"
    )
    parameters = {} if method == "pca" else {"n_epochs": 30}
    made = compute_embedding(source, ProjectionSpec(spec, method, parameters))
    found = shares_of(source, made, cache)
    assert found[0].feature == "y"
    assert {one.feature for one in found} == {"x", "y", "group"}
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert all(len(one.loadings) == (2 if method == "pca" else 0) for one in found)
    json.dumps([one.document() for one in found], allow_nan=False)


def test_a_feature_s_columns_are_shuffled_as_they_were_projected(cache, frame):
    """The landmarks are all rows here: then it is what the engine says of the very matrix."""
    from explorer.features.matrix.matrix import build_matrix

    source = open_source(frame, cache)
    spec = MatrixSpec(("x", "y", "skewed"), transform={"skewed": "rank"})
    made = compute_embedding(source, ProjectionSpec(spec, "pca"))
    shares = feature_shares(build_matrix(source, spec).X, made.xy)
    found = {one.feature: one.share for one in shares_of(source, made, cache)}
    assert list(found.values()) == pytest.approx(
        sorted((one.value for one in shares), reverse=True), abs=1e-6
    )


def test_ready_coordinates_and_other_tables_are_refused(cache, frame):
    source = open_source(frame, cache)
    with pytest.raises(EmbeddingError, match="not known from which features"):
        shares_of(source, embedding_from_columns(source, "x", "skewed"), cache)
    made = compute_embedding(source, ProjectionSpec(MatrixSpec(("x", "skewed")), "pca"))
    with pytest.raises(EmbeddingError, match="fingerprint"):
        shares_of(open_source(frame[:100], cache), made, cache)
