"""`explorer project`: chosen features of a table to a file of coordinates."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import (
    add_command,
    encodings,
    landmarks,
    names,
    open_files,
    pairs,
    seed,
    weights,
)
from explorer.command_line.options import FILES, ROLE, ROWS, add_options, option
from explorer.command_line.peak_memory import peak_bytes
from explorer.command_line.printing import print_message
from explorer.command_line.progress_bar import ProgressBar
from explorer.command_line.results import check_json, write_document
from explorer.core.errors import ExplorerError, SelectionError
from explorer.core.output_file import check_target
from explorer.embedding.projection_methods import METHODS

if TYPE_CHECKING:
    import argparse

    from explorer.embedding.embedding import Embedding
    from explorer.selection.selection import Selection
    from explorer.table.feature_set import FeatureSet
    from explorer.table.table import Table

__all__ = ["add"]

_SETTINGS = ("scale", "missing", "where", "transform", "weights", "encode", "infinite")
_FEATURES = {
    "--features": option("columns to project", "A,B,C", type=names),
    "--set": option("a feature set: its columns and its settings", "SET.yaml"),
}
_OPTIONS = {
    "--method": {"default": "umap", "choices": list(METHODS)},
    "--scale": option("default: standard", choices=["standard", "robust", "none"]),
    "--missing": option("default: median", choices=["median", "indicator", "drop"]),
    "--infinite": option("default: refuse", choices=["refuse", "clip", "missing"]),
    "--rows": option(f"only these rows: {ROWS}", "ROWS"),
    "--where": option("only these rows: an expression", "EXPR"),
    "--transform": option("transform of single features", "F=log1p,…", type=pairs),
    "--weights": option("weights of single features", "F=2,…", type=weights),
    "--encode": option("encoding of single features", "auto|T=hour,…", type=encodings),
    "--seed": option("none is another map each time", "0|none", type=seed, default=0),
    "--n-neighbors": option("neighbours of each row (UMAP, default 15)", type=int),
    "--min-dist": option("smallest distance on the map (UMAP, default 0.1)", type=float),
    "--epochs": option(
        "rounds of optimisation (UMAP, default 500 up to 10,000 rows, else 200)", type=int
    ),
    "--landmarks": option(
        "lay out only N rows and place the others among them, with least memory "
        "(UMAP, default auto: all rows, above 150,000 from a start of 100,000)",
        "auto|all|N",
        type=landmarks,
    ),
    "--stability": option(
        "lay out up to 10,000 rows from so many seeds and say how much the maps agree (UMAP)",
        "SEEDS",
        type=int,
    ),
    "--catalogue": option("sentinels and kinds of the columns", "YAML"),
    "--role": ROLE,
    "--out": option(
        "columns row, x, y, trust; provenance in the metadata", "E.parquet", required=True
    ),
    "--json": option("write provenance and scores as JSON (- for stdout)", "PATH"),
}


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, "project", _project, "project chosen features to a file of coordinates"
    )
    add_options(parser, {"files": FILES})
    add_options(parser.add_mutually_exclusive_group(required=True), _FEATURES)
    add_options(parser, _OPTIONS)


def _project(arguments: argparse.Namespace) -> None:
    check_target("--out", arguments.out)
    check_json(arguments)
    start = time.perf_counter()
    embedding = _embedding(arguments)
    embedding.save(arguments.out)
    seconds = time.perf_counter() - start
    print_message(f"{len(embedding.rows):,} rows projected in {seconds:.1f} s: {arguments.out}")
    from explorer.embedding.description import comparison_in_words, quality_lines  # loads NumPy

    facts = embedding.provenance, embedding.scores
    for line in filter(None, [*quality_lines(*facts), comparison_in_words(*facts)]):
        print_message(line)
    document = {
        "provenance": embedding.provenance,
        "scores": embedding.scores,
        "seconds": seconds,
        "peak_bytes": peak_bytes(),
    }
    write_document(arguments, lambda: document)


def _embedding(arguments: argparse.Namespace) -> Embedding:
    table = open_files(arguments.files, arguments.catalogue, arguments.role)
    parameters = _parameters(arguments)
    rows = _rows(table, arguments)
    given = {name: value for name in _SETTINGS if (value := getattr(arguments, name)) is not None}
    features, settings = arguments.features, given
    if arguments.set:
        features, settings = _read_set(arguments.set, given), {}
    if sys.stderr.isatty():
        _print_cost(
            table, len(getattr(features, "features", features)), arguments.method, parameters
        )
    with ProgressBar() as bar:
        embedding = table.project(
            features,
            arguments.method,
            random_state=arguments.seed,
            progress=bar,
            rows=rows,
            **settings,
            **parameters,
        )
        if arguments.stability is None:
            return embedding
        from explorer.embedding.embedding_computation import with_stability

        return with_stability(table.source, embedding, arguments.stability, bar)


def _rows(table: Table, arguments: argparse.Namespace) -> Selection | None:
    """Return the rows to project, None for all or those of --where."""
    from explorer.table.selecting import rows_of_text, where

    if arguments.rows is None:
        return None
    if arguments.where is not None:
        raise SelectionError("--rows and --where both say which rows: give one of them")
    rows = rows_of_text(table, arguments.rows)
    if not isinstance(rows, str):
        return rows
    if arguments.set:  # whose own condition holds too
        return where(table, rows)
    arguments.where = rows  # the map of --where EXPR is the same one
    return None


def _parameters(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters of the method that were given."""
    options = {
        "n_neighbors": arguments.n_neighbors,
        "min_dist": arguments.min_dist,
        "n_epochs": arguments.epochs,
    }
    parameters: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    if arguments.landmarks is not None:
        parameters["landmarks"] = None if arguments.landmarks == "all" else arguments.landmarks
    if arguments.method == "pca" and parameters:
        raise ExplorerError(
            "--n-neighbors, --min-dist, --epochs and --landmarks are parameters of UMAP: "
            "leave them out with --method pca"
        )
    return parameters


def _read_set(path: str, given: dict[str, Any]) -> FeatureSet:
    """Read a feature set; what was given beside it replaces its settings, and that is said."""
    from explorer.table.feature_set import FeatureSet

    feature_set = FeatureSet.load(path)
    for name in ("transform", "weights", "encode"):
        for feature in {} if given.get(name) == "auto" else given.get(name, {}):
            if feature not in feature_set.features:
                raise ExplorerError(
                    f"--{name} names {feature!r}, which is not in {feature_set.id}: leave it out"
                )
        if isinstance(given.get(name), dict):
            given[name] = {**getattr(feature_set, name), **given[name]}
    if given.get("encode") == "auto":
        given["encode"] = {}
    if given:
        name = feature_set.id
        print_message(f"{name} with another {', '.join(given)}: the map is not of {name} itself")
    return feature_set.changed(**given) if given else feature_set


def _print_cost(table: Table, n_features: int, method: str, parameters: dict[str, Any]) -> None:
    # imported late: the engine chooses where compiled code is kept
    from explorer.jobs.forecast import CostTable, forecast

    costs = CostTable(table.columns.cache.folder)
    cost = forecast(table.num_rows, n_features, method, parameters, costs)
    size = f"{table.num_rows:,} rows × {n_features:,} features"
    print_message(f"{size}, {METHODS[method].label}: {cost.words}")
