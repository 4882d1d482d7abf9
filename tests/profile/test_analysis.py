"""From counts to a profile: what each kind of feature has, and what is said without figures."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from explorer.features.kind import Feature
from explorer.profile.analysis import profile_of_levels, profile_of_missing, profile_of_numbers
from explorer.profile.counting.counts import count_numbers
from explorer.profile.counting.level_counts import count_levels


def profiled(cells: pa.Array, kind: str = "numeric", sampled: int | None = None, **known: object):
    feature = Feature(name="x", kind=kind, **known)
    return profile_of_numbers(feature, count_numbers(pa.chunked_array([cells]), "x"), sampled)


def levels(cells: pa.Array, kind: str = "categorical"):
    return profile_of_levels(Feature(name="x", kind=kind), count_levels(pa.chunked_array([cells])))


def test_numbers_get_a_gaussian_check_with_its_plot_and_outliers() -> None:
    found = profiled(pa.array(np.exp(np.random.default_rng(0).normal(size=20_000))))
    assert (found.gaussian.grade, found.gaussian.transform) == ("not", "log")
    assert found.qq.n == 20_000
    assert found.outliers.after.transform == "log"
    # a lognormal's 7.9 % (Tukey) is skewness; its logarithm is a normal sample, with .698 %
    assert found.outliers.tukey_rate == pytest.approx(0.079, abs=0.008)
    assert found.outliers.after.tukey_rate == pytest.approx(0.00698, abs=0.0025)


@pytest.mark.parametrize("kind", ["boolean", "temporal"])
def test_booleans_and_times_have_no_gaussian_check(kind: str) -> None:
    cells = pa.array([0, 1, 1, 5], pa.int64()).cast(pa.timestamp("s"))
    found = profiled(cells if kind == "temporal" else pa.array([False, True, True]), kind)
    assert found.gaussian is found.qq is found.outliers is None
    assert (found.times is None) == (kind == "boolean")
    assert found.histogram is not None


def test_without_a_finite_cell_figures_do_not_exist() -> None:
    for cells in (
        pa.array([None, None], pa.float64()),
        pa.array([np.inf, -np.inf]),
        pa.array([], pa.float64()),
    ):
        found = profiled(cells)
        plain = (found.min, found.max, found.mean, found.std, found.skewness, found.excess_kurtosis)
        assert plain == (None,) * 6
        assert found.quantiles == found.histograms == {}
        assert found.histogram is found.strip is found.gaussian is found.outliers is None


def test_of_one_cell_there_is_a_mean_and_no_spread() -> None:
    found = profiled(pa.array([4.0]))
    assert (found.mean, found.min, found.std, found.skewness) == (4.0, 4.0, None, None)
    assert set(found.quantiles.values()) == {4.0}
    assert found.gaussian.reasons == ("only 1 row",)
    assert found.qq is None


def test_figures_near_the_largest_float_raise_no_warning_and_stay_right() -> None:
    cells = np.random.default_rng(0).uniform(-1, 1, 400) * 1.7e308
    found = profiled(pa.array(cells))
    scaled = cells / 1e300
    assert (found.min, found.max) == (cells.min(), cells.max())
    assert found.mean / 1e300 == pytest.approx(scaled.mean(), rel=1e-9)
    assert found.std / 1e300 == pytest.approx(scaled.std(ddof=1), rel=1e-9)
    assert found.quantiles["0.5"] / 1e300 == pytest.approx(np.median(scaled), rel=1e-9)
    assert found.gaussian.grade == "not"
    assert found.histogram.counts.sum() == 400


def test_integers_that_floats_cannot_tell_apart_are_said_to_be_rounded() -> None:
    found = profiled(pa.array(2**60 + np.arange(50)))
    assert (found.distinct, found.min) == (50, found.max)
    assert found.notes == ("integers beyond 2⁵³ rounded",)
    assert profiled(pa.array(2**52 + np.arange(50))).notes == ()


def test_words_of_the_catalogue_and_the_sample_are_taken_over() -> None:
    found = profiled(
        pa.array([1.0, 2.0, 9.0]), sampled=3, label="Height", unit="cm", valid_range=(None, 5.0)
    )
    assert (found.label, found.unit, found.outside, found.sampled) == ("Height", "cm", 1, 3)
    assert not found.exact
    assert found.seconds > 0


def test_levels_of_a_category_are_all_listed_and_of_prose_only_repeated_ones() -> None:
    words = pa.array(["b", "a", "b", None, "c", "", "b", "a"])
    found = levels(words)
    assert found.levels == (("b", 3), ("a", 2), ("", 1), ("c", 1))
    assert (found.rows, found.missing, found.distinct, found.others) == (8, 1, 4, 0)
    prose = levels(words, "text")
    assert prose.levels == (("b", 3), ("a", 2))
    assert prose.others == 2


def test_a_thousand_levels_are_listed_and_the_cells_of_others_counted() -> None:
    numbers = np.concatenate([np.arange(3_000), np.arange(500)])
    found = levels(pa.array([f"level {i}" for i in numbers]))
    assert (found.distinct, len(found.levels), found.levels[0][1], found.levels[-1][1]) == (
        3_000,
        1_000,
        2,
        1,
    )
    assert found.others == numbers.size - sum(count for _, count in found.levels) == 2_000


def test_what_is_not_profiled_says_so() -> None:
    feature = Feature(name="x", kind="text", notes=("not profiled",))
    found = profile_of_missing(feature, 10, 4)
    assert (found.rows, found.missing, found.exact) == (10, 4, True)
    assert found.notes == ("40 % missing", "not profiled")
    assert not profile_of_missing(feature, 10, 4, sampled=10).exact
