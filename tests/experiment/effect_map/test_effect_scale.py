"""The colours of deviations: apart for every eye, the middle for noise, ends by direction."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.experiment.effect_map.effect_scale import EffectScale, scale_of
from explorer.map.paint.palettes import DARK, LIGHT
from tests.colour_vision import DICHROMACIES, ciede2000, lab, seen_by

BLUE, ORANGE = 2, 0


def block(shrunk, error, goal="increase"):
    metric = SimpleNamespace(goal=goal)
    return SimpleNamespace(
        shrunk=np.array(shrunk, float),
        deviation_error=np.array(error, float),
        measured=SimpleNamespace(metric=metric),
    )


@pytest.mark.parametrize("vision", ["normal", *DICHROMACIES])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("goal", ["increase", None])
def test_both_sides_the_middle_and_the_halves_are_told_apart_by_every_eye(vision, theme, goal):
    at = EffectScale(1.0, goal).colours(np.array([-1, -0.5, 0, 0.5, 1.0]), theme)
    seen = [lab(seen_by(vision, rgb)) for rgb in at]
    for one, other in itertools.combinations(range(5), 2):
        opposite = (one - 2) * (other - 2) < 0
        assert ciede2000(seen[one], seen[other]) >= (20 if opposite else 10), (one, other)


@pytest.mark.parametrize(("theme", "page"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize("goal", ["increase", None])
def test_the_middle_is_no_paper(theme, page, goal):
    assert ciede2000(lab(EffectScale(1.0, goal).ramp(theme)), lab(page.background)).min() >= 7


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lightness_runs_alike_to_both_sides(theme):
    """Neither side looks like more than the other."""
    light = lab(EffectScale(1.0, "increase").ramp(theme))[:, 0]
    assert np.abs(light - light[::-1]).max() < 12


def test_blue_is_better_whichever_way_that_is():
    values = np.array([-3.0, 3.0])
    up, down = (
        EffectScale(3.0, goal).colours(values).astype(int) for goal in ("increase", "decrease")
    )
    assert up[1, BLUE] > up[1, ORANGE]
    assert up[0, ORANGE] > up[0, BLUE]
    assert np.array_equal(up, down[::-1])
    assert EffectScale(3.0, "decrease").deviation_at(1.0) == -3.0
    assert EffectScale(3.0, "decrease").ends == ("worse than overall", "better than overall")
    assert EffectScale(3.0).ends == ("lower than overall", "higher than overall")


def test_beyond_the_reach_is_the_end_and_nothing_is_the_middle():
    scale = EffectScale(2.0, "increase")
    assert scale.places(np.array([-9, -1, 0, np.nan, 9])) == pytest.approx(
        [-1, -0.5, 0, np.nan, 1], nan_ok=True
    )
    found = scale.colours(np.array([0.0, np.nan, 9.0]))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[2], scale.ramp()[-1])


def test_noise_has_the_colour_of_the_whole():
    scale = scale_of(block([0.001, -0.002, np.nan], [0.1, 0.1, np.nan]))
    assert scale.reach == 0.2
    assert np.abs(scale.places(np.array([0.001, -0.002]))).max() <= 0.01


@pytest.mark.parametrize(
    ("shrunk", "error", "reach"),
    [
        ([0.31, -0.7], [0.01, 0.01], 0.8),
        ([], [], 1.0),
        ([1234.0], [1.0], 1500.0),
        ([0.0], [0.0], 1.0),
        ([0.3], [0.1], 0.3),
    ],
)
def test_a_scale_ends_at_the_next_round_number(shrunk, error, reach):
    assert scale_of(block(shrunk, error)).reach == pytest.approx(reach)
