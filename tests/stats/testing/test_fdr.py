from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from explorer.stats.testing.fdr import adjusted, holm

P = [0.898, 0.138, 0.007, 0.964, 0.538, 0.006, 0.138]


def test_published_adjustments_are_met() -> None:
    # the figures of GrowthBook's own tests, and of statsmodels for Benjamini–Yekutieli
    assert adjusted(P) == pytest.approx(
        [0.964, 0.2415, 0.0245, 0.964, 0.7532, 0.0245, 0.2415], abs=1e-6
    )
    assert adjusted(P, "by") == pytest.approx(
        [1, 0.626175, 0.063525, 1, 1, 0.063525, 0.626175], abs=1e-6
    )
    assert holm([0.01, 0.04, 0.03, 0.005, 0.55, 0.6]) == pytest.approx(
        [0.05, 0.12, 0.12, 0.03, 1, 1]
    )


def test_a_test_that_could_not_be_made_is_no_member_of_the_family() -> None:
    with_gaps = np.array([0.01, np.nan, 0.04, 0.2, np.nan])
    made = ~np.isnan(with_gaps)
    found = adjusted(with_gaps)
    np.testing.assert_allclose(found[made], false_discovery_control(with_gaps[made]))
    assert np.isnan(found[~made]).all()
    assert holm(with_gaps)[made] == pytest.approx([0.03, 0.08, 0.2])
    assert np.isnan(adjusted([np.nan, np.nan])).all()
    assert adjusted([]).size == 0


def test_the_published_figures_of_statsmodels_tests_are_met() -> None:
    # fifteen p-values of Benjamini & Hochberg 1995: four are rejected at .05, three by Holm
    fifteen = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert (adjusted(fifteen) <= 0.05).sum() == 4
    assert (holm(fifteen) <= 0.05).sum() == 3


def test_the_positions_of_the_open_bandit_data_are_adjusted_as_known() -> None:
    assert adjusted([0.00181, 0.977, 0.516]) == pytest.approx([0.00544, 0.977, 0.775], abs=2e-3)
    assert adjusted([0.00181, 0.977, 0.516])[0] == pytest.approx(0.00543, abs=2e-5)


def test_no_p_value_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted([0.2, 1.5])
