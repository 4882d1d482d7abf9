import numpy as np
import pytest

from projections.errors import ProjectionError
from projections.moments import ScatterMoments


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_moments_of_batches_are_those_of_numpy(rng, offset):
    X = rng.normal(size=(1000, 4)) + offset
    moments = ScatterMoments(4)
    for part in np.array_split(X, [1, 10, 700]):
        moments.update(part)
    assert moments.count == 1000
    np.testing.assert_allclose(moments.mean, X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.scatter / 999, np.cov(X.T), rtol=1e-8, atol=1e-9)


def test_a_batch_with_other_columns_is_refused():
    moments = ScatterMoments(3)
    with pytest.raises(ProjectionError, match="3 columns"):
        moments.update(np.zeros((2, 4)))
