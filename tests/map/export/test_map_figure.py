import numpy as np
import pytest

from explorer.core.errors import EmbeddingError
from explorer.map.export import map_figure
from explorer.map.export.map_figure import check_size, theme_of
from explorer.map.paint.color import Categorical, Continuous, Density


def test_the_scale_multiplies_the_pixels():
    assert check_size((900, 700), 1.0, Density()) == (900, 700)
    assert check_size((900, 700), 2.5, Density()) == (2250, 1750)
    assert check_size((1, 1), 0.1, Density()) == (1, 1)


@pytest.mark.parametrize(
    "size", [(0, 5), (5,), "big", (5.5, 4), (float("nan"), 4), None, (1, 2, 3), (float("inf"), 2)]
)
def test_what_is_no_size_is_refused(size):
    with pytest.raises(EmbeddingError, match=r"must be \(width, height\) in whole pixels"):
        check_size(size, 1.0, Density())


@pytest.mark.parametrize("scale", [0, -1, 17, float("nan"), "2"])
def test_what_is_no_scale_is_refused(scale):
    with pytest.raises(EmbeddingError, match="must be a number from"):
        check_size((10, 10), scale, Density())


def test_too_many_pixels_are_refused_with_the_most_that_can_be():
    with pytest.raises(
        EmbeddingError, match=r"30,001 × 1 pixels is too large: ask for at most 30,000"
    ):
        check_size((30_001, 1), 1.0, Density())


def test_what_does_not_fit_into_memory_is_refused_with_what_would(monkeypatch):
    monkeypatch.setattr(map_figure, "available_memory", lambda: 1 << 30)
    codes, values = np.zeros(3, np.uint8), np.zeros(3, np.float32)
    check_size((6_000, 5_000), 1.0, Density())
    for colour in (Continuous(values), Categorical(codes, 17)):
        with pytest.raises(
            EmbeddingError, match=r"GiB, 1\.0 GiB are free: ask for at most ([\d,]+) × ([\d,]+)"
        ) as refused:
            check_size((6_000, 5_000), 1.0, colour)
        width, height = str(refused.value).split("at most ")[1].replace(",", "").split(" × ")
        assert check_size((int(width), int(height)), 1.0, colour) == (int(width), int(height))
    monkeypatch.setattr(map_figure, "available_memory", lambda: None)
    check_size((30_000, 30_000), 1.0, Categorical(codes, 17))


def test_only_two_themes():
    assert theme_of("dark").name == "dark"
    with pytest.raises(EmbeddingError, match="must be 'light' or 'dark'"):
        theme_of("blue")
