from __future__ import annotations

import json
from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from scipy.stats import median_abs_deviation, norm

from explorer.core.errors import FeatureError
from explorer.profile.checks.outliers import Outliers, Rates, find_outliers, rates_after
from explorer.profile.counting.distribution import Distribution


def outliers(cells: np.ndarray | list[float]) -> Outliers:
    return find_outliers(Distribution.of(np.asarray(cells, float)))


def test_expected_rates_are_those_of_a_gaussian() -> None:
    found = outliers([1.0, 2.0])
    q = norm.ppf(0.75)
    assert found.mad_expected == pytest.approx(2 * norm.sf(3.5))
    assert found.tukey_expected == pytest.approx(2 * norm.sf(q + 1.5 * 2 * q))
    assert found.far_expected == pytest.approx(2 * norm.sf(q + 3 * 2 * q))
    assert (found.mad_expected, found.tukey_expected) == pytest.approx(
        (0.000465, 0.00698), rel=2e-3
    )


def test_rates_of_a_normal_sample_are_the_expected_ones_within_sampling_error() -> None:
    n = 400_000
    found = outliers(np.random.default_rng(0).normal(3, 2, n))
    for rate, expected in (
        (found.mad_rate, found.mad_expected),
        (found.tukey_rate, found.tukey_expected),
        (found.adjusted_rate, found.tukey_expected),
        (found.far_rate, found.far_expected),
    ):
        # four binomial errors, and as much again for the fences' own
        assert abs(rate - expected) < 8 * np.sqrt(expected / n)
    assert found.words == ()


@pytest.mark.parametrize("draw", ["normal", "lognormal", "standard_cauchy", "random"])
def test_counts_are_those_of_the_formulas(draw: str) -> None:
    cells = getattr(np.random.default_rng(1), draw)(size=5_001)
    found = outliers(cells)
    z = norm.ppf(0.75) * np.abs(cells - np.median(cells)) / median_abs_deviation(cells)
    q1, q3 = np.quantile(cells, [0.25, 0.75])
    assert found.mad_count == (z > 3.5).sum()
    for count, steps in ((found.tukey_count, 1.5), (found.far_count, 3)):
        assert count == ((cells < q1 - steps * (q3 - q1)) | (cells > q3 + steps * (q3 - q1))).sum()
    assert found.tukey_range is not None
    assert (
        found.tukey_count == ((cells < found.tukey_range[0]) | (cells > found.tukey_range[1])).sum()
    )
    assert found.mad_rate == found.mad_count / 5_001


def test_a_lognormals_outliers_are_its_skewness() -> None:
    whole = Distribution.of(np.random.default_rng(2).lognormal(size=100_000))
    before, after = find_outliers(whole), rates_after(whole, "log")
    assert before.tukey_rate == pytest.approx(0.078, abs=0.003)
    assert after.tukey_rate == pytest.approx(before.tukey_expected, rel=0.15)
    assert before.isolated == ()
    assert [text.split()[-1] for text in before.words] == ["extreme"]
    assert replace(before, after=after).words == ()


