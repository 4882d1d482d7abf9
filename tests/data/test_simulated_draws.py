"""Random draws against SciPy's distributions, and a mean against its integral."""

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from explorer.samples.simulated_draws import Draws, capped_lognormal_mean, chosen


def test_draws_follow_their_distributions():
    draws = Draws(0)
    assert scipy.stats.kstest(draws.uniform(20_000), "uniform").pvalue > 0.01
    assert scipy.stats.kstest(draws.normal(20_000), "norm").pvalue > 0.01
    assert scipy.stats.kstest(draws.exponential(20_000), "expon").pvalue > 0.01
    counts = np.bincount(draws.choice([1, 0, 3], 20_000), minlength=3)
    assert counts[1] == 0
    assert scipy.stats.chisquare(counts[[0, 2]], [5_000, 15_000]).pvalue > 0.01


def test_a_choice_covers_every_position_up_to_the_ends():
    ends = np.array([0.0, 0.25 - 1e-12, 0.25, 0.75, np.nextafter(1, 0)])
    assert chosen([1, 2, 1], ends).tolist() == [0, 0, 1, 2, 2]


def test_streams_of_other_names_are_others_also_when_they_end_in_zero():
    streams = [Draws(7), Draws(7, 0), Draws(7, 0, 0), Draws(7, 1), Draws(8)]
    assert len({stream.uniform(1)[0] for stream in streams}) == len(streams)
    assert Draws(7, 1).uniform(1)[0] == Draws(7, 1).uniform(1)[0]


@pytest.mark.parametrize(
    ("location", "spread", "cap"), [(3.5, 1.1, 1_440), (5.0, 0.9, 100), (0.0, 0.5, 1)]
)
def test_the_mean_of_a_capped_lognormal_is_its_integral(location, spread, cap):
    def integrand(z: float) -> float:
        return min(np.exp(location + spread * z), cap) * scipy.stats.norm.pdf(z)

    kink = (np.log(cap) - location) / spread
    parts = [scipy.integrate.quad(integrand, *ends)[0] for ends in ((-12, kink), (kink, 12))]
    assert capped_lognormal_mean(location, spread, cap) == pytest.approx(sum(parts), rel=1e-7)
