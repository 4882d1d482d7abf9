import numpy as np
import pytest

from explorer.map.map_store import build_store
from explorer.map.raster.frame import frame
from explorer.map.viewport import Viewport


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """2,000 rows in a Gaussian blob."""
    xy = np.random.default_rng(0).standard_normal((2_000, 2)).astype(np.float32)
    return build_store(xy, tmp_path_factory.mktemp("figures") / "map")


@pytest.fixture(scope="session")
def draw(store):
    """Draw a frame of the blob."""

    def drawn(colour, size=(120, 90), **more):
        return frame(store, Viewport.fitted(store.extent, *size), colour, **more)

    return drawn
