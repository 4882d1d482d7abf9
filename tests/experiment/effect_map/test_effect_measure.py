"""How differences of a metric are written."""

import pytest

from explorer.experiment.effect_map.effect_measure import DifferenceFormat
from explorer.features.metric import Metric


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.2345, "+1.23"),
        (-0.000123, "−0.000123"),
        (0.0, "0"),
        (float("nan"), "–"),
        (12345.0, "+12,300"),
        (-1.0, "−1"),
    ],
)
def test_differences_have_a_sign_and_three_digits(value, words):
    assert DifferenceFormat(1.0, "").signed(value) == words


def test_a_share_is_written_in_points_and_a_mean_in_the_unit_of_its_column(films):
    features = films.features
    points = DifferenceFormat.of(Metric("seen", "proportion", "genre_drama"), features)
    assert points.with_ends(0.0123, -0.001, 0.03) == "+1.23 (−0.1 … +3) pp"
    minutes = DifferenceFormat.of(Metric("length", "mean", "runtime_min"), features)
    assert minutes.unit == f" {films.features['runtime_min'].unit}"
    assert (
        DifferenceFormat.of(
            Metric("films", "mean", "runtime_min", aggregate="count"), features
        ).unit
        == ""
    )
    assert (
        DifferenceFormat.of(Metric("rate", "ratio", "runtime_min", "n_cast"), features).unit == ""
    )
