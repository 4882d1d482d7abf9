import io

import numpy as np
import pytest
from PIL import Image

import explorer
from explorer.core.errors import EmbeddingError, UnknownName
from explorer.review.page.published_map import draw_map


@pytest.fixture(scope="module")
def embedding(people):
    return people.project(["height", "weight", "sleep"], "pca")


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def test_a_picture_is_that_of_the_map_on_white(people, embedding, tmp_path):
    drawn = explorer.build_map(embedding, tmp_path / "map", people)
    viewport = explorer.Viewport.fitted(drawn.store.extent, 120, 90)
    for color in (None, "age", "city"):
        picture = draw_map(embedding, people, color, (120, 90))
        assert picture.size == (120, 90)
        rgba = drawn.render(viewport, color).astype(float)
        alpha = rgba[:, :, 3:] / 255
        assert np.abs(pixels(picture) - (rgba[:, :, :3] * alpha + 255 * (1 - alpha))).max() <= 1


def test_the_legend_of_levels_counts_every_row(people, frame, embedding):
    legend = draw_map(embedding, people, "city", (60, 40)).legend
    expected = frame["city"].value_counts()
    own = {label: count for label, _, count in legend.levels[:-1]}
    assert own == {label: n for label, n in expected.items() if label in own}
    assert len(own) == 16
    assert sum(count for _, _, count in legend.levels) == 600
    assert legend.levels[-1][0] == f"{len(expected) - 16} other levels and missing"
    assert legend.stops == ()


def test_the_legend_of_numbers_says_its_ends_and_what_is_missing(people, frame, embedding):
    legend = draw_map(embedding, people, "pulse", (60, 40)).legend
    assert legend.note == f"{frame['pulse'].isna().sum()} rows without a value, grey"
    low, high = (float(words[2:].replace("−", "-")) for words in (legend.low, legend.high))
    assert frame["pulse"].min() <= low < high <= frame["pulse"].max() + 0.01
    assert len(legend.stops) == 10
    assert draw_map(embedding, people, None, (60, 40)).legend.title == "Rows per pixel"
    assert draw_map(embedding, people, "since", (60, 40)).legend.low.startswith("≤ 20")


def test_another_table_or_column_is_refused(people, films, embedding):
    with pytest.raises(UnknownName, match="did you mean 'pulse'"):
        draw_map(embedding, people, "plse")
    with pytest.raises(EmbeddingError, match="open the table it was made from"):
        draw_map(embedding, films)
