"""The command `explorer`: the only room that prints."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import ExplorerError
from explorer.target import check_target, json_text, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.cache import Cache
    from explorer.workbench.table import Table

__all__ = ["main"]

_FILES = "Parquet, Arrow IPC/Feather or CSV: path, glob, folder, or several of them, read as one table"
# Disks and folders are the user's to mend: any part of the engine may meet them.
_DISK = {errno.ENOSPC, errno.EROFS, errno.EACCES, getattr(errno, "EDQUOT", errno.ENOSPC)}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        0, or 1 after one clear line on stderr. Wrong usage exits with 2.
    """
    arguments = _parser().parse_args(argv)
    if arguments.cache:
        os.environ["EXPLORER_CACHE"] = arguments.cache
    try:
        return int(arguments.run(arguments) or 0)
    except KeyboardInterrupt:
        _say("\nstopped")
        return 0 if arguments.command in ("demo", "serve") else 1
    except Exception as error:
        if arguments.debug or not _expected(error):
            raise
        _say(f"explorer: {' '.join(str(error).split())}")
        return 1


def _expected(error: Exception) -> bool:
    """Say whether an exception is meant for the user, without importing the engine to ask."""
    from projections.errors import Cancelled, ProjectionError

    if isinstance(error, OSError) and error.errno in _DISK:
        return True
    return isinstance(error, ExplorerError | ProjectionError | Cancelled | MemoryError)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- arguments


def _parser() -> argparse.ArgumentParser:
    from explorer import __version__

    parser = argparse.ArgumentParser(
        prog="explorer", description="Open a wide, long table; see all rows as one map."
    )
    parser.add_argument("--version", action="version", version=f"explorer {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_serve(commands)
    _add_project(commands)
    _add_render(commands)
    _add_cache(commands)
    return parser


def _add(commands: Any, name: str, run: Any, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words[0].upper() + words[1:] + "."
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--cache", metavar="DIR", help="folder for computed things (default: EXPLORER_CACHE, else the user's)"
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=5006, help="port to serve on (default: 5006; 0: a free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def _add_demo(commands: Any) -> None:
    parser = _add(commands, "demo", _demo, "serve a sample table")
    parser.add_argument("name", nargs="?", default="films", help="sample (default: films)")
    parser.add_argument("--list", action="store_true", help="list the samples and stop")
    _add_server(parser)


def _add_serve(commands: Any) -> None:
    parser = _add(commands, "serve", _serve, "serve the workbench on a table")
    parser.add_argument("files", nargs="+", metavar="FILE", help=_FILES)
    _add_server(parser)
    parser.add_argument("--address", default="localhost", help="interface to listen on (default: localhost)")
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="HOST",
        help="host whose pages may connect; repeatable",
    )
    parser.add_argument("--prefix", default="", help="path before the page's own, behind a proxy")
    parser.add_argument("--catalogue", metavar="YAML", help="labels, units, descriptions of the columns")
    parser.add_argument("--xy", metavar="COL,COL", type=_pair, help="two columns with ready coordinates")
    parser.add_argument(
        "--basic-auth", metavar="PASSWORD|FILE", help="a password, or a JSON file of user: password"
    )


def _add_project(commands: Any) -> None:
    parser = _add(commands, "project", _project, "project chosen features to a file of coordinates")
    parser.add_argument("files", nargs="+", metavar="FILE", help=_FILES)
    parser.add_argument("--features", required=True, type=_names, metavar="A,B,C", help="columns to project")
    parser.add_argument("--method", default="umap", choices=["pca", "umap"])
    parser.add_argument("--scale", default="standard", choices=["standard", "robust", "none"])
    parser.add_argument("--missing", default="median", choices=["median", "indicator", "drop"])
    parser.add_argument("--infinite", default="refuse", choices=["refuse", "clip", "missing"])
    parser.add_argument("--where", metavar="EXPR", help="only these rows, as in the WHERE part of SQL")
    parser.add_argument(
        "--transform", type=_pairs, default={}, metavar="F=log1p,…", help="transform of single features"
    )
    parser.add_argument(
        "--weights", type=_weights, default={}, metavar="F=2,…", help="weights of single features"
    )
    parser.add_argument(
        "--encode", type=_encode, default="auto", metavar="auto|T=hour,…", help="encoding of single features"
    )
    parser.add_argument(
        "--seed", type=_seed, default=0, metavar="0|none", help="none is the fastest, and not repeatable"
    )
    parser.add_argument("--n-neighbors", type=int, help="neighbours of each row (UMAP, default 15)")
    parser.add_argument("--min-dist", type=float, help="smallest distance on the map (UMAP, default 0.1)")
    parser.add_argument("--catalogue", metavar="YAML", help="sentinels and kinds of the columns")
    parser.add_argument(
        "--out",
        required=True,
        metavar="E.parquet",
        help="columns row, x, y, trust; provenance in the metadata",
    )
    parser.add_argument("--json", metavar="PATH", help="write provenance and scores as JSON (- for stdout)")


def _add_render(commands: Any) -> None:
    parser = _add(commands, "render", _render, "draw an embedding to a PNG")
    parser.add_argument("files", nargs="+", metavar="FILE", help=_FILES)
    parser.add_argument(
        "--embedding", required=True, metavar="E.parquet", help="what `explorer project` wrote"
    )
    parser.add_argument("--color", metavar="COL", help="column to colour by (default: density)")
    parser.add_argument("--where", metavar="EXPR", help="rows in colour; the others are grey")
    parser.add_argument("--size", type=_size, default=(900, 700), metavar="900x700", help="pixels")
    parser.add_argument("--out", required=True, metavar="MAP.png")


def _add_cache(commands: Any) -> None:
    parser = _add(
        commands, "cache", _cache_command, "list or clear what was computed before; warm compiles ahead"
    )
    parser.add_argument("what", choices=["list", "clear", "warm"])


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _pair(text: str) -> tuple[str, str]:
    names = _names(text)
    if len(names) != 2:
        raise argparse.ArgumentTypeError(f"expected two columns, as in x,y; got {text!r}")
    return names[0], names[1]


def _pairs(text: str) -> dict[str, str]:
    pairs = dict(part.split("=", 1) for part in _names(text) if "=" in part)
    if len(pairs) != len(_names(text)):
        raise argparse.ArgumentTypeError(f"expected FEATURE=VALUE,…; got {text!r}")
    return pairs


def _weights(text: str) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in _pairs(text).items()}
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected FEATURE=NUMBER,…; got {text!r}") from None


def _encode(text: str) -> str | dict[str, str]:
    return text if text == "auto" else _pairs(text)


def _seed(text: str) -> int | None:
    if text.lower() == "none":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number or none; got {text!r}")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT in pixels; got {text!r}")
    return int(parts[0]), int(parts[1])


