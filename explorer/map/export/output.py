"""Output: a plate as PNG, SVG or PDF.

Equal plates have equal bytes: no file holds the time it was made.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.map.export.figure import drawing, figure_of
from explorer.map.paint.picture import png_bytes, write_picture

if TYPE_CHECKING:
    from explorer.map.export.plate import Plate

__all__ = ["FORMATS", "format_of", "plate_bytes", "save_plate"]

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
"""What a plate can be written as, with its media type."""


def format_of(path: str | Path) -> str:
    """Return the format that a file's name asks for.

    Raises
    ------
    EmbeddingError
        If its suffix is none of .png, .svg, .pdf.
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise EmbeddingError(
            f"{str(path)!r} names no format of a picture: end it in .png, .svg or .pdf"
        )
    return suffix


def plate_bytes(plate: Plate, form: str) -> bytes:
    """Return a plate as a file.

    Parameters
    ----------
    plate : Plate
    form : {"png", "svg", "pdf"}
        In SVG and PDF axes, legend and words are vectors and text; the frame is embedded pixel for
        pixel.

    Raises
    ------
    EmbeddingError
        If it is another format.
    """
    words = {"Software": _software(), **plate.metadata}
    if form == "png":
        rgba = plate.rgba if plate.is_plain else _pixels(plate)
        return png_bytes(rgba, plate.theme.background, words)
    if form not in FORMATS:
        raise EmbeddingError(f"format={form!r} must be 'png', 'svg' or 'pdf'")
    return (_svg if form == "svg" else _pdf)(plate)


def save_plate(plate: Plate, path: str | Path) -> None:
    """Write a plate to a file, whole or not at all; its suffix says the format.

    Raises
    ------
    EmbeddingError
        If the suffix is unknown or the file cannot be written.
    """
    write_picture(plate_bytes(plate, format_of(path)), path)


def _pixels(plate: Plate) -> np.ndarray:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with drawing():
        canvas = FigureCanvasAgg(figure_of(plate))
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())


def _svg(plate: Plate) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.BytesIO()
    words = {"Title": "Title", "Caption": "Description", "Description": "Source"}
    with drawing():
        metadata = {
            theirs: plate.metadata[ours] for ours, theirs in words.items() if ours in plate.metadata
        }
        FigureCanvasSVG(figure_of(plate)).print_svg(
            buffer, metadata={**metadata, "Creator": _software(), "Date": None}
        )
    return buffer.getvalue()


def _pdf(plate: Plate) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    buffer = io.BytesIO()
    words = {"Title": "Title", "Caption": "Subject", "Description": "Keywords"}
    with drawing():
        metadata = {
            theirs: plate.metadata[ours] for ours, theirs in words.items() if ours in plate.metadata
        }
        fixed = {"Creator": _software(), "Producer": "Matplotlib", "CreationDate": None}
        FigureCanvasPdf(figure_of(plate)).print_pdf(buffer, metadata={**metadata, **fixed})
    return buffer.getvalue()


def _software() -> str:
    from explorer._version import __version__

    return f"explorer {__version__}"
