from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import rankdata
from sklearn.preprocessing import PowerTransformer

from explorer.core.errors import FeatureError, UnknownName
from explorer.features.matrix.transform import Transform, canonical_transform, fit_transform

X = np.random.default_rng(0).lognormal(size=800)


def apply(text: str, values: np.ndarray = X) -> np.ndarray:
    return fit_transform(canonical_transform(text), values, "x")(values, "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none", X),
        ("log", np.log(X)),
        ("log1p", np.log1p(X)),
        ("sqrt", np.sqrt(X)),
        ("clip(.5, 2)", X.clip(0.5, 2)),
    ],
)
def test_simple_transforms_are_those_of_numpy(text: str, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(apply(text), expected)


def test_logit_is_that_of_scipy() -> None:
    shares = np.random.default_rng(1).uniform(0.001, 0.999, 100)
    np.testing.assert_allclose(apply("logit", shares), logit(shares), rtol=1e-12, atol=1e-12)


def test_yeojohnson_is_that_of_scikit_learn() -> None:
    values = np.concatenate([X, -X[:100]])
    expected = PowerTransformer(standardize=False).fit_transform(values[:, None])[:, 0]
    np.testing.assert_allclose(apply("yeojohnson", values), expected, rtol=1e-3, atol=1e-3)


def test_rank_is_that_of_scipy_up_to_a_thousand_different_values() -> None:
    values = np.random.default_rng(2).poisson(20, 5000).astype(float)
    np.testing.assert_allclose(apply("rank", values), (rankdata(values) - 0.5) / 5000, rtol=1e-12)


def test_rank_of_many_values_is_within_a_thousandth() -> None:
    values = np.concatenate([np.zeros(4000), np.random.default_rng(3).lognormal(0, 3, 6000)])
    expected = (rankdata(values) - 0.5) / 10_000
    assert np.abs(apply("rank", values) - expected).max() <= 0.001


def test_missing_cells_stay_missing() -> None:
    values = np.append(X / (X.max() + 1), np.nan)
    for text in ("none", "log", "log1p", "sqrt", "yeojohnson", "logit", "rank", "clip(0.1, 0.2)"):
        moved = apply(text, values)
        assert np.isnan(moved[-1])
        assert np.isfinite(moved[:-1]).all()


@pytest.mark.parametrize("text", ["rank", "yeojohnson", "clip(0.5, 2)", "log"])
def test_a_saved_transform_gives_the_same_numbers(text: str) -> None:
    fitted = fit_transform(canonical_transform(text), X, "x")
    again = Transform.from_document(json.loads(json.dumps(fitted.document())))
    np.testing.assert_array_equal(again(X[:50], "x"), fitted(X[:50], "x"))


@pytest.mark.parametrize(
    ("text", "values", "count", "advice"),
    [
        ("log", [0.0, -1.0, 2.0], 2, "log1p or yeojohnson"),
        ("log1p", [-1.0, 2.0], 1, "yeojohnson"),
        ("sqrt", [-1.0, -2.0, -3.0, 0.0], 3, "yeojohnson"),
        ("logit", [0.0, 1.0, 0.5], 2, "rank"),
    ],
)
def test_values_out_of_the_domain_are_counted_and_the_way_out_named(
    text: str, values: list[float], count: int, advice: str
) -> None:
    with pytest.raises(FeatureError, match=f"{count} values.*{advice}"):
        apply(text, np.array(values))


def test_a_constant_is_left_as_it_is() -> None:
    np.testing.assert_allclose(apply("yeojohnson", np.full(5, 2.0)), np.full(5, 2.0), rtol=1e-15)


def test_one_way_to_write_a_transform() -> None:
    assert (
        canonical_transform(" clip( 40,240 ) ")
        == canonical_transform("clip(40.0, 240)")
        == "clip(40.0, 240.0)"
    )
    with pytest.raises(UnknownName, match="did you mean 'log1p'"):
        canonical_transform("log1")
    for text in ("clip", "clip(2, 1)", "clip(a, 1)", "clip(1)", "clip(nan, 1)", "clip(0, inf)"):
        with pytest.raises(FeatureError, match="two finite ends"):
            canonical_transform(text)
