import io

import pytest
from PIL import Image

from explorer.ui.map_saving import PictureRequest, make_picture


def picture_of(session, request):
    return make_picture(session.table, session.projection, session.scene, request)


@pytest.fixture
def wanted():
    def make(form="png", scale=1, plain=True, size=(60, 30)):
        return PictureRequest((-3.0, 3.0), (-1.5, 1.5), size, form, scale, plain)

    return make


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_plain_png_has_the_pixels_asked_for(session, wanted, scale):
    file = picture_of(session, wanted(scale=scale))
    with Image.open(io.BytesIO(file.data)) as picture:
        assert picture.size == (60 * scale, 30 * scale)
    assert (file.media, file.trouble) == ("image/png", "")


@pytest.mark.parametrize(
    ("form", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_every_format_has_its_name_and_media_type(session, wanted, form, start):
    file = picture_of(session, wanted(form, plain=False))
    assert file.data.startswith(start)
    assert file.name.endswith(f"-map.{form}")
    assert form in file.media


def test_what_goes_wrong_is_told(session, wanted, new_session, monkeypatch, caplog):
    assert "A map is saved as png, svg, pdf" in picture_of(session, wanted("exe")).trouble
    assert "at 1, 2 or 4 times" in picture_of(session, wanted(scale=1000)).trouble
    assert "too large" in picture_of(session, wanted(size=(20_000, 20_000))).trouble
    assert "whole number of pixels" in picture_of(session, wanted(size=(0, 3))).trouble
    assert (
        picture_of(new_session(), wanted()).trouble
        == "There is no map yet: save it when it is made."
    )

    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr("explorer.ui.map_saving.draw_screen_figure", broken)
    assert "could not be made" in picture_of(session, wanted()).trouble
    assert "a defect" in caplog.text
    monkeypatch.setattr(
        "explorer.ui.map_saving.draw_screen_figure", lambda *_: (_ for _ in ()).throw(MemoryError)
    )
    assert "choose fewer pixels" in picture_of(session, wanted()).trouble
