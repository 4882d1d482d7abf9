import errno
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.core.errors import EmbeddingError
from explorer.map.paint.picture import flatten, png_bytes, write_png


@pytest.fixture
def rgba():
    return np.random.default_rng(0).integers(0, 256, (13, 17, 4)).astype(np.uint8)


def test_a_png_holds_the_very_pixels_and_the_words(tmp_path, rgba):
    write_png(rgba, tmp_path / "map.png", metadata={"Description": "x × y, 17 rows"})
    with Image.open(tmp_path / "map.png") as picture:
        assert np.array_equal(np.asarray(picture), rgba)
        assert picture.text == {"Description": "x × y, 17 rows"}


def test_a_background_is_mixed_in(rgba):
    with Image.open(io.BytesIO(png_bytes(rgba, background=(10, 200, 30)))) as picture:
        found = np.asarray(picture)
    alpha = rgba[:, :, 3:] / 255
    assert found.shape == (13, 17, 3)
    assert (
        np.abs(found - (rgba[:, :, :3] * alpha + np.array([10, 200, 30]) * (1 - alpha))).max()
        <= 0.51
    )


def test_flattening_leaves_the_picture_as_it_was(rgba):
    before = rgba.copy()
    assert (flatten(rgba, (0, 0, 0))[:, :, 3] == 255).all()
    assert np.array_equal(rgba, before)


def test_what_is_no_picture_or_no_place_is_refused(tmp_path, rgba):
    with pytest.raises(EmbeddingError, match="uint8"):
        png_bytes(rgba[:, :, :3])
    with pytest.raises(EmbeddingError, match="cannot write"):
        write_png(rgba, tmp_path / "missing" / "map.png")


def test_a_full_disk_leaves_no_file_and_the_old_one_whole(tmp_path, rgba, monkeypatch):
    write_png(rgba, tmp_path / "map.png")
    before = (tmp_path / "map.png").read_bytes()

    def full(path, data):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    for name in ("map.png", "new.png"):
        with pytest.raises(EmbeddingError, match="No space left"):
            write_png(rgba, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]
    assert (tmp_path / "map.png").read_bytes() == before
