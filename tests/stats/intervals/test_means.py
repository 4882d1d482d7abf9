from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from explorer.stats.intervals.means import satterthwaite, welch

USERS = pq.read_table(Path(__file__).parents[1] / "tea_tasting_users.parquet")


def test_the_known_answer_of_growthbook_is_met() -> None:
    # gbstats, test_two_sided_ttest_absolute: sums and sums of squares of two arms
    control, treatment = (1396.87, 52377.9767, 3407), (2422.7, 134698.29, 3461)
    (c, vc, nc), (t, vt, nt) = (
        (s / n, (ss - s * s / n) / (n - 1), n) for s, ss, n in (control, treatment)
    )
    found = welch(t, vt, nt, c, vc, nc)
    low, high = found.interval(0.95)
    assert float(found.value) == pytest.approx(0.29, abs=5e-5)
    assert float(found.error) == pytest.approx(0.12478, abs=5e-6)
    assert (float(low), float(high)) == pytest.approx((0.04538, 0.53462), abs=5e-6)
    assert float(found.p_value) == pytest.approx(0.02016, abs=5e-6)


def test_test_degrees_of_freedom_and_interval_are_scipy_s() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 3, size=(5, 12)), rng.exponential(2, size=(5, 40))
    expected = stats.ttest_ind(a, b, axis=1, equal_var=False)
    found = welch(a.mean(1), a.var(1, ddof=1), 12, b.mean(1), b.var(1, ddof=1), 40)
    np.testing.assert_allclose(found.p_value, expected.pvalue)
    np.testing.assert_allclose(found.df, expected.df)
    np.testing.assert_allclose(found.interval(0.9), expected.confidence_interval(0.9))


@pytest.mark.parametrize(
    ("metric", "p_value"), [("sessions", 0.674), ("orders", 0.118), ("revenue", 0.123)]
)
def test_p_values_are_those_that_tea_tasting_prints(metric: str, p_value: float) -> None:
    values, arm = USERS[metric].to_numpy().astype(float), USERS["variant"].to_numpy()
    t, c = values[arm == 1], values[arm == 0]
    found = welch(t.mean(), t.var(ddof=1), t.size, c.mean(), c.var(ddof=1), c.size)
    assert float(found.p_value) == pytest.approx(p_value, abs=5e-4)


def test_what_cannot_be_told_is_nan_without_a_warning() -> None:
    found = welch(
        [1.0, 2.0, 2.0, np.nan], [0.0, 1.0, 1.0, 1.0], [9, 1, 0, 9], 0.0, [0.0, 1, 1, 1], 9
    )
    assert np.isnan(found.p_value).all()
    assert found.error[0] == 0
    assert np.isnan(found.error[1:3]).all()


def test_variances_too_small_to_square_keep_their_degrees_of_freedom() -> None:
    assert satterthwaite(1e-200, 9, 1e-200, 9) == pytest.approx(18)
    assert satterthwaite(0.0, 9, 1.0, 7) == pytest.approx(7)
