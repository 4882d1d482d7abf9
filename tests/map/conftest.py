from collections.abc import Callable

import numpy as np
import pytest

from explorer.map.map_store import MapStore, build_store


@pytest.fixture
def store_of(tmp_path) -> Callable[[np.ndarray], MapStore]:
    """Build a store from an embedding in a folder of its own."""
    built = []

    def build(xy) -> MapStore:
        built.append(build_store(xy, tmp_path / f"map{len(built)}"))
        return built[-1]

    return build


@pytest.fixture
def blobs() -> np.ndarray:
    """20,000 rows in eight blobs of different size, float32."""
    rng = np.random.default_rng(0)
    centres, spreads = rng.uniform(-10, 10, (8, 2)), rng.uniform(0.05, 2, 8)
    blob = rng.integers(0, 8, 20_000)
    return (centres[blob] + rng.standard_normal((20_000, 2)) * spreads[blob, None]).astype(
        np.float32
    )


@pytest.fixture
def store(store_of, blobs) -> MapStore:
    return store_of(blobs)
