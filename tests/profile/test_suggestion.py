from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import yeojohnson as scipy_yeojohnson
from scipy.stats import yeojohnson_normmax

from explorer.features.matrix.transform import fit_transform
from explorer.profile.checks.gaussian_grade import grade_distribution
from explorer.profile.counting.distribution import Distribution
from explorer.profile.suggestion import (
    suggest_transform,
    try_transforms,
    yeojohnson,
    yeojohnson_lambda,
)

N = 20_000


def drawn() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    normal = rng.standard_normal(N)
    return {
        "normal": normal,
        "lognormal": np.exp(normal),
        "left": -np.exp(normal),
        "square": (10 + normal) ** 2,
        "squared far": (3 + np.abs(normal)) ** 2,
        "gamma": rng.gamma(2, 1, N),
        "around 0": np.sinh(normal + 0.5),
        "fractions": 1 / (1 + np.exp(-2 * normal)),
        "counts": np.floor(np.exp(1 + 2 * normal)),
        "cauchy": rng.standard_cauchy(N),
        "uniform": rng.random(N),
    }


CELLS = drawn()


def suggested(cells: np.ndarray) -> str | None:
    distribution = Distribution.of(cells)
    return suggest_transform(
        grade_distribution(distribution), try_transforms(distribution), distribution.n
    )


@pytest.mark.parametrize("name", ["normal", "lognormal", "left", "gamma", "around 0"])
def test_lambda_agrees_with_scipy(name: str) -> None:
    cells = CELLS[name][:2_000]
    with np.errstate(all="ignore"):
        wanted = yeojohnson_normmax(cells)
    assert yeojohnson_lambda(Distribution.of(cells)) == pytest.approx(wanted, abs=0.03)


def test_lambda_of_few_points_is_scipys_to_a_thousandth() -> None:
    cells = CELLS["gamma"][:500]
    assert yeojohnson_lambda(Distribution.of(cells)) == pytest.approx(
        yeojohnson_normmax(cells), abs=1e-3
    )


def test_lambda_counts_repeated_values() -> None:
    values = np.array([0.0, 1, 2, 3, 5, 9, 30])
    counts = np.array([10, 30, 40, 20, 10, 5, 1])
    wanted = yeojohnson_normmax(np.repeat(values, counts))
    assert yeojohnson_lambda(Distribution.of(values, counts)) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("lam", [-1.5, 0.0, 0.4, 1.0, 2.0, 3.0])
def test_transform_is_scipys(lam: float) -> None:
    values = np.linspace(-4, 6, 101)
    assert yeojohnson(values, lam) == pytest.approx(
        scipy_yeojohnson(values, lam), rel=1e-12, abs=1e-12
    )


@pytest.mark.parametrize(
    ("name", "transform"),
    [
        ("normal", None),
        ("lognormal", "log"),
        ("left", "yeojohnson"),
        ("square", "sqrt"),
        ("fractions", "logit"),
        ("counts", "log1p"),
        ("cauchy", "rank"),
        ("uniform", None),
    ],
)
def test_known_distributions_get_the_transform_that_fits(name: str, transform: str | None) -> None:
    assert suggested(CELLS[name]) == transform


def test_a_root_is_suggested_where_the_logarithm_goes_too_far() -> None:
    cells = (2.2 + np.random.default_rng(5).standard_normal(N).clip(-2.1, 9) * 0.8) ** 2
    assert suggested(cells) == "sqrt"


@pytest.mark.parametrize("name", sorted(CELLS))
def test_a_suggested_transform_can_be_used_on_the_feature_and_does_what_was_said(name: str) -> None:
    cells = CELLS[name]
    transform = suggested(cells)
    if transform is None:
        return
    after = grade_distribution(Distribution.of(fit_transform(transform, cells, name)(cells, name)))
    said = {each.name: each for each in try_transforms(Distribution.of(cells))}[transform]
    assert after.grade == said.grade
    assert after.ks_distance == pytest.approx(said.ks_distance, abs=0.005)


def test_domains_are_respected_and_said_in_words() -> None:
    cells = np.concatenate([np.full(25, -1.0), np.zeros(25), np.arange(1.0, 51)])
    tried = {each.name: each for each in try_transforms(Distribution.of(cells))}
    assert {name for name, each in tried.items() if each.valid} == {"yeojohnson", "rank"}
    assert tried["log"].why == "50 % of the values are at or below 0"
    assert tried["log1p"].why == "25 % of the values are at or below −1"
    assert tried["sqrt"].why == "25 % of the values are below 0"
    assert tried["logit"].why == "50 % of the values are at or below 0"
    assert all(np.isnan(each.ks_distance) for each in tried.values() if not each.valid)


def test_a_mixture_is_not_bent_for_its_second_mode() -> None:
    rng = np.random.default_rng(6)
    distribution = Distribution.of(
        np.concatenate([rng.normal(size=18_000), rng.normal(6, 1, 2_000)])
    )
    now, tried = grade_distribution(distribution), try_transforms(distribution)
    assert suggest_transform(now, tried, distribution.n) is not None
    assert suggest_transform(now, tried, distribution.n, several_modes=True) is None