# --- commands


def _open(files: Sequence[str], catalogue: str | None = None) -> Table:
    import explorer

    return explorer.open_table(list(files) if len(files) > 1 else files[0], catalogue=catalogue)


def _cache() -> Cache:
    from explorer.cache import Cache

    return Cache()


def _demo(arguments: argparse.Namespace) -> None:
    from explorer.demo import open_sample, samples

    if arguments.list:
        for sample in samples():
            print(
                f"{sample.name:10} {sample.rows:>11,} rows × {sample.columns} columns  {sample.title} ({sample.license})  {sample.how}"
            )
        return
    from explorer.pages.server import ServeOptions, serve

    options = ServeOptions(port=arguments.port, browser=not arguments.no_browser)
    serve(lambda: open_sample(arguments.name), options, _announce)


def _serve(arguments: argparse.Namespace) -> None:
    from explorer.pages.server import ServeOptions, serve

    options = ServeOptions(
        arguments.port, arguments.address, arguments.allow_origin, arguments.prefix, arguments.basic_auth,
        not arguments.no_browser, arguments.xy,
    )  # fmt: skip
    serve(lambda: _open(arguments.files, arguments.catalogue), options, _announce)


def _announce(text: str) -> None:
    print(text, flush=True)


def _project(arguments: argparse.Namespace) -> None:
    check_target("--out", arguments.out)
    if arguments.json and arguments.json != "-":
        check_target("--json", arguments.json)
    table = _open(arguments.files, arguments.catalogue)
    parameters = {"n_neighbors": arguments.n_neighbors, "min_dist": arguments.min_dist}
    if arguments.method == "pca" and any(value is not None for value in parameters.values()):
        raise ExplorerError(
            "--n-neighbors and --min-dist are parameters of UMAP: leave them out with --method pca"
        )
    start = time.perf_counter()
    bar = _Bar()
    embedding = table.project(
        arguments.features, arguments.method, scale=arguments.scale, missing=arguments.missing, where=arguments.where,
        transform=arguments.transform, weights=arguments.weights, encode=arguments.encode, random_state=arguments.seed,
        progress=bar, infinite=arguments.infinite, **{key: value for key, value in parameters.items() if value is not None},
    )  # fmt: skip
    bar.close()
    embedding.save(arguments.out)
    seconds = time.perf_counter() - start
    _say(f"{len(embedding.rows):,} rows projected in {seconds:.1f} s: {arguments.out}")
    document = {
        "provenance": embedding.provenance,
        "scores": embedding.scores,
        "seconds": seconds,
        "peak_bytes": _peak(),
    }
    if arguments.json == "-":
        print(json_text(document))
    elif arguments.json:
        write_json(arguments.json, document)


def _peak() -> int | None:
    """Return the largest memory this process has held, in bytes, where the system says it."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _render(arguments: argparse.Namespace) -> None:
    import tempfile

    import explorer
    from explorer.maps.picture import write_png

    check_target("--out", arguments.out)
    table = _open(arguments.files)
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
    _say(f"{arguments.out}: {arguments.size[0]} × {arguments.size[1]} pixels, {len(embedding.rows):,} rows")


def _cache_command(arguments: argparse.Namespace) -> None:
    if arguments.what == "warm":
        _warm()
        return
    cache = _cache()
    entries = cache.entries()
    total = sum(entry.size_bytes for entry in entries)
    if arguments.what == "clear":
        cache.clear()
        _say(f"{len(entries)} entries, {total / 1e6:,.1f} MB removed from {cache.folder}")
        return
    for entry in entries:
        print(f"{entry.kind:12} {entry.key}  {entry.size_bytes / 1e6:10,.1f} MB")
    print(f"{len(entries)} entries, {total / 1e6:,.1f} MB in {cache.folder}")


def _warm() -> None:
    from explorer.cache import prepare_numba

    prepare_numba()
    from explorer.jobs.engine import warm_engine
    from explorer.maps.warm import warm_kernels

    start = time.perf_counter()
    warm_kernels()
    warm_engine()
    _say(f"compiled, or found compiled, in {time.perf_counter() - start:.0f} s")


class _Bar:
    """One line on stderr that follows the stages, when it is a terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._shown:
            share = 100 * done / total if total else 0
            sys.stderr.write(f"\r\x1b[K{stage} {share:3.0f} %")
            sys.stderr.flush()

    def close(self) -> None:
        """Leave an empty line for what follows."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
