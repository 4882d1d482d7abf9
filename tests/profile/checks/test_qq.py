from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from explorer.profile.checks.qq import QQ, qq_points
from explorer.profile.counting.distribution import Distribution


def of_distinct(ordered: np.ndarray) -> Distribution:
    return Distribution(ordered, np.arange(1, ordered.size + 1), np.ones(ordered.size, np.int64))


def inside(found: QQ) -> bool:
    return bool(((found.observed >= found.low) & (found.observed <= found.high)).all())


@pytest.mark.parametrize(("n", "samples"), [(20, 1_500), (75, 1_500), (400, 1_500), (3_000, 900)])
def test_the_band_holds_all_points_of_95_of_100_normal_samples(n: int, samples: int) -> None:
    rng = np.random.default_rng(n)
    held = [inside(qq_points(of_distinct(np.sort(rng.normal(170, 8, n))))) for _ in range(samples)]
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.parametrize("n", [10**6, 10**8])
def test_the_band_holds_for_any_number_of_rows(n: int) -> None:
    """Order statistics of uniforms at the plotted ranks, by Beta steps from rank to rank."""
    found = qq_points(
        Distribution(np.array([0.0, 1.0]), np.array([n // 2, n]), np.array([n // 2, n - n // 2]))
    )
    shares = np.concatenate([stats.norm.cdf(found.theoretical), np.arange(0.1, 0.91, 0.05)])
    ranks = np.unique(np.round(shares * n + 0.5))
    rng = np.random.default_rng(7)
    uniform, last = np.zeros((600, ranks.size)), np.zeros(600)
    for i, rank in enumerate(ranks):
        before = ranks[i - 1] if i else 0
        last = last + (1 - last) * rng.beta(rank - before, n + 1 - rank, 600)
        uniform[:, i] = last
    held = []
    mid = (ranks - 0.5) / n
    line = (found.theoretical, found.low, found.high)
    fit_at = np.arange(0.1, 0.91, 0.05)
    center, spread = _line_of(found, fit_at)
    for sample in stats.norm.ppf(uniform):
        quantiles, normal = np.interp(fit_at, mid, sample), stats.norm.ppf(fit_at)
        slope = quantiles @ normal / (normal @ normal)
        place = (np.interp(line[0], stats.norm.ppf(mid), sample) - quantiles.mean()) / slope
        held.append(
            bool(
                (
                    (place >= (line[1] - center) / spread) & (place <= (line[2] - center) / spread)
                ).all()
            )
        )
    assert 0.92 <= np.mean(held) <= 0.97


def _line_of(found: QQ, shares: np.ndarray) -> tuple[float, float]:
    from explorer.profile.checks.gaussian_grade import fit_normal

    n = found.n
    fit = fit_normal(
        Distribution(np.array([0.0, 1.0]), np.array([n // 2, n]), np.array([n // 2, n - n // 2]))
    )
    return fit.center, fit.spread


def test_points_are_the_order_statistics_at_their_mid_probabilities() -> None:
    cells = np.sort(np.random.default_rng(0).normal(size=150))
    found = qq_points(of_distinct(cells))
    assert found.observed == pytest.approx(cells)
    assert found.theoretical == pytest.approx(stats.norm.ppf((np.arange(150) + 0.5) / 150))


@pytest.mark.parametrize("n", [201, 202, 1_000, 54_321, 10**7])
def test_there_are_at_most_201_points_and_the_extremes_are_among_them(n: int) -> None:
    distribution = Distribution(
        np.array([0.0, 1.0, 2.0]),
        np.array([n // 4, n - n // 4, n]),
        np.array([n // 4, n - 2 * (n // 4), n // 4]),
    )
    found = qq_points(distribution)
    assert 100 < found.theoretical.size <= 201
    assert found.theoretical[0] == pytest.approx(stats.norm.ppf(0.5 / n))
    assert found.theoretical[-1] == pytest.approx(-stats.norm.ppf(0.5 / n))
    assert (np.diff(found.theoretical) > 0).all()
    assert (np.diff(found.observed) >= 0).all()


def test_other_shapes_leave_the_band_and_it_says_at_how_many_points() -> None:
    rng = np.random.default_rng(1)
    found = qq_points(Distribution.of(rng.exponential(1, 2_000)))
    outside = np.count_nonzero((found.observed < found.low) | (found.observed > found.high))
    assert outside > 50
    assert f"here {outside} of {found.observed.size} points lie outside" in found.words
    assert "2,000 rows" in found.words


def test_rounded_values_stay_in_the_band_of_moderate_samples() -> None:
    cells = np.round(np.random.default_rng(2).normal(170, 10, 2_000))
    assert inside(qq_points(Distribution.of(cells)))


def test_thinned_distributions_show_only_kept_values_in_their_tails() -> None:
    cells = np.random.default_rng(3).standard_cauchy(500_000)
    whole = Distribution.of(cells)
    found = qq_points(whole.thinned(2_000))
    assert np.isin(found.observed[[0, -1]], cells).all()
    shares = stats.norm.cdf(found.theoretical)
    assert found.observed == pytest.approx(whole.mid_quantile(shares), rel=0.02, abs=0.02)


def test_a_band_is_simulated_once_and_is_always_the_same() -> None:
    cells = np.random.default_rng(4).normal(size=300)
    first, second = qq_points(Distribution.of(cells)), qq_points(Distribution.of(cells))
    assert np.array_equal(first.low, second.low)


@pytest.mark.parametrize("cells", [[1.0], [2.0, 2.0, 2.0], [1.0, 2.0, 4.0]])
def test_too_few_or_equal_cells_have_no_band(cells: list[float]) -> None:
    found = qq_points(Distribution.of(np.array(cells)))
    assert np.isnan(found.low).all()
    assert found.words.startswith("no band")


def test_the_document_is_json_and_comes_back() -> None:
    for cells in (np.arange(50.0), np.full(4, 1.0)):
        found = qq_points(Distribution.of(cells))
        text = json.dumps(found.document(), allow_nan=False)
        back = QQ.from_document(json.loads(text))
        assert back.words == found.words
        for name in ("theoretical", "observed", "low", "high"):
            np.testing.assert_array_equal(getattr(back, name), getattr(found, name))
