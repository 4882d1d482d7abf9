import json

import numpy as np
import pytest

from explorer.core.errors import UnknownName
from explorer.embedding import projection_spec as module
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.spec import MatrixSpec
from projections.errors import ProjectionError

MATRIX = MatrixSpec(("a", "b"))


def test_a_spec_comes_back_from_its_json():
    spec = ProjectionSpec(
        MatrixSpec(("b", "a"), "robust", weights={"a": 2}), "umap", {"n_neighbors": 30}, None
    )
    again = ProjectionSpec.from_document(json.loads(json.dumps(spec.document())))
    assert again == spec
    assert hash(again) == hash(spec)
    assert again.key("f") == spec.key("f")


def test_everything_that_matters_changes_the_key(monkeypatch):
    base = ProjectionSpec(MATRIX, "umap", {}, 0)
    others = [
        ProjectionSpec(MatrixSpec(("a",)), "umap", {}, 0),
        ProjectionSpec(MatrixSpec(("a", "b"), scale="none"), "umap", {}, 0),
        ProjectionSpec(MatrixSpec(("a", "b"), where="a > 0"), "umap", {}, 0),
        ProjectionSpec(MATRIX, "pca", {}, 0),
        ProjectionSpec(MATRIX, "umap", {"min_dist": 0.2}, 0),
        ProjectionSpec(MATRIX, "umap", {}, 1),
        ProjectionSpec(MATRIX, "umap", {}, None),
    ]
    keys = {base.key("f"), base.key("g"), *(other.key("f") for other in others)}
    monkeypatch.setattr(module, "versions", lambda: {"numpy": "99"})
    keys.add(base.key("f"))
    assert len(keys) == len(others) + 3


def test_defaults_and_number_types_and_order_do_not_change_the_key():
    base = ProjectionSpec(MATRIX)
    for parameters in (
        {"n_neighbors": 15},
        {"n_neighbors": 15.0, "min_dist": np.float64(0.1)},
        {"n_epochs": None},
    ):
        assert ProjectionSpec(MATRIX, "umap", parameters) == base
        assert ProjectionSpec(MATRIX, "umap", parameters).key("f") == base.key("f")
    assert ProjectionSpec(MatrixSpec(("b", "a"))).key("f") == base.key("f")
    assert (
        ProjectionSpec(MATRIX, "umap", {"n_neighbors": np.int64(15)}).document() == base.document()
    )


def test_unknown_methods_and_parameters_are_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'umap'"):
        ProjectionSpec(MATRIX, "unap")
    with pytest.raises(UnknownName, match="did you mean 'n_neighbors'"):
        ProjectionSpec(MATRIX, "umap", {"n_neighbours": 3})
    with pytest.raises(UnknownName, match="there are none"):
        ProjectionSpec(MATRIX, "pca", {"whiten": True})


def test_names_tell_specs_of_one_table_apart():
    assert ProjectionSpec(MATRIX, "pca").name == "PCA of 2 features"
    assert ProjectionSpec(MatrixSpec(("a",)), "pca").name == "PCA of a"
    other = ProjectionSpec(MatrixSpec(("a", "b"), where="a > 0"), "umap", {"n_neighbors": 30})
    assert other.name == "UMAP of 2 features, n_neighbors=30, where a > 0"


def test_a_seed_is_any_whole_number_and_nothing_else():
    seeded = ProjectionSpec(MATRIX, random_state=np.int64(3))
    assert seeded.key("f") == ProjectionSpec(MATRIX, random_state=3).key("f")
    for seed in (np.random.RandomState(0), 1.5, -1, True, "0"):
        with pytest.raises(
            ProjectionError, match=r"random_state .* must be an integer of at least 0"
        ):
            ProjectionSpec(MATRIX, random_state=seed)
