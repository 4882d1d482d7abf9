"""`explorer review`: how far a review is, its publication, and verdicts from elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, open_files, size
from explorer.command_line.lines import announce, say
from explorer.command_line.options import CATALOGUE, FILES, add_options, option
from explorer.command_line.progress_bar import Bar
from explorer.command_line.results import check_json, write_document
from explorer.core.errors import ReviewError
from explorer.core.number_format import megabytes

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

    kept = store.set(arguments.set)
    review = review_of(store, kept, open_files(arguments.files, arguments.catalogue))
    write_document(arguments, lambda: review_document(review))
    if arguments.json != "-":
        for line in review_lines(review, shutil.get_terminal_size((120, 24)).columns):
            announce(line)


# --- export


def _export(arguments: argparse.Namespace, store: ReviewStore) -> None:
    from explorer.review.publication.build_publication import build_publication
    from explorer.review.publication.file_name import folder_name
    from explorer.review.publication.publication_folder import check_folder, publish

    kept = store.set(arguments.set)
    folder = Path(arguments.out or folder_name(kept.name, kept.version))
    check_folder(folder)
    table = open_files(arguments.files, arguments.catalogue)
    picture = _picture(arguments, table)
    with Bar() as bar:
        profile = table.profile(_present(store, kept, table), progress=bar).document()
        written = publish(
            build_publication(store, kept, table, profile=profile, picture=picture), folder, bar
        )
    say(f"{kept.id}: {written.pages:,} features in {megabytes(written.bytes)}: {written.index}")
    write_document(
        arguments,
        lambda: {
            "set": kept.id,
            "index": str(written.index),
            "features": written.pages,
            "bytes": written.bytes,
        },
    )


def _present(store: ReviewStore, kept: FeatureSet, table: Table) -> list[str]:
    """Return what is to be profiled: members and judged features that the table has."""
    given = store.verdicts(in_set=kept, fingerprint=table.fingerprint)
    wanted = {*kept.features, *(one.feature for one in given)}
    return [name for name in table.column_names if name in wanted]


def _picture(arguments: argparse.Namespace, table: Table) -> MapPicture | None:
    if not arguments.embedding:
        return None
    from explorer.embedding.embedding import open_embedding
    from explorer.review.page.published_map import draw_map

    return draw_map(open_embedding(arguments.embedding), table, arguments.color, arguments.size)


# --- import


def _import(arguments: argparse.Namespace, store: ReviewStore) -> None:
    from explorer.review.publication.build_publication import review_of

    table = open_files(arguments.files, arguments.catalogue)
    found = Path(arguments.source)
    yaml = found.suffix.lower() in (".yaml", ".yml")
    counts = _import_set(arguments, store) if yaml else _import_verdicts(arguments, store)
    say(f"{arguments.source}: added {', '.join(f'{n:,} {what}' for what, n in counts.items())}")
    write_document(arguments, lambda: counts)
    name = arguments.set.partition("@")[0] if arguments.set else ""
    versions = {one.id: one for one in store.sets(name)} if name else {}
    if versions:  # of a version that is not there, the newest tells where the review stands
        say(review_of(store, versions.get(arguments.set, [*versions.values()][-1]), table).words)


def _import_set(arguments: argparse.Namespace, store: ReviewStore) -> dict[str, int]:
    """Keep a set; what it learned of a table stays in the file."""
    from explorer.table.feature_set import FeatureSet

    kept = FeatureSet.load(arguments.source)
    if arguments.set and arguments.set not in (kept.id, kept.name):
        raise ReviewError(
            f"{arguments.source} holds {kept.id}, --set says {arguments.set}: "
            "name that one, or another file"
        )
    before = len(store.sets())
    plain = {name: value for name, value in kept.document().items() if name != "learned"}
    store.save(FeatureSet.from_document(plain))
    return {"sets": len(store.sets()) - before}


def _import_verdicts(arguments: argparse.Namespace, store: ReviewStore) -> dict[str, int]:
    from explorer.review.exchange import read_exchange

    document = read_exchange(arguments.source)
    if arguments.set:
        _check_about(arguments.source, document, arguments.set.partition("@")[0])
    return store.merge(arguments.source)


def _check_about(source: str, document: dict[str, Any], name: str) -> None:
    """Refuse a file of other sets; verdicts of no set hold for all."""
    parts = [
        [one for one in document.get(part) or () if isinstance(one, dict)]
        for part in ("verdicts", "sets")
    ]
    about = {str(one.get("in_set", "")).partition("@")[0] for one in parts[0]}
    about |= {str(one.get("name", "")) for one in parts[1]}
    if about and not about & {name, ""}:
        raise ReviewError(
            f"{source} has nothing of {name!r}: it holds {', '.join(sorted(about))}; "
            "name one of these with --set"
        )
