"""`explorer render`: an embedding as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, open_files, ranges, size
from explorer.command_line.lines import announce, say
from explorer.core.output_file import check_target, json_text, write_json

if TYPE_CHECKING:
    from explorer.map.export.plate import Plate
    from explorer.map.map import Map

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "render", _render, "draw an embedding to a PNG, SVG or PDF")
    parser.signed = ("--view",)
    add_files(parser)
    parser.add_argument(
        "--embedding", required=True, metavar="E.parquet", help="what `explorer project` wrote"
    )
    parser.add_argument("--color", metavar="COL", help="column to colour by (default: density)")
    parser.add_argument("--where", metavar="EXPR", help="rows in colour; the others are grey")
    parser.add_argument(
        "--view",
        type=ranges,
        metavar="X0,X1,Y0,Y1",
        help="part of the map, in its units (default: all of it)",
    )
    parser.add_argument(
        "--size", type=size, default=(900, 700), metavar="900x700", help="pixels of the map"
    )
    parser.add_argument(
        "--scale",
        type=float,
        default=1.0,
        metavar="2",
        help="the same picture with so many times the pixels each way",
    )
    parser.add_argument(
        "--axes",
        action=argparse.BooleanOptionalAction,
        help="axes, legend, title and caption around the map (default: in SVG and PDF, not in PNG)",
    )
    parser.add_argument(
        "--title", help='above the map (default: its name where there are axes; "" for none)'
    )
    parser.add_argument("--dark", action="store_true", help="on dark instead of white")
    parser.add_argument(
        "--out", required=True, metavar="MAP.png", help="ends in .png, .svg or .pdf"
    )
    parser.add_argument(
        "--json", metavar="PATH", help="write what was drawn as JSON (- for stdout)"
    )


def _render(arguments: argparse.Namespace) -> None:
    import tempfile

    from explorer.embedding.embedding import open_embedding
    from explorer.map.export.output import format_of
    from explorer.map.map import build_map

    check_target("--out", arguments.out)
    if arguments.json and arguments.json != "-":
        check_target("--json", arguments.json)
    form = format_of(arguments.out)
    table = open_files(arguments.files)
    embedding = open_embedding(arguments.embedding)
    with tempfile.TemporaryDirectory() as folder:
        drawn = build_map(embedding, Path(folder) / "map", table)
        plate = _saved(drawn, arguments, form)
        del drawn
    width, height = plate.viewport.width, plate.viewport.height
    say(f"{arguments.out}: {width:,} × {height:,} pixels, {len(embedding.rows):,} rows")
    if arguments.json:
        document = {"out": arguments.out, "format": form, **plate.document()}
        if arguments.json == "-":
            announce(json_text(document))
        else:
            write_json(arguments.json, document)


def _saved(drawn: Map, arguments: argparse.Namespace, form: str) -> Plate:
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
