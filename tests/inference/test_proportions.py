import math

import numpy as np
import pytest
from scipy import stats

from explorer.inference.proportions import difference_beyond, newcombe, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 10), (81, 263), (1, 1)])
def test_wilson_s_interval_is_scipy_s(hits, n):
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "interval"),
    [
        # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_s_interval_is_the_published_one(counts, interval):
    assert newcombe(*counts) == pytest.approx(interval, abs=5e-5)


def test_without_rows_nothing_is_known():
    assert wilson(0, 0) == (0.0, 1.0)
    assert newcombe(0, 0, 3, 10) == (-1.0, 1.0)
    assert math.isnan(difference_beyond(0, 0, 1, 2, 0.05))


def test_a_margin_is_exceeded_by_chance_as_often_as_said():
    rng = np.random.default_rng(0)
    hits, other = rng.binomial(2_000, 0.35, 2_000), rng.binomial(3_000, 0.3, 2_000)
    beyond = [difference_beyond(int(a), 2_000, int(b), 3_000, 0.05) for a, b in zip(hits, other, strict=True)]
    assert np.mean(np.array(beyond) < 0.05) == pytest.approx(0.05, abs=0.015)
    inside = [difference_beyond(int(a), 2_000, int(b), 3_000, 0.1) for a, b in zip(hits, other, strict=True)]
    assert np.mean(np.array(inside) < 0.05) < 0.005


def test_without_a_margin_it_is_the_test_of_equality():
    assert difference_beyond(300, 1_000, 250, 1_000, 0.0) == pytest.approx(
        stats.chi2_contingency([[300, 700], [250, 750]], correction=False).pvalue, rel=0.03
    )