@pytest.mark.parametrize("name", ["log", "log1p", "sqrt", "none", "rank"])
def test_rates_after_are_those_of_the_transformed_cells(name: str) -> None:
    cells = np.random.default_rng(3).lognormal(size=4_000)
    functions = {"log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "none": np.array}
    done = np.argsort(np.argsort(cells)) if name == "rank" else functions[name](cells)
    after, expected = rates_after(Distribution.of(cells), name), outliers(done.astype(float))
    assert (after.mad_rate, after.tukey_rate, after.far_rate) == pytest.approx(
        (expected.mad_rate, expected.tukey_rate, expected.far_rate)
    )


def test_rates_after_yeo_johnson_use_its_lambda() -> None:
    from scipy.stats import yeojohnson

    cells = np.random.default_rng(4).gamma(1, size=4_000) - 1
    expected = outliers(yeojohnson(cells, 0.3))
    assert (
        rates_after(Distribution.of(cells), "yeojohnson", (0.3,)).tukey_rate == expected.tukey_rate
    )


def test_a_transform_that_is_not_defined_is_refused() -> None:
    with pytest.raises(FeatureError, match="at or below 0"):
        rates_after(Distribution.of(np.array([-1.0, 2, 3])), "log")


@pytest.mark.parametrize("sd", [2.2, 10])
def test_rates_of_rounded_values_are_those_of_the_textbook(sd: float) -> None:
    cells = np.round(np.random.default_rng(5).normal(170, sd, 100_000))
    found = outliers(cells)
    q1, q3 = np.quantile(cells, [0.25, 0.75])
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    assert found.tukey_count == ((cells < low) | (cells > high)).sum()
    z = 0.6744897501960817 * np.abs(cells - np.median(cells)) / median_abs_deviation(cells)
    assert found.mad_count == (z > 3.5).sum()


@pytest.mark.parametrize("share", [0.5, 0.1, 0.02, 0.001])
def test_a_rare_event_is_no_outlier(share: float) -> None:
    found = outliers(np.random.default_rng(6).random(20_000) < share)
    assert found.tukey_count == found.far_count == found.mad_count == 0
    assert found.words == ()


def test_zero_inflation_is_judged_by_the_other_cells() -> None:
    rng = np.random.default_rng(7)
    others = rng.lognormal(size=2_000)
    found = outliers(np.concatenate([np.zeros(8_000), others]))
    assert found.fences == "quartiles of the values other than 0"
    q1, q3 = np.quantile(others, [0.25, 0.75])
    assert found.tukey_count == (others > q3 + 1.5 * (q3 - q1)).sum()
    assert found.scale == "mean absolute deviation"
    assert found.adjusted_range is None


@pytest.mark.parametrize("cells", [[], [4.0], [4.0] * 30])
def test_without_spread_nothing_is_defined(cells: list[float]) -> None:
    found = outliers(cells)
    assert (found.scale, found.mad_range, found.tukey_range) == ("undefined", None, None)
    assert isnan(found.mad_rate)
    assert isnan(found.tukey_rate)
    assert found.words == ()
    assert Outliers.from_document(found.document()).document() == found.document()


def test_words_name_sentinels_isolated_values_and_far_cells_once() -> None:
    cells = np.random.default_rng(8).normal(50, 10, 10_000)
    cells[:120] = -999
    cells[120:122] = [4_000, 4_100]
    found = outliers(cells)
    assert found.words == (
        "−999 looks like a sentinel (1.2 %)",
        "2 isolated values",
        "1.2 % extreme",
    )
    cells[:120] = 50
    cells[:3] = 999
    cells[120:122] = 50
    assert outliers(cells).words == ("999 looks like a sentinel (< .1 %)",)


def test_the_document_is_json_and_comes_back() -> None:
    cells = np.random.default_rng(9).lognormal(size=5_000)
    cells[:2], cells[2] = -999, 1e7
    whole = Distribution.of(cells)
    found = replace(
        find_outliers(whole),
        after=Rates(transform="log", mad_rate=0.0, tukey_rate=float("nan"), far_rate=0.1),
        isolated_rows=tuple(range(100)),
    )
    text = json.dumps(found.document(), allow_nan=False)
    back = Outliers.from_document(json.loads(text))
    assert back.document() == found.document()
    assert back.isolated == found.isolated
    assert back.sentinel_like == found.sentinel_like
    assert back.words == found.words
    assert back.isolated_rows == tuple(range(100))
    assert back.after is not None
    assert isnan(back.after.tukey_rate)


def test_thinning_hardly_changes_the_rates() -> None:
    whole = Distribution.of(np.random.default_rng(10).standard_t(4, 200_000))
    exact, thin = find_outliers(whole), find_outliers(whole.thinned(4_096))
    assert thin.tukey_rate == pytest.approx(exact.tukey_rate, abs=1e-3)
    assert thin.mad_rate == pytest.approx(exact.mad_rate, abs=1e-3)
