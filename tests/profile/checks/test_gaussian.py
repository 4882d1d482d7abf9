from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from explorer.profile.checks.gaussian import (
    Gaussian,
    check_gaussian,
    gaussian_within,
    normal_p_value,
)
from explorer.profile.checks.gaussian_grade import (
    chance_distance,
    chance_gap,
    fit_normal,
    grade_distribution,
)
from explorer.profile.counting.distribution import Distribution
from projections.errors import Cancelled

N = 200_000


def check(cells: np.ndarray, **options: object) -> Gaussian:
    return check_gaussian(Distribution.of(np.asarray(cells, dtype=np.float64)), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def normal() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(N)


def test_a_normal_is_close_and_its_line_is_found(normal: np.ndarray) -> None:
    found = check(170 + 10 * normal)
    assert found.grade == "close"
    assert found.reasons == ()
    assert found.transform is None
    assert found.center == pytest.approx(170, abs=0.15)
    assert found.spread == pytest.approx(10, rel=0.01)
    assert found.l_kurtosis == pytest.approx(0.1226, abs=0.003)


def test_a_t_distribution_with_100_degrees_of_freedom_is_close_at_a_million_rows() -> None:
    found = check(np.random.default_rng(1).standard_t(100, 10**6))
    assert found.grade == "close"
    assert found.ks_distance < 0.003


@pytest.mark.parametrize("step", [0.1, 0.25, 0.5])
def test_rounding_up_to_half_a_standard_deviation_does_not_fail_a_normal(
    normal: np.ndarray, step: float
) -> None:
    assert check(np.round(normal / step) * step).grade == "close"
    assert check(np.round((normal + 0.31) / step) * step).grade == "close"


def test_rounding_to_whole_standard_deviations_is_workable_for_its_few_values(
    normal: np.ndarray,
) -> None:
    found = check(np.round(normal))
    assert (found.grade, found.reasons) == ("workable", ("few values",))


def test_two_far_normals_are_not_normal_although_their_skewness_is_0(normal: np.ndarray) -> None:
    cells = np.where(np.arange(N) % 2, normal - 5, normal + 5)
    assert abs(stats.skew(cells)) < 0.01
    found = check(cells)
    assert found.grade == "not"
    assert found.reasons[0] == "several modes"
    assert found.transform is None


def test_one_wild_value_among_many_normals_changes_neither_grade_nor_distance(
    normal: np.ndarray,
) -> None:
    cells = np.append(normal, 1_000.0)
    assert stats.skew(cells) > 50
    found = check(cells, isolated=(-6.0, 6.0))
    assert found.grade == "close"
    assert found.ks_distance < 0.005
    assert found.without_isolated is not None
    assert found.without_isolated.grade == "close"
    assert check(normal, isolated=(-6.0, 6.0)).without_isolated is None


def test_one_wild_value_in_a_hundred_does_not_change_the_grade_either() -> None:
    found = check(
        np.append(np.random.default_rng(21).normal(size=99), 1_000.0), isolated=(-6.0, 6.0)
    )
    assert found.grade == "cannot tell"
    assert found.l_skewness > 0.5


def test_isolated_values_are_the_reason_where_the_grade_is_better_without_them() -> None:
    cells = np.append(np.random.default_rng(2).normal(size=2_950), np.full(60, 999.0))
    found = check(cells, isolated=(-6.0, 6.0))
    assert found.grade == "not"
    assert found.reasons[0] == "isolated values"
    assert found.without_isolated is not None
    assert found.without_isolated.grade == "close"


KNOWN = {
    "t5": (lambda r: r.standard_t(5, N), "not", "heavy tails", None),
    "t10": (lambda r: r.standard_t(10, N), "workable", "heavy tails", None),
    "lognormal": (lambda r: r.lognormal(0, 1, N), "not", "right tail", "log"),
    "uniform": (lambda r: r.random(N), "not", "bounded at 0 and 1", None),
    "exponential": (lambda r: r.exponential(1, N), "not", "right tail", "sqrt"),
    "mirrored exponential": (lambda r: 100 - r.exponential(1, N), "not", "left tail", None),
    "poisson 3": (lambda r: r.poisson(3, N), "workable", "counts", None),
    "poisson 400": (lambda r: r.poisson(400, N), "close", None, None),
    "arcsine": (lambda r: r.beta(0.5, 0.5, N), "not", "several modes", None),
    "cauchy": (lambda r: r.standard_cauchy(N), "not", "heavy tails", "rank"),
    "two values": (lambda r: r.integers(0, 2, N), "not", "few values", None),
    "flat hours": (lambda r: r.integers(0, 24, N), "not", "bounded at 0 and 23", None),
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_known_distributions_get_their_grade_first_reason_and_transform(name: str) -> None:
    draw, grade, reason, transform = KNOWN[name]
    found = check(draw(np.random.default_rng(3)))
    assert found.grade == grade
    assert (found.reasons[0] if found.reasons else None) == reason
    assert found.transform == transform


def test_an_exponential_is_bounded_as_well() -> None:
    assert "bounded at 0" in check(np.random.default_rng(4).exponential(1, N)).reasons


def test_an_arcsine_is_bounded_at_both_ends() -> None:
    assert "bounded at 0 and 1" in check(np.random.default_rng(5).beta(0.5, 0.5, N)).reasons


def test_spikes_are_named_with_their_share(normal: np.ndarray) -> None:
    zeros = np.arange(N) % 100 < 31
    assert check(np.where(zeros, 0, np.exp(normal))).reasons[0] == "spike at 0 (31 %)"
    assert check(np.where(zeros, 0.5, normal)).reasons[0] == "spike at 0.5 (31 %)"
    piled = check(np.clip(95 + 8 * normal, 0, 100))
    assert piled.reasons[0] == f"spike at 100 ({100 * np.mean(95 + 8 * normal >= 100):.0f} %)"
    assert "bounded at 100" in piled.reasons
    assert "several modes" not in piled.reasons


def test_heaping_at_preferred_values_is_named_once(normal: np.ndarray) -> None:
    heights = 170 + 10 * normal
    heaped = np.where(np.arange(N) % 10 < 3, np.round(heights, -1), np.round(heights, 1))
    assert check(heaped).reasons[0].startswith("heaped at")


def test_all_zeros_but_one_is_a_spike() -> None:
    found = check(np.append(np.zeros(9_999), 7.0))
    assert found.grade == "not"
    assert "spike at 0 (> 99 %)" in found.reasons
    assert found.spread > 0
    assert "half of the cells" in found.fit


def test_mostly_zeros_take_their_spread_from_the_mean_distance_even_when_thinned(
    normal: np.ndarray,
) -> None:
    cells = np.where(np.arange(N) % 5 > 0, 0.0, np.exp(normal))
    fits = [
        fit_normal(one) for one in (Distribution.of(cells), Distribution.of(cells).thinned(4_000))
    ]
    wanted = np.mean(np.abs(cells)) * np.sqrt(np.pi / 2)
    assert [fit.spread for fit in fits] == pytest.approx([wanted, wanted], rel=0.02)


@pytest.mark.parametrize(
    ("cells", "reason"), [([], "no values"), ([2.0], "only 1 row"), ([3.0] * 100, "constant")]
)
def test_what_has_no_spread_has_no_distance(cells: list[float], reason: str) -> None:
    found = check(np.array(cells))
    assert (found.grade, found.reasons) == (
        "not" if reason == "constant" else "cannot tell",
        (reason,),
    )
    assert np.isnan(found.ks_distance)
    assert found.transform is None


def test_a_hundred_normal_rows_cannot_tell_and_say_so() -> None:
    grades = [check(np.random.default_rng(seed).normal(size=100)) for seed in range(200)]
    undecided = [one for one in grades if one.grade == "cannot tell"]
    assert len(undecided) >= 193
    assert not [one for one in grades if one.grade in ("close", "workable")]
    assert undecided[0].reasons == ("with only 100 rows a normal sample shows D up to .09",)
    assert undecided[0].transforms == ()


def test_a_hundred_lognormal_rows_can_tell() -> None:
    found = check(np.random.default_rng(6).lognormal(0, 1, 100))
    assert found.grade == "not"
    assert found.transform == "log"


@pytest.mark.parametrize("n", [10, 30, 100, 1_000])
def test_chance_limits_hold_99_of_100_normal_samples(n: int) -> None:
    rng = np.random.default_rng(n)
    verdicts = [grade_distribution(Distribution.of(rng.normal(size=n))) for _ in range(2_000)]
    assert 0.98 <= np.mean([one.ks_distance < chance_distance(n) for one in verdicts]) <= 0.998
    assert 0.98 <= np.mean([one.qq_gap_sd < chance_gap(n) for one in verdicts]) <= 0.998


def test_distances_are_those_of_the_definition_against_scipys_normal() -> None:
    cells = np.random.default_rng(7).gamma(3, 2, 1_500)
    fit, found = fit_normal(Distribution.of(cells)), grade_distribution(Distribution.of(cells))
    ordered, mid = np.sort(cells), (np.arange(1_500) + 0.5) / 1_500
    place = (ordered - fit.center) / fit.spread
    core = (mid > 0.005) & (mid < 0.995)
    assert found.ks_distance == pytest.approx(np.abs(mid - stats.norm.cdf(place)).max(), rel=1e-9)
    assert found.qq_gap_sd == pytest.approx(
        np.abs(place - stats.norm.ppf(mid))[core].max(), rel=1e-9
    )
    # the Kolmogorov distance steps by at most half a cell around the mid-distribution's
    plain = stats.kstest(cells, "norm", args=(fit.center, fit.spread)).statistic
    assert found.ks_distance == pytest.approx(plain, abs=0.5 / 1_500 + 1e-9)


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1e-9, 1e9, 1e200, 1e306])
def test_the_verdict_does_not_depend_on_the_unit(scale: float) -> None:
    cells = np.random.default_rng(8).gamma(4, 1, 20_000)
    near, far = check(cells), check(cells * scale)
    assert far.grade == near.grade
    assert far.ks_distance == pytest.approx(near.ks_distance, rel=1e-6)
    assert far.spread == pytest.approx(near.spread * scale, rel=1e-6)


