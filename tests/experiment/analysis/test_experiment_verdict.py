import itertools

import numpy as np
import pytest

from explorer.experiment.analysis.experiment_verdict import PALETTE, style_of, verdict_of
from tests.colour_vision import DICHROMACIES, ciede2000, lab, seen_by

COLOURS = {
    key: [int(look.colour[i : i + 2], 16) for i in (1, 3, 5)] for key, look in PALETTE.items()
}


@pytest.mark.parametrize("vision", ["normal", *DICHROMACIES])
def test_better_and_worse_are_20_apart_and_all_others_10_for_every_eye(vision):
    seen = {key: lab(seen_by(vision, rgb)) for key, rgb in COLOURS.items()}
    for (one, a), (other, b) in itertools.combinations(seen.items(), 2):
        if {one[0], other[0]} == {"inconclusive", "as the whole"}:
            continue  # both without a colour: the sign tells them apart
        opposite = {one[0], other[0]} == {"better", "worse"}
        assert ciede2000(a, b) >= (20 if opposite else 10), (one, other)


def test_no_two_verdicts_have_one_sign_or_the_same_words():
    assert len({look.glyph for look in PALETTE.values()}) == len(PALETTE)
    assert len({look.words for look in PALETTE.values()}) == len(PALETTE)


def test_text_is_readable_on_every_colour():
    def luminance(text):
        share = np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [
            0.2126,
            0.7152,
            0.0722,
        ]

    for look in PALETTE.values():
        light, dark = sorted([luminance(look.colour), luminance(look.ink)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2, contrast of text


def test_what_is_not_to_be_read_is_hatched_and_nothing_else():
    assert {key[0] for key, look in PALETTE.items() if look.hatched} == {
        "untrusted",
        "not enough data",
    }


@pytest.mark.parametrize(
    ("difference", "p", "goal", "expected"),
    [
        (1.0, 0.05, "increase", ("better", 1)),
        (1.0, 0.001, "increase", ("better", 2)),
        (1.0, 0.001, "decrease", ("worse", 2)),
        (-1.0, 0.01, "decrease", ("better", 1)),
        (-1.0, 0.01, None, ("changed", 1)),
        (1.0, 0.0501, "increase", ("inconclusive", 0)),
        (1.0, np.nan, "increase", ("inconclusive", 0)),
        (0.0, 0.01, "increase", ("inconclusive", 0)),
    ],
)
def test_a_verdict_follows_the_desired_direction_and_two_levels(difference, p, goal, expected):
    assert verdict_of(difference, p, goal, (0.05, 0.001)) == expected
    assert style_of(*expected).colour in {look.colour for look in PALETTE.values()}
