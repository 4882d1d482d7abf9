"""Figures as files, read back by Pillow, an XML parser and the bytes of a PDF."""

import base64
import io
import os
import re
import subprocess
import sys
import threading
import zlib
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from explorer.core.errors import EmbeddingError
from explorer.map.export.legend import Coloured, legend_of
from explorer.map.export.map_figure import MapFigure
from explorer.map.export.output import figure_bytes, format_of, save_figure
from explorer.map.paint.color import Categorical, Continuous, Density
from explorer.map.paint.palettes import DARK, LIGHT
from explorer.map.paint.picture import flatten

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
WORDS = ("2,000 rows of blobs, all in view.", "A price of $3 and $4 & <b>.")


@pytest.fixture
def draw_figure(store, draw):
    """Make a figure of the blob with everything around it."""
    codes = np.random.default_rng(3).integers(0, 4, store.n).astype(np.uint8)

    def make(theme=LIGHT, scale=1.0, size=(160, 120), kind="levels", **changes):
        colour = Categorical(codes, 4) if kind == "levels" else Density()
        if kind == "values":
            colour = Continuous(np.linspace(0, 9, store.n, dtype=np.float32))
        made = draw(colour, size, theme=theme)
        legend = legend_of(
            made, colour, theme, Coloured("Kind", levels=["$x_1$", "b & <c>", "Ç", "missing"])
        )
        parts = {
            "title": "A figure",
            "axes": ("PC 1 (34 % of variance)", "PC 2"),
            "legend": legend,
            "caption": WORDS,
        }
        return MapFigure.of(
            made, WORDS, {"name": "blob"}, theme=theme, scale=scale, **{**parts, **changes}
        )

    return make


def pixels(data):
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGBA")), dict(picture.text)


def embedded(data, name):
    """Return a picture inside an SVG."""
    (found,) = [one for one in ET.fromstring(data).iter(f"{SVG}image") if one.get("id") == name]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found.get(LINK).split(",", 1)[1]))))


def places_of(window, inside):
    """Return where a picture lies in a larger one, by trying every place of its first row."""
    height, width = inside.shape[:2]
    return [
        (top, left)
        for top in range(window.shape[0] - height + 1)
        for left in range(window.shape[1] - width + 1)
        if (window[top, left : left + width] == inside[0]).all()
        and (window[top : top + height, left : left + width] == inside).all()
    ]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_the_frame_in_a_png_is_the_map_to_the_pixel(draw_figure, theme, scale):
    figure = draw_figure(theme, scale)
    drawn, _ = pixels(figure_bytes(figure, "png"))
    assert len(places_of(drawn, flatten(figure.rgba, theme.background))) == 1
    assert tuple(drawn[0, 0]) == (*theme.background, 255)


@pytest.mark.parametrize("kind", ["levels", "values", "density"])
def test_the_frame_in_an_svg_is_the_map_to_the_pixel(draw_figure, kind):
    figure = draw_figure(kind=kind)
    np.testing.assert_array_equal(embedded(figure_bytes(figure, "svg"), "frame"), figure.rgba)


def test_the_frame_in_a_pdf_is_the_map_to_the_pixel(draw_figure):
    figure = draw_figure()
    # so many colours that Matplotlib writes no table of them
    noise = np.random.default_rng(5).integers(0, 256, figure.rgba.shape).astype(np.uint8)
    figure = replace(figure, rgba=noise)
    streams = pdf_pictures(figure_bytes(figure, "pdf"))
    shape = figure.rgba.shape[:2]
    assert any(
        np.array_equal(one, figure.rgba[:, :, :3]) for one in streams if one.shape == (*shape, 3)
    )
    assert any(
        np.array_equal(one[:, :, 0], figure.rgba[:, :, 3])
        for one in streams
        if one.shape == (*shape, 1)
    )


def pdf_pictures(data):
    """Return all pictures of a PDF, (h, w, channels) each; Pillow undoes PNG row filters."""
    found = []
    for match in re.finditer(rb"\d+ 0 obj\n<<((?:(?!endobj).)*?)>>\s*stream\r?\n", data, re.DOTALL):
        head = match[1]
        if b"/Image" not in head:
            continue
        width, height = (
            int(re.search(rb"/%s (\d+)" % key, head)[1]) for key in (b"Width", b"Height")
        )
        colours = re.search(rb"/Colors (\d+)", head)
        channels = int(colours[1]) if colours else 3 if b"/DeviceRGB" in head else 1
        body = data[match.end() :]
        raw = zlib.decompressobj().decompress(body)
        if b"/Predictor" in head:
            found.append(unfiltered(raw, width, height, channels))
        else:
            found.append(np.frombuffer(raw, np.uint8).reshape(height, width, channels))
    return found


def unfiltered(raw, width, height, channels):
    """Let Pillow undo the filters: the stream is that of a PNG."""

    def chunk(name, body):
        return (
            len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        )

    head = (
        width.to_bytes(4, "big")
        + height.to_bytes(4, "big")
        + bytes([8, 2 if channels == 3 else 0, 0, 0, 0])
    )
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )
    return np.asarray(Image.open(io.BytesIO(png))).reshape(height, width, channels)


