"""`explorer render`: an embedding as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, open_files, ranges, size
from explorer.command_line.options import CATALOGUE, FILES, ROLE, add_options, option
from explorer.command_line.printing import print_message
from explorer.command_line.results import check_json, write_document
from explorer.core.output_file import check_target

if TYPE_CHECKING:
    from explorer.map.export.map_figure import MapFigure
    from explorer.map.map import Map

__all__ = ["add"]


_OPTIONS = {
    "files": FILES,
    "--embedding": option("what `explorer project` wrote", "E.parquet", required=True),
    "--color": option("column to colour by (default: density)", "COL"),
    "--where": option("rows in colour; the others are grey", "EXPR"),
    "--view": option(
        "part of the map, in its units (default: all of it)", "X0,X1,Y0,Y1", type=ranges
    ),
    "--size": option("pixels of the map", "900x700", type=size, default=(900, 700)),
    "--scale": option(
        "the same picture with so many times the pixels each way", "2", type=float, default=1.0
    ),
    "--axes": option(
        "axes, legend, title and caption around the map (default: in SVG and PDF, not in PNG)",
        action=argparse.BooleanOptionalAction,
    ),
    "--title": option('above the map (default: its name where there are axes; "" for none)'),
    "--dark": option("on dark instead of white", action="store_true"),
    "--catalogue": CATALOGUE,
    "--role": ROLE,
    "--out": option("ends in .png, .svg or .pdf", "MAP.png", required=True),
    "--json": option("write what was drawn as JSON (- for stdout)", "PATH"),
}


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "render", _render, "draw an embedding to a PNG, SVG or PDF")
    parser.signed = ("--view",)
    add_options(parser, _OPTIONS)


def _render(arguments: argparse.Namespace) -> None:
    import tempfile

    from explorer.embedding.embedding import open_embedding
    from explorer.map.export.output import format_of
    from explorer.map.map import build_map

    check_target("--out", arguments.out)
    check_json(arguments)
    form = format_of(arguments.out)
    table = open_files(arguments.files, arguments.catalogue, arguments.role)
    embedding = open_embedding(arguments.embedding)
    with tempfile.TemporaryDirectory() as folder:
        drawn = build_map(embedding, Path(folder) / "map", table)
        figure = _saved(drawn, arguments, form)
        del drawn
    width, height = figure.viewport.width, figure.viewport.height
    print_message(f"{arguments.out}: {width:,} × {height:,} pixels, {len(embedding.rows):,} rows")
    write_document(arguments, lambda: {"out": arguments.out, "format": form, **figure.document()})


def _saved(drawn: Map, arguments: argparse.Namespace, form: str) -> MapFigure:
    from explorer.map.viewport import Viewport

    around = form != "png" if arguments.axes is None else arguments.axes
    view = None
    if arguments.view:
        view = Viewport(arguments.view[:2], arguments.view[2:], *arguments.size)
    return drawn.save(
        arguments.out,
        view,
        arguments.color,
        arguments.where,
        arguments.size,
        arguments.scale,
        axes=around,
        legend=around,
        caption=around,
        theme="dark" if arguments.dark else "light",
        title=arguments.title,
    )
