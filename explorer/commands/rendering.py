"""`explorer render`: an embedding as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.commands.arguments import add_command, add_files, open_files, size
from explorer.commands.lines import say
from explorer.target import check_target

if TYPE_CHECKING:
    import argparse

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "render", _render, "draw an embedding to a PNG")
    add_files(parser)
    parser.add_argument(
        "--embedding", required=True, metavar="E.parquet", help="what `explorer project` wrote"
    )
    parser.add_argument("--color", metavar="COL", help="column to colour by (default: density)")
    parser.add_argument("--where", metavar="EXPR", help="rows in colour; the others are grey")
    parser.add_argument("--size", type=size, default=(900, 700), metavar="900x700", help="pixels")
    parser.add_argument("--out", required=True, metavar="MAP.png")


def _render(arguments: argparse.Namespace) -> None:
    import tempfile

    import explorer
    from explorer.maps.picture import write_png

    check_target("--out", arguments.out)
    table = open_files(arguments.files)
    embedding = explorer.open_embedding(arguments.embedding)
    with tempfile.TemporaryDirectory() as folder:
        drawn = explorer.build_map(embedding, Path(folder) / "map", table)
        viewport = explorer.Viewport.fitted(drawn.store.extent, *arguments.size)
        rgba = drawn.render(viewport, color=arguments.color, where=arguments.where)
        words = {
            "Title": embedding.name,
            "Software": f"explorer {explorer.__version__}",
            "Description": json.dumps(embedding.provenance),
        }
        write_png(rgba, arguments.out, background=(255, 255, 255), metadata=words)
        del drawn
    say(f"{arguments.out}: {arguments.size[0]} × {arguments.size[1]} pixels, {len(embedding.rows):,} rows")