def test_a_large_offset_changes_nothing() -> None:
    cells = np.random.default_rng(9).standard_normal(50_000)
    assert check(1e9 + cells).grade == "close"


def test_bounds_are_told_in_the_units_of_the_values() -> None:
    assert "bounded at 0 and 1,000,000" in check(1e6 * np.random.default_rng(10).random(N)).reasons
    assert "bounded at −3 and −2" in check(np.random.default_rng(10).random(N) - 3).reasons


def test_counts_in_steps_of_ten_are_no_counts() -> None:
    cells = np.floor(np.random.default_rng(11).lognormal(3, 1, 20_000))
    assert "counts" in check(cells).reasons
    assert "counts" not in check(10 * cells).reasons
    assert "counts" not in check(cells, whole_numbers=False).reasons


def test_long_distributions_are_graded_as_all_their_cells() -> None:
    cells = np.random.default_rng(12).gamma(3, 1, 300_000)
    whole = Distribution.of(cells)
    thin, wanted = check_gaussian(whole.thinned(65_536)), grade_distribution(whole)
    assert thin.grade == wanted.grade
    assert thin.ks_distance == pytest.approx(wanted.ks_distance, abs=1 / 1_500)
    assert thin.qq_gap_sd == pytest.approx(wanted.qq_gap_sd, abs=0.1)


