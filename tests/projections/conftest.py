"""Small data with known shape, shared by the tests of the projections."""

import numpy as np
import pytest


@pytest.fixture
def clusters(rng):
    """600 rows in 6 clusters of 10 features."""
    centres = rng.normal(scale=6.0, size=(6, 10))
    return (centres[np.arange(600) % 6] + rng.normal(size=(600, 10))).astype(np.float32)
