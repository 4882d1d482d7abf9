from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.stats.intervals.student import critical_value, two_sided


def test_critical_values_and_tails_are_those_of_scipy() -> None:
    df = np.array([1.0, 3.7, 30.0, 1e6, np.inf])
    np.testing.assert_allclose(critical_value(0.95, df), stats.t.ppf(0.975, df), rtol=1e-10)
    np.testing.assert_allclose(two_sided(-2.3, df), 2 * stats.t.sf(2.3, df), rtol=1e-10)
    assert critical_value(0.95) == pytest.approx(1.959963984540054)


def test_confidence_is_broadcast_over_cells() -> None:
    levels = np.array([[0.9], [0.99]])
    np.testing.assert_allclose(
        critical_value(levels, [5.0, np.inf]),
        stats.t.ppf((1 + levels) / 2, [5.0, np.inf]),
        rtol=1e-10,
    )


def test_what_is_not_defined_is_nan() -> None:
    assert np.isnan(critical_value([0.0, 1.0, 0.95, 0.95], [5.0, 5.0, 0.0, np.nan])).all()
    assert np.isnan(two_sided([np.nan, 1.0, 1.0], [5.0, 0.0, np.nan])).all()
