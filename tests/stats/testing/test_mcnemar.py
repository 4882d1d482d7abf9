import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar as oracle

from explorer.stats.testing.mcnemar import mcnemar


def test_the_known_answers_of_r() -> None:
    """[[101, 121], [59, 33]] of R's and statsmodels' own tests."""
    found = mcnemar(121, 59)
    assert float(found.exact_p_value) == pytest.approx(4.43e-6, abs=5e-9)
    assert float(found.chi_squared) == pytest.approx(20.67222, abs=5e-6)
    assert float(found.chi_squared_p_value) == pytest.approx(5.450095e-06, rel=1e-6)
    assert not found.exact
    assert float(found.p_value) == float(found.chi_squared_p_value)


@pytest.mark.parametrize(
    ("b", "c"), [(0, 6), (3, 9), (12, 12), (13, 12), (40, 61), (200_000, 201_000)]
)
def test_all_forms_are_statsmodels_and_scipy_s(b: int, c: int) -> None:
    found, table = mcnemar(b, c), [[5, b], [c, 5]]
    assert float(found.exact_p_value) == pytest.approx(oracle(table, exact=True).pvalue, rel=1e-8)
    if b != c:
        theirs = oracle(table, exact=False)
        assert float(found.chi_squared) == pytest.approx(theirs.statistic, rel=1e-10)
        assert float(found.chi_squared_p_value) == pytest.approx(theirs.pvalue, rel=1e-8)
    n = b + c
    mid = (
        binomtest(b, n).pvalue
        - (binomtest(b, n).pvalue - (binomtest(min(b, c) - 1, n).pvalue if min(b, c) else 0)) / 2
    )
    assert float(found.mid_p_value) == pytest.approx(mid, rel=1e-6)
    assert bool(found.exact) == (n < 25)


def test_many_tables_at_once_and_none_that_differ() -> None:
    found = mcnemar([0, 3, 121], [0, 9, 59])
    assert np.isnan(found.p_value[0])
    assert np.isnan(found.mid_p_value[0])
    assert np.isnan(found.chi_squared[0])
    assert found.exact.tolist() == [True, True, False]
    assert found.p_value[1:].tolist() == [
        float(mcnemar(3, 9).p_value),
        float(mcnemar(121, 59).p_value),
    ]


def test_an_even_table_is_no_evidence() -> None:
    found = mcnemar(15, 15)
    assert (float(found.exact_p_value), float(found.chi_squared), float(found.p_value)) == (1, 0, 1)
    assert float(found.mid_p_value) < 1
