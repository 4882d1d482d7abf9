"""`explorer project`: chosen features of a table to a file of coordinates."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from explorer.commands.arguments import (
    add_command,
    add_files,
    encodings,
    landmarks,
    names,
    open_files,
    pairs,
    seed,
    weights,
)
from explorer.commands.bar import Bar
from explorer.commands.lines import announce, say
from explorer.commands.memory import peak_bytes
from explorer.errors import ExplorerError
from explorer.jobs.forecast import CostTable, forecast
from explorer.target import check_target, json_text, write_json

if TYPE_CHECKING:
    import argparse

    from explorer.embeddings import Embedding

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "project", _project, "project chosen features to a file of coordinates")
    add_files(parser)
    parser.add_argument("--features", required=True, type=names, metavar="A,B,C", help="columns to project")
    parser.add_argument("--method", default="umap", choices=["pca", "umap"])
    parser.add_argument("--scale", default="standard", choices=["standard", "robust", "none"])
    parser.add_argument("--missing", default="median", choices=["median", "indicator", "drop"])
    parser.add_argument("--infinite", default="refuse", choices=["refuse", "clip", "missing"])
    parser.add_argument("--where", metavar="EXPR", help="only these rows, as in the WHERE part of SQL")
    parser.add_argument(
        "--transform", type=pairs, default={}, metavar="F=log1p,…", help="transform of single features"
    )
    parser.add_argument(
        "--weights", type=weights, default={}, metavar="F=2,…", help="weights of single features"
    )
    parser.add_argument(
        "--encode",
        type=encodings,
        default="auto",
        metavar="auto|T=hour,…",
        help="encoding of single features",
    )
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="0|none", help="none is another map each time"
    )
    parser.add_argument("--n-neighbors", type=int, help="neighbours of each row (UMAP, default 15)")
    parser.add_argument("--min-dist", type=float, help="smallest distance on the map (UMAP, default 0.1)")
    parser.add_argument(
        "--epochs", type=int, help="rounds of optimisation (UMAP, default 500 up to 10,000 rows, else 200)"
    )
    parser.add_argument(
        "--landmarks",
        type=landmarks,
        metavar="auto|all|N",
        help="lay out only N rows and place the others among them, with least memory (UMAP, default auto: all rows, "
        "above 150,000 from a start of 100,000)",
    )
    parser.add_argument(
        "--stability",
        type=int,
        metavar="SEEDS",
        help="lay out up to 10,000 rows from so many seeds and say how much the maps agree (UMAP)",
    )
    parser.add_argument("--catalogue", metavar="YAML", help="sentinels and kinds of the columns")
    parser.add_argument(
        "--out",
        required=True,
        metavar="E.parquet",
        help="columns row, x, y, trust; provenance in the metadata",
    )
    parser.add_argument("--json", metavar="PATH", help="write provenance and scores as JSON (- for stdout)")


def _project(arguments: argparse.Namespace) -> None:
    check_target("--out", arguments.out)
    if arguments.json and arguments.json != "-":
        check_target("--json", arguments.json)
    start = time.perf_counter()
    embedding = _embedding(arguments)
    embedding.save(arguments.out)
    seconds = time.perf_counter() - start
    say(f"{len(embedding.rows):,} rows projected in {seconds:.1f} s: {arguments.out}")
    document = {
        "provenance": embedding.provenance,
        "scores": embedding.scores,
        "seconds": seconds,
        "peak_bytes": peak_bytes(),
    }
    if arguments.json == "-":
        announce(json_text(document))
    elif arguments.json:
        write_json(arguments.json, document)


def _embedding(arguments: argparse.Namespace) -> Embedding:
    table = open_files(arguments.files, arguments.catalogue)
    asked = {
        "n_neighbors": arguments.n_neighbors,
        "min_dist": arguments.min_dist,
        "n_epochs": arguments.epochs,
    }
    parameters: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    if arguments.landmarks is not None:
        parameters["landmarks"] = None if arguments.landmarks == "all" else arguments.landmarks
    if arguments.method == "pca" and parameters:
        raise ExplorerError(
            "--n-neighbors, --min-dist, --epochs and --landmarks are parameters of UMAP: leave them out with --method pca"
        )
    if sys.stderr.isatty():
        cost = forecast(
            table.num_rows,
            len(arguments.features),
            arguments.method,
            parameters,
            CostTable(table.cache.folder),
        )
        say(
            f"{table.num_rows:,} rows × {len(arguments.features):,} features, {arguments.method.upper()}: {cost.words}"
        )
    bar = Bar()
    try:
        embedding = table.project(
            arguments.features, arguments.method, scale=arguments.scale, missing=arguments.missing, where=arguments.where,
            transform=arguments.transform, weights=arguments.weights, encode=arguments.encode, random_state=arguments.seed,
            progress=bar, infinite=arguments.infinite, **parameters,
        )  # fmt: skip
        if arguments.stability is None:
            return embedding
        from explorer.embeddings import with_stability

        return with_stability(table.source, embedding, arguments.stability, bar)
    finally:
        bar.close()
