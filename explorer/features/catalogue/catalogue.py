"""Catalogue: what experts know of a table and its features, in a YAML file beside it.

table:
  title: Films reviewed by critics
  row_title: title
  start: [year, runtime_min]
  warnings: ["Runtimes of 1 min are errors."]
features:
  runtime_min: {label: Running time, unit: min, group: Making, valid_range: [40, 240]}
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from explorer.features.catalogue.address import columns_in
from explorer.features.catalogue.catalogue_experiment import CatalogueExperiment, read_experiment
from explorer.features.catalogue.catalogue_keys import (
    FEATURE_KEYS,
    TABLE_KEYS,
    as_date,
    as_is,
    nearest,
    read_mapping,
)
from explorer.features.catalogue.yaml_document import read_yaml, write_yaml
from explorer.features.roles.role import ROLES_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.features.catalogue.yaml_document import Located

__all__ = ["Catalogue", "CatalogueTable", "Origin", "write_catalogue"]

Origin = Literal["file", "edited", "from the data", "argument"]

_WORDED = 20  # names that are no column, each said in a sentence of its own


@dataclass(frozen=True, kw_only=True)
class CatalogueTable:
    """What a catalogue says of the table as a whole.

    Parameters
    ----------
    title : str
    row_title : str
        The column that titles a row.
    start : tuple of str
        Features to open with.
    color : str
        The column that colours the map at first.
    all : str
        Words beside the offer to take all columns.
    source, license : str
    link, image : str
        Templates of a row's page and picture, with columns in braces; see
        `explorer.features.catalogue.address`.
    warnings : tuple of str
        Traps of this table, a sentence each.
    experiment : CatalogueExperiment, optional
        That the Experiment tab opens with.
    models : mapping
        Views of the Models tab, and what each reads: a part of the state document
        (`explorer.state.model_settings`).
    tab : str
        That the page opens with, "Map" where nothing is said.
    """

    title: str = ""
    row_title: str = ""
    start: tuple[str, ...] = ()
    color: str = ""
    all: str = ""
    source: str = ""
    license: str = ""
    link: str = ""
    image: str = ""
    warnings: tuple[str, ...] = ()
    experiment: CatalogueExperiment | None = None
    models: Mapping[str, Any] = field(default_factory=dict)
    tab: str = ""

    def given(self) -> dict[str, Any]:
        """Return what is said, in the order of the keys."""
        return {
            entry.name: getattr(self, entry.name)
            for entry in fields(self)
            if getattr(self, entry.name)
        }


@dataclass(frozen=True)
class Catalogue:
    """Knowledge of a table and its features.

    Parameters
    ----------
    table : CatalogueTable
    features : mapping of str to mapping
        For each described feature, the attributes of `Feature` that are given.
    origins : mapping of str to mapping of str to {"file", "edited", "from the data", "argument"}
        Where each attribute of a feature comes from; what is not named comes from a file, an
        argument is one of the command line or of `explorer.open_table`.
    places : mapping of (str, str) to str
        File and line of a feature's attribute, for errors.
    """

    table: CatalogueTable = field(default_factory=CatalogueTable)
    features: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    origins: Mapping[str, Mapping[str, Origin]] = field(default_factory=dict, compare=False)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict, compare=False)

    @classmethod
    def empty(cls) -> Catalogue:
        """Return a catalogue that says nothing."""
        return cls()

    @classmethod
    def load(cls, path: Path | str) -> Catalogue:
        """Read a catalogue file.

        Raises
        ------
        CatalogueError
            Not readable, an unknown key (with the nearest one) or a value of the wrong type; with
            the line.
        """
        path = Path(path)
        document = read_yaml(path)
        if document is None:
            return cls()
        return cls.from_document(path, document)

    @classmethod
    def from_document(cls, path: Path | str, document: Located) -> Catalogue:
        """Read what `read_yaml` read; ``path`` is what errors call it."""
        parts = read_mapping(path, "the catalogue", document, {"table": as_is, "features": as_is})
        table = read_mapping(path, "table", parts.get("table"), TABLE_KEYS)
        table["experiment"] = read_experiment(path, table.get("experiment"))
        entries = read_mapping(path, "features", parts.get("features"), None)
        features = {
            name: read_mapping(path, f"feature {name!r}", entry, FEATURE_KEYS)
            for name, entry in entries.items()
        }
        places = {
            (name, key): f"{path}, line {entries[name].value[key].line}"
            for name, entry in features.items()
            for key in entry
        }
        return cls(table=CatalogueTable(**table), features=features, places=places)

    def origin(self, feature: str, attribute: str) -> Origin | None:
        """Return where an attribute comes from; None when nothing is said."""
        if attribute not in self.features.get(feature, {}):
            return None
        return self.origins.get(feature, {}).get(attribute, "file")

    def merged(self, later: Catalogue) -> Catalogue:
        """Return both: where both say something of a table's or feature's attribute, the later one.

        Parameters
        ----------
        later : Catalogue
            A file over what the data say, edits over a file.
        """
        names = dict.fromkeys((*self.features, *later.features))
        features = {
            name: {**self.features.get(name, {}), **later.features.get(name, {})} for name in names
        }
        origins: dict[str, dict[str, Origin]] = {}
        for name, entry in features.items():
            merged_origins = {
                key: later.origin(name, key) or self.origin(name, key) or "file" for key in entry
            }
            origins[name] = {
                key: origin for key, origin in merged_origins.items() if origin != "file"
            }
        kept_places = {
            place: line for place, line in self.places.items() if later.origin(*place) is None
        }
        return Catalogue(
            replace(self.table, **later.table.given()),
            features,
            origins,
            {**kept_places, **later.places},
        )

    def unknown(self, column_names: Iterable[str]) -> list[str]:
        """Return a sentence for each name of the catalogue that is no column; empty when all are.

        Beyond 20 described features, one sentence counts the rest.
        """
        columns = dict.fromkeys(column_names)
        strangers = [name for name in self.features if name not in columns]
        notes = [
            f"the catalogue describes {name!r}, which is no column" + nearest(name, columns)
            for name in strangers[:_WORDED]
        ]
        if len(strangers) > _WORDED:
            notes.append(
                f"the catalogue describes {len(strangers) - _WORDED:,} more names that are no "
                "column"
            )
        named = [
            ("row_title", self.table.row_title),
            ("color", self.table.color),
            *(("start", name) for name in self.table.start),
            *(("link", name) for name in columns_in(self.table.link)),
            *(("image", name) for name in columns_in(self.table.image)),
            *(
                ("experiment", name)
                for name in (self.table.experiment.columns if self.table.experiment else ())
            ),
        ]
        named += [("of", entry["of"]) for entry in self.features.values() if _names_column(entry)]
        notes += [
            f"the catalogue names {name!r} in {key}, which is no column" + nearest(name, columns)
            for key, name in named
            if name and name not in columns
        ]
        return notes


def _names_column(entry: Mapping[str, Any]) -> bool:
    """Say whether ``of`` names a column, and not a block."""
    return entry.get("role") in ROLES_OF and bool(entry.get("of"))


def write_catalogue(path: Path | str, catalogue: Catalogue, times: Iterable[str] = ()) -> None:
    """Write a catalogue as YAML that `Catalogue.load` reads back equal.

    Keys come in a fixed order, features in the order of the catalogue, lists on one line. The file
    appears whole or not at all.

    Parameters
    ----------
    path : Path or str
    catalogue : Catalogue
    times : iterable of str
        Features that are times: of their numbers, seconds since 1970-01-01 UTC, whole days are
        written as dates.

    Raises
    ------
    CatalogueError
        The folder cannot be written, or the disk is full.
    """
    dated = set(times)
    features = {}
    for name, entry in catalogue.features.items():
        ordered = {key: entry[key] for key in FEATURE_KEYS if key in entry}
        features[name] = (
            {key: _dated(value) for key, value in ordered.items()} if name in dated else ordered
        )
    table = catalogue.table.given()
    if catalogue.table.experiment is not None:
        table["experiment"] = catalogue.table.experiment.given()
    parts = {"table": table, "features": features}
    header = (
        f"Catalogue of {catalogue.table.title or 'a table'}: what is known of its columns, written "
        "by Explorer.\n"
        "Valid ranges include both ends, null is an open end; sentinels are values that stand for "
        "missing;\n"
        "times without a zone are UTC."
    )
    write_yaml(Path(path), {key: value for key, value in parts.items() if value}, header)


def _dated(value: Any) -> Any:
    """Return the numbers of a range or of sentinels that are whole days as dates."""
    if not isinstance(value, tuple):
        return value
    return tuple(_day(number) if isinstance(number, int | float) else number for number in value)


def _day(seconds: float) -> Any:
    # a time within a day stays a number: YAML writes it only in quotes on one line with others,
    # which makes it text
    return as_date(seconds) if seconds % 86_400 == 0 else seconds
