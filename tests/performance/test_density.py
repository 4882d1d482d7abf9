import numpy as np
import pytest

from explorer.performance.density import prediction_densities


def test_every_row_is_in_both_pictures_and_lies_where_numpy_puts_it():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=5_001)
    prediction = truth + rng.normal(0, 0.3, truth.size)
    for found, upwards in zip(
        prediction_densities(truth, prediction, 40, 30), (truth, truth - prediction), strict=True
    ):
        assert found.counts.sum() == truth.size
        across = np.clip(prediction, *found.x), np.clip(upwards, *found.y)
        told, _, _ = np.histogram2d(*across, bins=(40, 30), range=(found.x, found.y))
        assert (
            np.abs(found.counts.astype(int) - told.T.astype(int)).sum() <= 4
        )  # rounding at an edge


def test_rows_far_out_are_counted_at_the_edge_and_said():
    truth = np.append(np.linspace(0, 1, 5_000), [1e6, -1e6])
    told = np.append(np.linspace(0, 1, 5_000) + np.tile([0.01, -0.01], 2_500), [0.5, 0.5])
    actual, residual = prediction_densities(truth, told, 10, 10)
    assert actual.y[1] < 2
    assert actual.counts.sum() == residual.counts.sum() == 5_002
    assert actual.beyond == residual.beyond == 2


@pytest.mark.parametrize("values", [np.empty(0), np.ones(3)])
def test_no_rows_and_constant_rows_make_a_picture(values):
    for found in prediction_densities(values, values, 4, 4):
        assert found.counts.sum() == values.size


def test_both_axes_of_predicted_and_actual_are_the_same():
    actual, residual = prediction_densities(np.arange(100.0), np.arange(100.0) * 0.5, 8, 8)
    assert actual.x == actual.y
    assert residual.y[0] == -residual.y[1]
