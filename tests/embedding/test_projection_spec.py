import json

import numpy as np
import pytest

from explorer.core.errors import UnknownName
from explorer.embedding import projection_spec as module
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.spec import MatrixSpec
from explorer.selection.row_subset import RowSubset
from explorer.selection.selection import Selection
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


def test_chosen_rows_are_a_part_of_the_key_and_maps_of_all_rows_keep_theirs():
    def spec(rows, definition=None):
        mask = np.zeros(10, np.bool_)
        mask[rows] = True
        chosen = Selection(mask, "f", definition or {"expression": "a > 1"})
        return ProjectionSpec(MatrixSpec(("a", "b"), rows=RowSubset.of(chosen, "chosen")))

    one = spec([1, 2])
    assert one.key("f") == spec([1, 2]).key("f")
    others = [spec([1, 3]), spec([1, 2], {"expression": "b > 1"}), ProjectionSpec(MATRIX)]
    assert len({one.key("f"), *(other.key("f") for other in others)}) == 4
    assert "rows" not in ProjectionSpec(MATRIX).document()["matrix"]
    assert ProjectionSpec.from_document(json.loads(json.dumps(one.document()))) == one
    assert one.name == "UMAP of 2 features, chosen"
