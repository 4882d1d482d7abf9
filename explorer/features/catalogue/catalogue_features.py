"""Features of a table: what the data show of each column, and over it what a catalogue says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.errors import CatalogueError
from explorer.features.catalogue.catalogue_glance import scan_columns
from explorer.features.kind import (
    NUMBERS_AS_TEXT,
    PARTLY_SEEN,
    ZERO_ONE,
    Feature,
    is_text,
    kind_of,
    possible_kinds,
    with_kind,
)
from explorer.sources.widened import WidenedSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from explorer.features.catalogue.catalogue import Catalogue
    from explorer.features.catalogue.catalogue_glance import ColumnScan
    from explorer.features.kind import Kind
    from explorer.features.roles.role import Role
    from explorer.sources.source import ArrowSource

__all__ = ["describe_columns"]


def describe_columns(
    source: ArrowSource, catalogue: Catalogue | None = None, names: Iterable[str] | None = None
) -> dict[str, Feature]:
    """Describe the columns of a table: its kind from the data, the rest from the catalogue.

    Kinds of text, lists and integers are guessed from what a `scan_columns` sees (see there and
    `kind_of`), numbers written as text recognised as `explorer.sources.text_numbers` does. A kind
    that the catalogue gives replaces the guess.

    Parameters
    ----------
    source : ArrowSource
    catalogue : Catalogue, optional
        Entries for names that are no column are ignored here; `Catalogue.unknown` words them.
    names : iterable of str, optional
        Only these columns.

    Returns
    -------
    features : dict of str to Feature
        In table order.

    Raises
    ------
    CatalogueError
        When a file gives a column a kind that it cannot be; with the line. A kind that was edited
        on the page and no longer fits, as the table has changed, leaves the guess and a note.
    """
    asked_names = set(source.column_names if names is None else names)
    if isinstance(source, WidenedSource):
        parts = (
            (source.base, asked_names - set(source.added)),
            (source.extra, asked_names & set(source.added)),
        )
        return {
            name: feature
            for part_source, part_names in parts
            if part_names
            for name, feature in describe_columns(part_source, catalogue, part_names).items()
        }
    scan = scan_columns(source, asked_names)
    described = catalogue.features if catalogue else {}
    features = {}
    for name in source.column_names:
        if name not in asked_names:
            continue
        type_ = source.schema.field(name).type
        kind, notes = _settled(catalogue, name, type_, *_guessed(name, type_, scan))
        attributes = {
            key: value
            for key, value in described.get(name, {}).items()
            if key not in ("kind", "role", "of")
        }
        features[name] = Feature(name=name, kind=kind, notes=notes, **attributes)
    return features


def _guessed(name: str, type_: pa.DataType, scan: ColumnScan) -> tuple[Kind, tuple[str, ...]]:
    kind, notes = kind_of(type_, name, scan.cells.get(name))
    if name in scan.zero_one and ZERO_ONE not in notes and kind == "numeric":
        notes += (ZERO_ONE,)
    if name in scan.numbers:
        notes += (NUMBERS_AS_TEXT,)
    if scan.partial and name in scan.cells:
        notes += (PARTLY_SEEN,)
    return kind, notes


def _settled(
    catalogue: Catalogue | None,
    name: str,
    type_: pa.DataType,
    guessed: Kind,
    notes: tuple[str, ...],
) -> tuple[Kind, tuple[str, ...]]:
    """Return the kind that the catalogue gives, else the guess, and the notes that go with it."""
    entry = catalogue.features.get(name, {}) if catalogue else {}
    possible = possible_kinds(type_, guessed, notes)
    kind: Kind | None = entry.get("kind")
    if catalogue is None or kind is None:
        by_role = _kind_of_role(entry.get("role"), possible)
        return (
            (guessed, notes) if by_role is None else (by_role, with_kind(guessed, notes, by_role))
        )
    if kind in possible:
        return kind, with_kind(guessed, notes, kind)
    message = f"{name!r} cannot be {kind}: as {type_} it can be {', '.join(possible)}"
    if kind == "numeric" and is_text(type_):
        message += ", since fewer than nine in ten of its texts read as numbers"
    if catalogue.origin(name, "kind") == "edited":
        return guessed, (*notes, f"the edited kind is left out: {message}")
    place = catalogue.places.get((name, "kind"), "the catalogue")
    raise CatalogueError(f"{place}: {message}")


def _kind_of_role(role: Role | None, possible: tuple[Kind, ...]) -> Kind | None:
    """Return the kind that a given role asks for; None where it asks for none.

    Codes are categories. What is called a feature or a number in text is read as a number where it
    can be: codes and text that somebody says are numbers.
    """
    if role == "coded_category" and "categorical" in possible:
        return "categorical"
    if role in ("feature", "numeric_text") and "numeric" in possible and possible[0] != "boolean":
        return "numeric"
    return None
