import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import explorer
from explorer.session.rows.row_pictures import RowPictures
from explorer.session.session import Session


def drawn(address):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))))


@pytest.fixture(scope="module")
def digits():
    pixels = np.random.default_rng(0).integers(3, 19, (200, 8, 8)).astype(float)
    pixels[7, 2, 5] = np.nan
    pixels[8, 0, 0] = -1  # stands for missing
    names = [f"pixel_{i}_{j}" for i in range(8) for j in range(8)]
    return pd.DataFrame(pixels.reshape(200, 64), columns=names).assign(kind=["a", "b"] * 100)


@pytest.fixture(scope="module")
def table(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    digits.to_parquet(folder / "images.parquet", row_group_size=50)
    (folder / "c.yaml").write_text("features: {pixel_0_0: {sentinels: [-1]}}")
    return explorer.open_table(folder / "images.parquet", catalogue=folder / "c.yaml")


@pytest.fixture
def pictures(table, fake_queue):
    return Session(table, fake_queue, {"features": ["pixel_3_3"]}).part(RowPictures)


def test_a_picture_holds_the_pixels_of_its_row_on_the_scale_of_all_of_them(pictures, digits):
    values = digits.drop(columns="kind").to_numpy().reshape(200, 8, 8)
    shown = pictures.read([9, 7, 8])
    assert list(shown) == [9, 7, 8]
    expected = np.round(255 * (values[9] - 3) / (18 - 3))
    assert drawn(shown[9]).shape == (8, 8, 4)
    np.testing.assert_array_equal(drawn(shown[9])[..., 1], expected)
    assert (drawn(shown[9])[..., 3] == 255).all()
    for row, place in ((7, (2, 5)), (8, (0, 0))):
        opaque = drawn(shown[row])[..., 3]
        assert opaque[place] == 0
        assert np.count_nonzero(opaque == 0) == 1


def test_pictures_of_a_block_that_is_counted_are_the_same_without_the_files(
    pictures, table, monkeypatch, until
):
    monkeypatch.setattr("explorer.session.rows.row_pictures._MOST_CELLS", 0)
    read = pictures.read([7, 8, 150])
    monkeypatch.undo()
    table.profiles.start()
    until(lambda: table.profiles.count_exact() == 65)
    asked = []
    lookup = type(table.source).lookup

    def spy(source, rows, columns=None):
        asked.append(rows.tolist())
        return lookup(source, rows, columns)

    monkeypatch.setattr(type(table.source), "lookup", spy)

    def reads_files():
        pictures._kept.forget(lambda _: True)
        asked.clear()
        assert pictures.read([7, 8, 150]) == read
        return bool(asked)

    until(lambda: not reads_files())
    assert len(pictures.read(range(60))) == 60
    assert asked == []


def test_only_rows_that_are_not_kept_are_read_and_sixty_at_most(pictures, table, monkeypatch):
    monkeypatch.setattr("explorer.session.rows.row_pictures._MOST_CELLS", 0)
    asked = []
    lookup = type(table.source).lookup

    def spy(source, rows, columns=None):
        asked.append((rows.tolist(), len(columns)))
        return lookup(source, rows, columns)

    monkeypatch.setattr(type(table.source), "lookup", spy)
    first = pictures.read([5, 2])
    assert pictures.read([2, 11])[2] == first[2]
    assert asked == [([2, 5], 64), ([11], 64)]
    assert len(pictures.read(range(150))) == 60


def test_a_table_without_an_image_has_no_pictures(session):
    assert session.part(RowPictures).read([0, 1]) == {}
