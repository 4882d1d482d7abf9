import json
from itertools import combinations

import numpy as np
import pytest
from scipy.spatial import procrustes
from sklearn.neighbors import NearestNeighbors

from projections import UMAP, Cancelled, stability
from projections.errors import ProjectionError


@pytest.fixture
def umap():
    return UMAP(n_epochs=20)


def test_shared_neighbours_and_disparity_are_those_of_other_libraries(clusters, umap):
    found = stability(clusters, umap, n_seeds=3, n_neighbors=10, random_state=4)
    maps = [
        UMAP(n_epochs=20, random_state=seed, landmarks=None).fit_transform(clusters)
        for seed in (4, 5, 6)
    ]
    near = [
        NearestNeighbors(n_neighbors=10).fit(one).kneighbors(return_distance=False) for one in maps
    ]
    shared = [
        [len(set(a) & set(b)) / 10 for a, b in zip(one, other, strict=True)]
        for one, other in combinations(near, 2)
    ]
    assert found.neighbors_shared == pytest.approx(np.mean(shared), abs=1e-3)
    assert found.per_point[1] == pytest.approx(np.mean(shared, axis=0), abs=0.11)
    assert found.disparity == pytest.approx(
        max(procrustes(a.astype(float), b.astype(float))[2] for a, b in combinations(maps, 2)),
        abs=1e-9,
    )
    assert found.chance == 10 / (len(clusters) - 1)
    assert found.low < found.neighbors_shared < found.high
    assert found.seeds == (4, 5, 6)


def test_structure_is_stable_and_noise_is_less_so(clusters, rng, umap):
    noise = rng.normal(size=clusters.shape)
    assert stability(clusters, umap).disparity < stability(noise, umap).disparity


def test_so_many_rows_are_laid_out_whatever_the_parameters_of_the_map(clusters):
    found = stability(clusters, UMAP(n_epochs=5, landmarks=10), n_seeds=2, n_rows=100)
    rows, shares = found.per_point
    assert len(rows) == len(shares) == found.n_rows == 100
    assert (np.diff(rows) > 0).all()
    assert "per_point" not in json.loads(json.dumps(found.document()))


def test_progress_counts_maps_and_false_cancels(clusters, umap):
    seen = []
    stability(clusters, umap, n_seeds=2, progress=lambda *step: seen.append(step))
    assert seen[-1] == ("stability", 2, 2)
    with pytest.raises(Cancelled):
        stability(clusters, umap, progress=lambda *_: False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n_seeds": 1}, "n_seeds must be"),
        ({"n_rows": 3}, "n_rows must be"),
        ({"n_rows": 20, "n_neighbors": 20}, "less than the 20 rows"),
    ],
)
def test_what_cannot_be_compared_ends_in_one_line(clusters, arguments, words):
    with pytest.raises(ProjectionError, match=words):
        stability(clusters, **arguments)


def test_maps_of_equal_rows_are_the_same(umap):
    assert stability(np.ones((40, 3)), umap).disparity == 0.0
