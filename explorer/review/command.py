"""`explorer review`: how far a review is, its publication, and verdicts from elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, open_files, size
from explorer.command_line.options import CATALOGUE, FILES, ROLE, add_options, option
from explorer.command_line.printing import print_message, print_result
from explorer.command_line.progress_bar import ProgressBar
from explorer.command_line.results import check_json, write_document
from explorer.core.errors import ReviewError

if TYPE_CHECKING:
    import argparse

    from explorer.review.publication.map_picture import MapPicture
    from explorer.review.review_store import ReviewStore
    from explorer.table.feature_set import FeatureSet
    from explorer.table.table import Table

__all__ = ["add"]

_ACTIONS = ("export", "import", "status")
_USAGE = "explorer review FILE... --set NAME@V {export,import,status} [options]"


_OPTIONS = {
    "action": option("write a folder; merge --from FILE; print the state", choices=_ACTIONS),
    "files": FILES,
    "--set": option("the set, as core@3; its newest version as core", "NAME@V"),
    "--store": option(
        "sqlite:///PATH or postgresql://… (default: EXPLORER_STORE, else the user's)", "URL"
    ),
    "--catalogue": CATALOGUE,
    "--role": ROLE,
    "--json": option(
        "status, export and import: write what is found as JSON (- for stdout)", "PATH"
    ),
    "--out": option("export: the folder to write (default: ./NAME@V)", "DIR"),
    "--embedding": option(
        "export: a map of the set, as `explorer project --set` wrote it", "E.parquet"
    ),
    "--color": option("export: column to colour the map by (default: density)", "COL"),
    "--size": option("export: pixels of the map", "900x700", type=size, default=(900, 700)),
    "--from": option("import: verdicts.json or features.yaml", "FILE", dest="source"),
}


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "review",
        _review,
        "publish a reviewed feature set, merge verdicts, or say where its review stands",
    )
    parser.anywhere, parser.usage = _ACTIONS, _USAGE
    add_options(parser, _OPTIONS)
    parser.set_defaults(usage_error=parser.error)


def _review(arguments: argparse.Namespace) -> None:
    if arguments.action == "import" and not arguments.source:
        arguments.usage_error("import needs --from FILE: verdicts.json or features.yaml")
    if arguments.action != "import" and not arguments.set:
        arguments.usage_error(f"{arguments.action} needs --set NAME@V, as core@3")
    check_json(arguments)
    from explorer.review.review_store import open_store

    store = open_store(arguments.store)
    try:
        {"export": _export, "import": _import, "status": _status}[arguments.action](
            arguments, store
        )
    finally:
        store.close()


# --- status


def _status(arguments: argparse.Namespace, store: ReviewStore) -> None:
    from explorer.review.publication.build_publication import review_of
    from explorer.review.review_lines import review_document, review_lines

    feature_set = store.set(arguments.set)
    review = review_of(
        store, feature_set, open_files(arguments.files, arguments.catalogue, arguments.role)
    )
    write_document(arguments, lambda: review_document(review))
    if arguments.json != "-":
        for line in review_lines(review, shutil.get_terminal_size((120, 24)).columns):
            print_result(line)


# --- export


def _export(arguments: argparse.Namespace, store: ReviewStore) -> None:
    from explorer.core.number_format import megabytes
    from explorer.review.publication.build_publication import build_publication
    from explorer.review.publication.file_name import folder_name
    from explorer.review.publication.publication_folder import check_folder, publish

    feature_set = store.set(arguments.set)
    folder = Path(arguments.out or folder_name(feature_set.name, feature_set.version))
    check_folder(folder)
    table = open_files(arguments.files, arguments.catalogue, arguments.role)
    picture = _picture(arguments, table)
    with ProgressBar() as bar:
        profile = table.profile(
            _names_to_profile(store, feature_set, table), progress=bar
        ).document()
        written = publish(
            build_publication(store, feature_set, table, profile=profile, picture=picture),
            folder,
            bar,
        )
    size = megabytes(written.bytes)
    print_message(f"{feature_set.id}: {written.pages:,} features in {size}: {written.index}")
    write_document(
        arguments,
        lambda: {
            "set": feature_set.id,
            "index": str(written.index),
            "features": written.pages,
            "bytes": written.bytes,
        },
    )


def _names_to_profile(store: ReviewStore, feature_set: FeatureSet, table: Table) -> list[str]:
    """Return what is to be profiled: members and judged features that the table has."""
    verdicts = store.verdicts(in_set=feature_set, fingerprint=table.fingerprint)
    names = {*feature_set.features, *(verdict.feature for verdict in verdicts)}
    return [name for name in table.column_names if name in names]


def _picture(arguments: argparse.Namespace, table: Table) -> MapPicture | None:
    if not arguments.embedding:
        return None
    from explorer.embedding.embedding import open_embedding
    from explorer.review.page.published_map import draw_map

    return draw_map(open_embedding(arguments.embedding), table, arguments.color, arguments.size)


# --- import


def _import(arguments: argparse.Namespace, store: ReviewStore) -> None:
    from explorer.review.publication.build_publication import review_of

    table = open_files(arguments.files, arguments.catalogue, arguments.role)
    yaml = Path(arguments.source).suffix.lower() in (".yaml", ".yml")
    counts = _import_set(arguments, store) if yaml else _import_verdicts(arguments, store)
    added = ", ".join(f"{n:,} {noun}" for noun, n in counts.items())
    print_message(f"{arguments.source}: added {added}")
    write_document(arguments, lambda: counts)
    name = arguments.set.partition("@")[0] if arguments.set else ""
    versions = {version.id: version for version in store.sets(name)} if name else {}
    if versions:  # of a version that is not there, the newest tells where the review stands
        version = versions.get(arguments.set, [*versions.values()][-1])
        print_message(review_of(store, version, table).words)


def _import_set(arguments: argparse.Namespace, store: ReviewStore) -> dict[str, int]:
    """Keep a set; what it learned of a table stays in the file."""
    from explorer.table.feature_set import FeatureSet

    feature_set = FeatureSet.load(arguments.source)
    if arguments.set and arguments.set not in (feature_set.id, feature_set.name):
        raise ReviewError(
            f"{arguments.source} holds {feature_set.id}, --set says {arguments.set}: "
            "name that one, or another file"
        )
    before = len(store.sets())
    document = {key: value for key, value in feature_set.document().items() if key != "learned"}
    store.save(FeatureSet.from_document(document))
    return {"sets": len(store.sets()) - before}


def _import_verdicts(arguments: argparse.Namespace, store: ReviewStore) -> dict[str, int]:
    from explorer.review.exchange import read_exchange

    document = read_exchange(arguments.source)
    if arguments.set:
        _check_names(arguments.source, document, arguments.set.partition("@")[0])
    return store.merge(arguments.source)


def _check_names(source: str, document: dict[str, Any], name: str) -> None:
    """Refuse a file of other sets; verdicts of no set hold for all."""

    def entries(part: str) -> list[dict[str, Any]]:
        return [entry for entry in document.get(part) or () if isinstance(entry, dict)]

    names = {str(verdict.get("in_set", "")).partition("@")[0] for verdict in entries("verdicts")}
    names |= {str(feature_set.get("name", "")) for feature_set in entries("sets")}
    if names and not names & {name, ""}:
        raise ReviewError(
            f"{source} has nothing of {name!r}: it holds {', '.join(sorted(names))}; "
            "name one of these with --set"
        )
