"""The oracle is numpy.histogram."""

import numpy as np
import pytest

from explorer.map.raster.value_counts import value_counts


@pytest.mark.parametrize("bins", [1, 7, 36])
@pytest.mark.parametrize("masked", [False, True])
def test_counts_are_those_of_numpy_and_add_up_to_the_rows(bins, masked):
    rng = np.random.default_rng(bins)
    for low, high in ((-1.0, 1.0), (0.1, 0.7), (-1e30, 1e30), (1e-40, 3e-40), (5.0, 5.0 + 1e-6)):
        edges = np.linspace(low, high, bins + 1)
        values = np.concatenate(
            [
                rng.normal(low, high - low, 3000),
                rng.uniform(low, high, 3000),
                rng.choice(edges, 500),
                [np.nan, np.nan, np.inf, -np.inf, -np.inf, low, high],
            ]
        ).astype(np.float32)
        mask = rng.random(values.size) < 0.5 if masked else None
        found = value_counts(values, edges, mask)
        kept = values if mask is None else values[mask]
        known = kept[np.isfinite(kept)].astype(np.float64)
        assert np.array_equal(found.bins, np.histogram(known, edges)[0])
        assert (found.below, found.above) == ((known < edges[0]).sum(), (known > edges[-1]).sum())
        assert (found.missing, found.infinite) == (np.isnan(kept).sum(), np.isinf(kept).sum())
        assert (
            found.bins.sum() + found.below + found.above + found.missing + found.infinite
            == kept.size
        )


def test_no_values_are_no_rows():
    found = value_counts(np.empty(0, np.float32), np.linspace(0, 1, 5))
    assert found.bins.tolist() == [0, 0, 0, 0]
    assert found.below == found.above == found.missing == found.infinite == 0
