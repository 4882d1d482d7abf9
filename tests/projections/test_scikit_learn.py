"""The projections are transformers of scikit-learn, by scikit-learn's own checks."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import SkipTestWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from projections import PCA, UMAP


@pytest.mark.parametrize("estimator", [PCA(), UMAP()])
def test_scikit_learns_own_checks_pass(estimator):
    from sklearn.utils.estimator_checks import check_estimator

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_estimator(estimator)  # raises at the first check that fails
    skipped = [str(item.message) for item in caught if item.category is SkipTestWarning]
    assert not get_tags(estimator).array_api_support  # not promised, so that it may be skipped
    assert all("check_array_api_input" in message for message in skipped), skipped


@pytest.mark.parametrize("estimator", [PCA(), UMAP()])
def test_the_result_is_a_table_where_one_is_asked_for(estimator):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 5)), index=range(7, 47))
    names = [f"{type(estimator).__name__.lower()}{k}" for k in range(2)]
    in_pandas = make_pipeline(StandardScaler(), estimator).set_output(transform="pandas")
    table = in_pandas.fit_transform(X)
    assert isinstance(table, pd.DataFrame)
    assert table.columns.tolist() == names == in_pandas.get_feature_names_out().tolist()
    assert table.index.tolist() == X.index.tolist()
    in_polars = estimator.set_output(transform="polars")
    assert isinstance(in_polars.fit(X.to_numpy()).transform(X.to_numpy()), pl.DataFrame)
