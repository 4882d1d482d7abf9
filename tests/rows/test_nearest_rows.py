"""Nearest rows against scikit-learn's exact search in the matrix of the same request."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from explorer.embedding.embedding_computation import compute_embedding
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.matrix import build_matrix
from explorer.rows import nearest_rows
from explorer.rows.nearest_rows import NearestRows
from explorer.table.table import open_table

N = 900


class Shown:
    """A table and the embedding that is shown of it."""

    def __init__(self, table, embedding):
        self.table = table
        self.embedding = lambda: embedding


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    made = pd.DataFrame(rng.normal(size=(N, 3)), columns=["a", "b", "c"])
    made.loc[rng.random(N) < 0.1, "b"] = np.nan
    made["kind"] = rng.choice(["x", "y", "z"], N)
    made["name"] = [f"row number {i}" for i in range(N)]
    made.loc[5, ["a", "b", "c", "kind"]] = made.loc[700, ["a", "b", "c", "kind"]]  # copies
    return made


def shown(**policy) -> Shown:
    table = open_table(frame())
    spec = table.matrix_spec(["a", "b", "c", "kind"], **policy)
    return Shown(table, compute_embedding(table.source, ProjectionSpec(spec, "pca", {}, 0)))


def near(shown: Shown) -> NearestRows:
    return NearestRows(shown.table, shown.embedding)


def oracle(session: Shown, row: int, most: int = 10) -> tuple[list[int], list[float]]:
    spec = session.table.matrix_spec(["a", "b", "c", "kind"], **session.policy)
    matrix = build_matrix(session.table.source, spec)
    X = matrix.X.astype(np.float64)
    place = int(np.searchsorted(matrix.rows, row))
    distances, found = (
        NearestNeighbors(n_neighbors=most + 1, algorithm="brute").fit(X).kneighbors(X[[place]])
    )
    kept = [(d, matrix.rows[i]) for d, i in zip(distances[0], found[0], strict=True) if i != place][
        :most
    ]
    return [int(row) for _, row in kept], [float(d) for d, _ in kept]


POLICIES = [
    {"scale": "standard"}, {"scale": "robust", "weights": {"a": 3.0}},
    {"missing": "indicator", "transform": {"c": "rank"}}, {"missing": "drop"},
    {"where": "c > -1 and kind <> 'z'"},
]  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kept_cells", [0, 10**6])
def test_rows_and_distances_are_those_of_an_exact_search(policy, kept_cells, monkeypatch):
    monkeypatch.setattr(nearest_rows, "_KEPT_CELLS", kept_cells)
    monkeypatch.setattr(nearest_rows, "_BATCH_ROWS", 128)
    session = shown(**policy)
    session.policy = policy
    search = near(session)
    for row in session.embedding().rows[[0, 17, 200, -1]].tolist():
        found = search.find(row)
        rows, distances = oracle(session, row)
        assert found.rows == rows
        assert np.allclose(found.distances, distances, rtol=1e-5, atol=1e-7)
        assert found.titles == [f"row number {near_row}" for near_row in rows]
        assert f"among {len(session.embedding()):,} rows" in found.words
        assert "4 scaled features" in found.words


def test_a_copy_is_at_distance_zero_and_the_row_itself_is_left_out():
    found = near(shown()).find(5)
    assert (found.rows[0], found.distances[0]) == (700, 0.0)
    assert 5 not in found.rows


def test_of_equal_rows_the_first_in_the_table_come_first():
    table = open_table(
        pd.DataFrame({"a": np.r_[np.zeros(40), np.ones(40)], "b": np.tile([0.0, 1.0], 40)})
    )
    spec = ProjectionSpec(table.matrix_spec(["a", "b"]), "pca", {}, 0)
    found = near(Shown(table, compute_embedding(table.source, spec))).find(0)
    assert found.rows == list(range(2, 22, 2))


def test_a_table_of_three_rows_has_two_neighbours():
    table = open_table(pd.DataFrame({"a": [0.0, 5.0, 1.0]}))
    spec = ProjectionSpec(table.matrix_spec(["a"]), "pca", {}, 0)
    assert near(Shown(table, compute_embedding(table.source, spec))).find(0).rows == [2, 1]


def test_a_row_that_is_not_on_the_map_is_said():
    session = shown(missing="drop")
    gone = int(np.flatnonzero(session.table.source.column("b").is_null())[0])
    found = near(session).find(gone)
    assert (found.rows, found.words[:26]) == ([], "This row is not on the map")


def test_coordinates_from_columns_have_no_features_behind_them(session):
    bare = Shown(session.table, session.projection.embedding())  # whose provenance names no matrix
    assert "it was not made from features" in near(bare).find(0).words
    assert near(Shown(session.table, None)).find(0).words == "There is no map yet."


def test_a_search_that_nobody_waits_for_ends(monkeypatch):
    monkeypatch.setattr(nearest_rows, "_BATCH_ROWS", 100)
    asked = []
    assert near(shown()).find(0, lambda: asked.append(1) or len(asked) < 3) is None
    assert len(asked) == 3
