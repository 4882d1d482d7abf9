import numpy as np
import pytest

from explorer.core.errors import EmbeddingError, UnknownName
from explorer.map.paint.color import Categorical, Continuous, Density, Scale
from explorer.map.paint.palettes import DARK, LIGHT


def test_a_code_has_one_colour_and_the_last_is_the_grey_of_the_theme():
    codes = np.zeros(3, np.uint8)
    few, many = Categorical(codes, 4).table(LIGHT), Categorical(codes, 17).table(DARK)
    assert np.array_equal(few[:3], LIGHT.categories[:3])
    assert np.array_equal(many[:16], DARK.categories)
    assert tuple(few[3]) == LIGHT.other
    assert tuple(many[16]) == DARK.other


def test_own_colours_are_taken_as_they_are():
    colours = np.arange(60, dtype=np.uint8).reshape(20, 3)
    assert np.array_equal(Categorical(np.zeros(3, np.uint8), 20, colours).table(LIGHT), colours)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Categorical(np.zeros(3, np.uint8), 18), "k=18"),
        (lambda: Categorical(np.zeros(3, np.uint8), 2, np.zeros((3, 3), np.uint8)), r"\(2, 3\)"),
        (lambda: Scale("linear", (50, 50)), "percentiles"),
        (lambda: Scale("linear", (-1, 101)), "percentiles"),
    ],
)
def test_what_cannot_be_coloured_is_refused(make, words):
    with pytest.raises(EmbeddingError, match=words):
        make()


def test_unknown_names_are_refused():
    with pytest.raises(UnknownName, match="linear"):
        Scale("linaer")
    with pytest.raises(UnknownName, match="palette"):
        Continuous(np.zeros(1), palette="jet")
    with pytest.raises(UnknownName, match="palette"):
        Density(palette="jet")


@pytest.mark.parametrize(
    ("kind", "center"), [("rank", 1.0), ("log", 0.0), ("linear", float("nan"))]
)
def test_a_scale_around_a_value_that_cannot_be_is_refused(kind, center):
    with pytest.raises(EmbeddingError, match="cannot be around"):
        Scale(kind, center=center)