def test_text_stays_text_in_svg(draw_figure):
    figure = draw_figure()
    tree = ET.fromstring(figure_bytes(figure, "svg"))
    words = {"".join(one.itertext()).strip() for one in tree.iter(f"{SVG}text")}
    counts = {f"{one.count:,}" for one in figure.legend.levels}
    assert {
        "A figure",
        "PC 1 (34 % of variance)",
        "PC 2",
        "Kind",
        "rows in view",
        "$x_1$",
        "b & <c>",
        *WORDS,
    } <= words
    assert counts <= words
    assert {"−2", "0", "2"} <= words


def test_axes_are_vectors_at_the_places_of_the_data(draw_figure):
    """The tick of 0 stands on the column of pixels in which 0 lies."""
    figure = draw_figure()
    tree = ET.fromstring(figure_bytes(figure, "svg"))
    (picture,) = [one for one in tree.iter(f"{SVG}image") if one.get("id") == "frame"]
    scale, _, _, _, left, _ = map(
        float, re.search(r"matrix\((.*)\)", picture.get("transform"))[1].split()
    )
    ticks = {
        "".join(group.itertext()).strip(): float(next(group.iter(f"{SVG}use")).get("x"))
        for group in tree.iter(f"{SVG}g")
        if (group.get("id") or "").startswith("xtick")
    }
    low, high = figure.viewport.x_range
    assert len(ticks) >= 2
    for words, x in ticks.items():
        column = (float(words.replace("−", "-")) - low) / (high - low) * figure.viewport.width
        assert abs((x - left) / scale - column) < 1e-3


def test_text_of_a_pdf_is_embedded_truetype(draw_figure):
    data = figure_bytes(draw_figure(), "pdf")
    assert data.startswith(b"%PDF-")
    assert b"/FontFile2" in data
    assert b"/Type3" not in data


def test_a_figure_without_anything_around_is_the_map_alone(draw_figure):
    figure = draw_figure(title="", axes=None, legend=None, caption=())
    drawn, words = pixels(figure_bytes(figure, "png"))
    np.testing.assert_array_equal(drawn, flatten(figure.rgba, LIGHT.background))
    assert words["Caption"] == "\n".join(WORDS)
    tree = ET.fromstring(figure_bytes(figure, "svg"))
    assert [tree.get(side) for side in ("width", "height")] == ["120pt", "90pt"]
    assert not list(tree.iter(f"{SVG}text"))


@pytest.mark.parametrize("size", [(1, 1), (2, 200), (200, 2)])
@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_smallest_map_has_its_words_too(draw_figure, size, form):
    assert len(figure_bytes(draw_figure(size=size), form)) > 1000


def test_equal_figures_have_equal_bytes_in_any_process_and_need_no_pyplot():
    script = (
        "import sys, hashlib, numpy as np\n"
        "from explorer.map.paint.palettes import LIGHT\n"
        "from explorer.map.viewport import Viewport\n"
        "from explorer.map.export.output import figure_bytes\n"
        "from explorer.map.export.map_figure import MapFigure\n"
        "rgba = np.random.default_rng(0).integers(0, 256, (40, 60, 4)).astype(np.uint8)\n"
        "figure = MapFigure(rgba, Viewport((0, 6), (0, 4), 60, 40), title='T', axes=('x', 'y'), "
        "caption=('c',), metadata={'Title': 'T'})\n"
        "assert 'matplotlib' not in sys.modules\n"
        "print([hashlib.sha256(figure_bytes(figure, form)).hexdigest() for form in ('png', 'svg', "
        "'pdf')])\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]


def test_a_users_settings_neither_change_a_figure_nor_are_changed(draw_figure):
    import matplotlib

    before = figure_bytes(draw_figure(), "svg")
    with matplotlib.rc_context(
        {"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red", "text.usetex": True}
    ):
        mine = dict(matplotlib.rcParams)
        assert figure_bytes(draw_figure(), "svg") == before
        assert dict(matplotlib.rcParams) == mine


def test_threads_draw_at_once_without_harm(draw_figure):
    figures = [draw_figure(), draw_figure(DARK, kind="values")] * 3
    forms = ["png", "svg", "pdf", "svg", "png", "png"]
    alone = [figure_bytes(figure, form) for figure, form in zip(figures, forms, strict=True)]
    found = {}

    def work(place):
        found[place] = figure_bytes(figures[place], forms[place])

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(figures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[place] for place in range(len(figures))] == alone


def test_a_file_appears_whole_or_not_at_all(draw_figure, tmp_path, monkeypatch):
    figure = draw_figure()
    save_figure(figure, tmp_path / "map.SVG")
    assert (tmp_path / "map.SVG").read_bytes() == figure_bytes(figure, "svg")
    with pytest.raises(EmbeddingError, match=r"cannot write the picture to .*No such file"):
        save_figure(figure, tmp_path / "no" / "map.png")

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(EmbeddingError, match="No space left on device"):
        save_figure(figure, tmp_path / "map.pdf")
    assert [one.name for one in tmp_path.iterdir()] == ["map.SVG"]


@pytest.mark.parametrize("name", ["map", "map.jpg", "map.svgz", ".png"])
def test_an_unknown_suffix_is_refused_in_words(name):
    with pytest.raises(EmbeddingError, match=r"end it in \.png, \.svg or \.pdf"):
        format_of(name)
