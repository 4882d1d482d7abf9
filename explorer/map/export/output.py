"""Output: a figure as PNG, SVG or PDF.

Equal figures have equal bytes: no file holds the time it was made.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.map.export.figure import drawing, matplotlib_figure
from explorer.map.paint.picture import png_bytes, write_picture

if TYPE_CHECKING:
    from explorer.map.export.map_figure import MapFigure

__all__ = ["FORMATS", "figure_bytes", "format_of", "save_figure"]

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
"""What a figure can be written as, with its media type."""


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


def figure_bytes(figure: MapFigure, form: str) -> bytes:
    """Return a figure as a file.

    Parameters
    ----------
    figure : MapFigure
    form : {"png", "svg", "pdf"}
        In SVG and PDF axes, legend and words are vectors and text; the frame is embedded pixel for
        pixel.

    Raises
    ------
    EmbeddingError
        If it is another format.
    """
    metadata = {"Software": _software(), **figure.metadata}
    if form == "png":
        rgba = figure.rgba if figure.is_plain else _pixels(figure)
        return png_bytes(rgba, figure.theme.background, metadata)
    if form not in FORMATS:
        raise EmbeddingError(f"format={form!r} must be 'png', 'svg' or 'pdf'")
    return (_svg if form == "svg" else _pdf)(figure)


def save_figure(figure: MapFigure, path: str | Path) -> None:
    """Write a figure to a file, whole or not at all; its suffix says the format.

    Raises
    ------
    EmbeddingError
        If the suffix is unknown or the file cannot be written.
    """
    write_picture(figure_bytes(figure, format_of(path)), path)


def _pixels(figure: MapFigure) -> np.ndarray:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with drawing():
        canvas = FigureCanvasAgg(matplotlib_figure(figure))
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())


def _svg(figure: MapFigure) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.BytesIO()
    names = {"Title": "Title", "Caption": "Description", "Description": "Source"}
    with drawing():
        metadata = {
            theirs: figure.metadata[ours]
            for ours, theirs in names.items()
            if ours in figure.metadata
        }
        FigureCanvasSVG(matplotlib_figure(figure)).print_svg(
            buffer, metadata={**metadata, "Creator": _software(), "Date": None}
        )
    return buffer.getvalue()


def _pdf(figure: MapFigure) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    buffer = io.BytesIO()
    names = {"Title": "Title", "Caption": "Subject", "Description": "Keywords"}
    with drawing():
        metadata = {
            theirs: figure.metadata[ours]
            for ours, theirs in names.items()
            if ours in figure.metadata
        }
        fixed = {"Creator": _software(), "Producer": "Matplotlib", "CreationDate": None}
        FigureCanvasPdf(matplotlib_figure(figure)).print_pdf(buffer, metadata={**metadata, **fixed})
    return buffer.getvalue()


def _software() -> str:
    from explorer._version import __version__

    return f"explorer {__version__}"