def test_the_document_is_json_and_comes_back() -> None:
    rng = np.random.default_rng(13)
    for cells in (rng.lognormal(0, 1, 500), rng.poisson(2, 500), np.full(5, 1.0)):
        found = check(cells, isolated=(-1.0, 5.0))
        text = json.dumps(found.document(), allow_nan=False)
        assert repr(Gaussian.from_document(json.loads(text))) == repr(found)


# -----------------------------------------------------------------------------------------------
# within groups


def test_a_mixture_of_normals_is_normal_within_its_groups() -> None:
    rng = np.random.default_rng(14)
    codes = rng.integers(0, 3, 60_000)
    values = rng.normal(np.array([0.0, 50, 1e6])[codes], np.array([1.0, 5, 0.1])[codes])
    assert check(values).grade == "not"
    found = gaussian_within(values, codes)
    assert found.grade == "close"
    assert found.reasons == ()


@pytest.mark.parametrize("rows", [3, 4, 10])
def test_small_groups_of_normals_pass_and_of_exponentials_do_not(rows: int) -> None:
    rng = np.random.default_rng(15)
    codes = np.repeat(np.arange(30_000 // rows), rows)
    assert gaussian_within(rng.normal(7, 2, codes.size), codes).grade == "close"
    if rows == 10:
        assert gaussian_within(rng.exponential(1, codes.size), codes).grade == "not"


def test_large_groups_keep_their_plain_standardised_residuals() -> None:
    from explorer.profile.checks.residuals import studentized_residuals

    rng = np.random.default_rng(16)
    codes = np.repeat([4, 9], [3_000, 150])
    values = rng.gamma(2, 1, codes.size)
    found = studentized_residuals(values, codes)
    wanted = np.concatenate([stats.zscore(values[codes == code], ddof=1) for code in (4, 9)])
    assert found[:3_000] == pytest.approx(wanted[:3_000], rel=1e-9)
    assert found[3_000:] == pytest.approx(wanted[3_000:], abs=0.3)
    assert np.median(np.abs(found - wanted)[3_000:]) < 0.01


def test_rows_that_have_no_spread_around_them_are_counted_out() -> None:
    rng = np.random.default_rng(17)
    values = np.concatenate([rng.normal(size=3_000), [1, 2], [5, 5, 5, 5], [np.nan, 3]])
    codes = np.concatenate([np.zeros(3_000, int), [1, 1], [2, 2, 2, 2], [0, -1]])
    assert gaussian_within(values, codes).reasons[-1].startswith("left out: 6 rows")
    lone = gaussian_within(np.array([1.0, 2.0]), np.array([0, 1]))
    assert lone.reasons[0] == "no values"
    assert np.isnan(lone.ks_distance)


def test_equal_values_with_rounding_errors_are_no_group() -> None:
    values = np.concatenate(
        [0.1 + 0.2 * np.ones(9), [0.3], np.random.default_rng(18).normal(size=90)]
    )
    codes = np.repeat([0, 1], [10, 90])
    assert gaussian_within(values, codes).reasons[-1].startswith("left out: 10 rows")


def test_residuals_name_no_places_that_nobody_can_read() -> None:
    rng = np.random.default_rng(20)
    values = np.where(rng.random(9_000) < 0.4, 0.0, rng.exponential(1, 9_000))
    assert check(values).reasons[0].startswith("spike at 0")
    found = gaussian_within(values, np.repeat([0, 1, 2], 3_000))
    assert found.grade == "not"
    assert not [words for words in found.reasons if " at " in words]


def test_work_within_groups_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        gaussian_within(np.arange(9.0), np.zeros(9, int), lambda *_: False)


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="came 3 and 2"):
        gaussian_within(np.arange(3.0), np.zeros(2, int))


# ----------------------------------------------------------------------------------------------- on
# request


def test_p_value_of_the_published_example() -> None:
    """Weights of eleven men (Shapiro & Wilk 1965); the p-value is Royston's (1995)."""
    found = normal_p_value(np.array([148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236.0]))
    assert found["statistic"] == pytest.approx(0.788815, abs=2e-6)
    assert found["p_value"] == pytest.approx(0.0067038, abs=2e-6)
    assert found["rows"] == 11


def test_p_value_draws_at_most_5000_rows_and_says_what_it_is_worth() -> None:
    cells = np.random.default_rng(19).standard_t(100, 50_000)
    found = normal_p_value(cells, seed=3)
    assert found["rows"] == 5_000
    assert "5,000 random rows of 50,000" in found["words"]
    assert "1,000,000 rows any real feature is rejected" in found["words"]
    assert normal_p_value(cells, seed=3) == found
    assert normal_p_value(cells, seed=4)["p_value"] != found["p_value"]


@pytest.mark.parametrize("cells", [[], [1.0, 2.0], [4.0] * 30])
def test_p_value_of_too_few_or_equal_cells_is_none(cells: list[float]) -> None:
    assert normal_p_value(np.array(cells))["p_value"] is None
