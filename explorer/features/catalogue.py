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

import difflib
import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from explorer.errors import CatalogueError
from explorer.features.cells import columns_of
from explorer.features.kind import NUMBERS_AS_TEXT, Feature, is_text, kind_of
from explorer.features.yaml_document import Located, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from explorer.table.source import ArrowSource

__all__ = ["Catalogue", "CatalogueTable", "features_of"]

_SAMPLE_ROWS = 5_000
_SAMPLE_CELLS = (
    200_000_000  # beyond it, integers are not looked into: reading them to guess a note takes minutes
)


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
    warnings : tuple of str
        Traps of this table, a sentence each.
    """

    title: str = ""
    row_title: str = ""
    start: tuple[str, ...] = ()
    color: str = ""
    all: str = ""
    source: str = ""
    license: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Knowledge of a table and its features.

    Parameters
    ----------
    table : CatalogueTable
    features : mapping of str to mapping
        For each described feature, the attributes of `Feature` that are given.
    """

    table: CatalogueTable = field(default_factory=CatalogueTable)
    features: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

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
            Not readable, an unknown key (with the nearest one) or a value of the wrong type; with the line.
        """
        path = Path(path)
        document = read_yaml(path)
        if document is None:
            return cls()
        parts = _mapping(path, "the catalogue", document, {"table": _as_is, "features": _as_is})
        table = _mapping(path, "table", parts.get("table"), _TABLE_KEYS)
        features = parts.get("features")
        entries = _mapping(path, "features", features, None)
        return cls(
            table=CatalogueTable(**table),
            features={
                name: _mapping(path, f"feature {name!r}", entry, _FEATURE_KEYS)
                for name, entry in entries.items()
            },
        )

    def unknown(self, column_names: Iterable[str]) -> list[str]:
        """Return a sentence for each name of the catalogue that is no column; empty when all are."""
        columns = list(column_names)
        notes = [
            f"the catalogue describes {name!r}, which is no column" + _nearest(name, columns)
            for name in self.features
            if name not in columns
        ]
        named = [
            ("row_title", self.table.row_title),
            ("color", self.table.color),
            *(("start", name) for name in self.table.start),
        ]
        notes += [
            f"the catalogue names {name!r} in {key}, which is no column" + _nearest(name, columns)
            for key, name in named
            if name and name not in columns
        ]
        return notes


def features_of(
    source: ArrowSource, catalogue: Catalogue | None = None, names: Iterable[str] | None = None
) -> dict[str, Feature]:
    """Describe the columns of a table: its kind from the data, the rest from the catalogue.

    Kinds of text, lists and integers are guessed from 5,000 rows drawn at random (see `kind_of`), numbers written
    as text recognised as `explorer.table.text_numbers` does.

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
    """
    from explorer.table.text_numbers import numbers_as_text

    known = catalogue.features if catalogue else {}
    chosen = set(source.column_names if names is None else names)
    types = {name: source.schema.field(name).type for name in source.column_names if name in chosen}
    looked = [name for name, type_ in types.items() if _needs_sample(type_)]
    if len(looked) * source.num_rows > _SAMPLE_CELLS:
        looked = [name for name in looked if not pa.types.is_integer(types[name])]
    cells = dict(columns_of(source, looked, min(_SAMPLE_ROWS, source.num_rows)))
    written = numbers_as_text(source, [name for name, type_ in types.items() if is_text(type_)])
    features = {}
    for name, type_ in types.items():
        kind, notes = kind_of(type_, name, cells.get(name))
        notes += (NUMBERS_AS_TEXT,) if name in written else ()
        features[name] = Feature(name=name, kind=kind, notes=notes, **known.get(name, {}))
    return features


def _needs_sample(type_: pa.DataType) -> bool:
    variable = pa.types.is_list(type_) or pa.types.is_large_list(type_)
    return bool(is_text(type_) or pa.types.is_integer(type_) or variable)


def _nearest(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class _WrongTypeError(Exception):
    """What was expected in place of a value."""


def _as_is(value: Located) -> Any:
    return value


def _text(value: Located) -> str:
    if not isinstance(value.value, str):
        raise _WrongTypeError("text (put it in quotes if it looks like a number, a date or yes/no)")
    return value.value


def _texts(value: Located) -> tuple[str, ...]:
    if not isinstance(value.value, list):
        raise _WrongTypeError("a list of texts, [a, b]")
    return tuple(_text(item) for item in value.value)


def _number(value: Located) -> float:
    """Read a number, or a date as seconds since 1970-01-01 UTC."""
    plain = value.value
    if isinstance(plain, datetime):
        return (plain if plain.tzinfo else plain.replace(tzinfo=UTC)).timestamp()
    if isinstance(plain, date):
        return datetime(plain.year, plain.month, plain.day, tzinfo=UTC).timestamp()
    if isinstance(plain, bool) or not isinstance(plain, int | float) or not math.isfinite(plain):
        raise _WrongTypeError("finite numbers or dates")
    return plain


def _range(value: Located) -> tuple[float | None, float | None]:
    ends = value.value
    if not isinstance(ends, list) or len(ends) != 2:
        raise _WrongTypeError("two ends, [lowest, highest], null for an open one")
    low, high = (None if end.value is None else _number(end) for end in ends)
    if low is not None and high is not None and low > high:
        raise _WrongTypeError("the lower end first")
    return low, high


def _sentinels(value: Located) -> tuple[float | str, ...]:
    if not isinstance(value.value, list):
        raise _WrongTypeError("a list of values, [-999, unknown]")
    return tuple(item.value if isinstance(item.value, str) else _number(item) for item in value.value)


_TABLE_KEYS: dict[str, Callable[[Located], Any]] = {
    "title": _text,
    "row_title": _text,
    "color": _text,
    "start": _texts,
    "all": _text,
    "source": _text,
    "license": _text,
    "warnings": _texts,
}
_FEATURE_KEYS: dict[str, Callable[[Located], Any]] = {
    "label": _text,
    "unit": _text,
    "description": _text,
    "group": _text,
    "owner": _text,
    "valid_range": _range,
    "sentinels": _sentinels,
    "missing_means": _text,
    "source": _text,
    "tags": _texts,
}


def _mapping(
    path: Path, what: str, node: Located | None, readers: Mapping[str, Callable[[Located], Any]] | None
) -> dict[str, Any]:
    """Read a mapping whose keys each have a reader; any key goes when there are no readers."""
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        raise CatalogueError(
            f"{path}, line {node.line}: {what} must be a mapping (key: value), not {node.plain()!r}"
        )
    if readers is None:
        return dict(node.value)
    read = {}
    for key, value in node.value.items():
        if key not in readers:
            hint = _nearest(key, readers) or f"; known are {', '.join(readers)}"
            raise CatalogueError(f"{path}, line {value.line}: unknown key {key!r} in {what}{hint}")
        if value.value is None and readers[key] is not _as_is:
            continue  # "unit:" with nothing after it says nothing
        try:
            read[key] = readers[key](value)
        except _WrongTypeError as error:
            came = value.plain()
            raise CatalogueError(
                f"{path}, line {value.line}: {key!r} of {what} must be {error}, not {came!r}"
            ) from None
    return read
