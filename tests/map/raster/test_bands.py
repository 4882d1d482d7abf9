import numpy as np
import pytest

from explorer.map.raster import bands, pool
from explorer.map.raster.bands import Bands
from explorer.map.viewport import Viewport

WHOLE = Viewport((-30.0, 30.0), (-30.0, 30.0), 90, 70)


@pytest.fixture
def store(store_of, blobs):
    return store_of(blobs)


def test_few_rows_are_one_band(store):
    assert Bands.of(store, WHOLE).cuts == [(0, 70)]


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_bands_cover_the_picture_without_overlap(store, monkeypatch, threads):
    monkeypatch.setattr(bands, "_FEW_ROWS", 0)
    monkeypatch.setattr(pool, "n_threads", lambda: threads)
    for v in (
        WHOLE,
        Viewport((50.0, 60.0), (50.0, 60.0), 9, 7),
        Viewport((-1.0, 1.0), (-1.0, 1.0), 5, 1),
    ):
        cuts = Bands.of(store, v).cuts
        assert [row for first, last in cuts for row in range(first, last)] == list(range(v.height))


def test_every_band_is_handed_to_the_kernel_once_with_what_is_shared(store, monkeypatch):
    monkeypatch.setattr(bands, "_FEW_ROWS", 0)
    monkeypatch.setattr(pool, "n_threads", lambda: 3)
    found = Bands.of(store, WHOLE)

    def kernel(xs, _ys, states, _runs, _geometry, shape, band, *shared):
        return xs.size, states.size, shape, band, shared

    assert found.run(kernel, np.empty(0, np.uint8), "a", 1) == [
        (store.n, 0, (70, 90), band, ("a", 1)) for band in found.cuts
    ]
