import pytest

from projections import UMAP, umap
from projections.cost import (
    _AUTO_ABOVE,
    _AUTO_LANDMARKS,
    check_memory,
    pca_bytes,
    umap_bytes,
    umap_seconds,
)
from projections.errors import ProjectionError


def test_the_cost_of_landmarks_is_that_of_the_engine_s_own():
    assert (umap.LANDMARKS_ABOVE, umap.N_LANDMARKS) == (_AUTO_ABOVE, _AUTO_LANDMARKS)


@pytest.mark.parametrize("landmarks", ["auto", None, 200])
def test_the_stages_are_those_of_a_fit(clusters, landmarks, monkeypatch):
    for module in ("umap.LANDMARKS_ABOVE", "cost._AUTO_ABOVE"):
        monkeypatch.setattr(f"projections.{module}", 300)
    for module in ("umap.N_LANDMARKS", "cost._AUTO_LANDMARKS"):
        monkeypatch.setattr(f"projections.{module}", 200)
    fitted = UMAP(n_epochs=5, landmarks=landmarks).fit(clusters).stage_seconds_
    forecast = umap_seconds(len(clusters), 10, {"landmarks": landmarks, "n_epochs": 5})
    assert list(forecast) == [stage for stage in fitted if stage != "start"]


def test_what_fits_is_let_through_and_what_nobody_knows_too():
    check_memory(1_000_000, 30, "UMAP", umap_bytes, {"landmarks": "auto"}, free=10 * 10**9)
    check_memory(10**9, 30, "UMAP", umap_bytes, {"landmarks": "auto"}, free=None)


def test_what_does_not_fit_is_refused_with_landmarks_as_a_way_out():
    free = int(1.5 * umap_bytes(20_000_000, 30, {"landmarks": 100_000}))
    with pytest.raises(
        ProjectionError,
        match=r"UMAP of 20,000,000 rows × 30 .* project with landmarks=100000 .* or with fewer",
    ):
        check_memory(20_000_000, 30, "UMAP", umap_bytes, {"landmarks": "auto"}, free=free)
    with pytest.raises(ProjectionError, match=r"PCA of .* project with fewer rows"):
        check_memory(20_000_000, 30, "PCA", lambda n, _d, _parameters: pca_bytes(n), {}, free=10**6)
