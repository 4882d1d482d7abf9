"""FeatureSet: named features and how they become a matrix.

Written as YAML, applied to new tables without the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from explorer.core.cache import Cache, key_of
from explorer.core.errors import CatalogueError, ExplorerError, FeatureError, shown
from explorer.expressions.expression import parse_expression
from explorer.features.catalogue.yaml_document import read_yaml, write_yaml, yaml_text
from explorer.features.matrix.matrix import apply_matrix, build_matrix
from explorer.features.matrix.spec import MatrixSpec
from explorer.sources.source import open_source
from explorer.table.set_diff import SetDiff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    import numpy as np
    from numpy.typing import NDArray

    from explorer.sources.source import ArrowSource

__all__ = ["FeatureSet"]

FORM = 1
_BATCH_ROWS = 131_072
_SINGLE = ("scale", "where", "infinite")
_BY_FEATURE = ("missing", "transform", "weights", "encode", "sentinels")
_HEADER = (
    "A feature set of Explorer: explorer.FeatureSet.load(this file).apply(table) makes its matrix."
    '\n"learned" holds centres, scales, fills and levels of the table it was made on.'
)


class MatrixTable(Protocol):
    """What a set needs of a table; `explorer.table.table.Table` has it."""

    @property
    def source(self) -> ArrowSource:
        """What reads batches and columns."""
        ...

    def matrix_spec(self, features: FeatureSet) -> MatrixSpec:
        """Say how a feature set becomes a matrix, with what the table's catalogue says."""
        ...


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """Features in order, and how they become a matrix; immutable.

    Parameters
    ----------
    name : str
    features : iterable of str
        Columns; their order is kept, and changes neither matrix nor hash.
    rationale : str
        Why these; must be given before the set is saved.
    version : int
        From 1; `changed` counts it up.
    author, created : str
        Who made it, and when (ISO 8601, UTC).
    parent : str
        The set that it was made from, as "core@2"; empty for a first one.
    scale, missing, transform, weights, encode, where, infinite, sentinels
        As in `explorer.features.matrix.spec.MatrixSpec`.
    merged : mapping of str to str
        Features that another one stands for, and which.
    learned : mapping, optional
        What `learn` keeps of a table.

    Raises
    ------
    FeatureError
        No features, one twice, a setting that does not exist or is of a feature outside the set, or
        a feature that is merged into a feature outside the set.
    """

    name: str
    features: tuple[str, ...]
    rationale: str = ""
    version: int = 1
    author: str = ""
    created: str = ""
    parent: str = ""
    scale: str = "standard"
    missing: str | Mapping[str, str] = "median"
    transform: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    encode: Mapping[str, str] = field(default_factory=dict)
    where: str | None = None
    infinite: str = "refuse"
    sentinels: Mapping[str, Any] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    learned: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        texts = {
            name: getattr(self, name)
            for name in ("name", "rationale", "author", "created", "parent")
        }
        for name, value in texts.items():
            if not isinstance(value, str):
                raise FeatureError(
                    f"the {name} of a feature set must be a text, came {shown(value)}"
                )
        if not self.name.strip() or "@" in self.name:
            raise FeatureError(
                f"the name of a feature set must be a text without @, came {shown(self.name)}"
            )
        if not isinstance(self.version, int) or self.version < 1:
            raise FeatureError(
                f"the version of {shown(self.name)} must be a whole number from 1, came "
                f"{shown(self.version)}"
            )
        spec = self._spec()
        spec.check_settings()
        for name, into in self.merged.items():
            if into not in spec.features or name in spec.features:
                raise FeatureError(
                    f"{shown(name)} is merged into {shown(into)}: that one must be in the set, and "
                    f"{shown(name)} must not"
                )
        object.__setattr__(self, "features", spec.features)
        object.__setattr__(
            self, "created", self.created or datetime.now(UTC).isoformat(timespec="seconds")
        )
        for name in (*_BY_FEATURE, "merged"):
            if hasattr(value := getattr(self, name), "items"):
                object.__setattr__(self, name, MappingProxyType(dict(value)))

    def _spec(self) -> MatrixSpec:
        return MatrixSpec(
            self.features, **{name: getattr(self, name) for name in (*_SINGLE, *_BY_FEATURE)}
        )

    @property
    def spec(self) -> MatrixSpec:
        """How the features become a matrix."""
        return self._spec()

    @property
    def full_spec(self) -> MatrixSpec:
        """`spec` with what the catalogue of the table that it was learned on says too.

        Settings of other features are left out.
        """
        return MatrixSpec.from_document((self.learned or {}).get("spec") or self.spec.document())

    @property
    def id(self) -> str:
        """Name and version: "core@3"."""
        return f"{self.name}@{self.version}"

    @property
    def hash(self) -> str:
        """A hash of what decides the matrix, whatever the order of features, names or reasons."""
        return key_of(self.spec.document())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FeatureSet) and self.document() == other.document()

    def __hash__(self) -> int:
        return hash((self.id, self.hash))

    def __reduce__(self) -> tuple[Any, ...]:
        return FeatureSet.from_document, (self.document(),)  # mapping proxies cannot be pickled

    def changed(self, **changes: Any) -> FeatureSet:
        """Return the next version with some entries changed.

        What was learned, and settings of features that leave, are forgotten.
        """
        fresh = {"version": self.version + 1, "parent": self.id, "created": "", "learned": None}
        stay = set(changes.get("features", self.features))
        choices = {
            setting: {name: value for name, value in getattr(self, setting).items() if name in stay}
            for setting in ("transform", "weights", "encode")
        }
        return replace(self, **{**fresh, **choices, **changes})

    def diff(self, other: FeatureSet) -> SetDiff:
        """Say what `other`, the later one, has that this one has not, and the other way round."""
        added = tuple(name for name in other.features if name not in self.features)
        removed = tuple(name for name in self.features if name not in other.features)
        before, after = self.spec.document(), other.spec.document()
        changed = {
            name: (before[name], after[name]) for name in _SINGLE if before[name] != after[name]
        }
        for setting in _BY_FEATURE:
            for name in sorted({*before[setting], *after[setting]} - {*added, *removed}):
                old, new = before[setting].get(name), after[setting].get(name)
                if old != new:
                    changed[setting if name == "*" else f"{setting} of {name}"] = (old, new)
        reordered = not added and not removed and self.features != other.features
        return SetDiff(added, removed, changed, reordered)

    def learn(self, table: MatrixTable | ArrowSource) -> FeatureSet:
        """Return the set with the centres, scales, fills and levels of a table.

        `apply` then uses them on any other.

        What the table's catalogue says stands for missing is kept too, where the set does not say
        it itself; so is the kind it gives a column, as an encoding of what was learned.
        """
        fresh = replace(self, learned=None)
        request = getattr(table, "matrix_spec", None)
        spec = fresh.full_spec if request is None else request(fresh)
        whole = replace(fresh, sentinels={**spec.sentinels, **self.sentinels})
        return replace(whole, learned=build_matrix(_source(table), spec).document())

    def apply(
        self, table: MatrixTable | ArrowSource, batch_rows: int = _BATCH_ROWS
    ) -> Iterator[NDArray[np.float32]]:
        """Make the feature matrix of a table, batch by batch, with what was `learned`.

        Else it learns from this table first.

        Yields
        ------
        ndarray of shape (rows of the batch that are used, columns), float32
            In table order; `rows` tells which rows of the table these are.
        """
        for matrix, _ in self._batches(table, batch_rows):
            yield matrix

    def rows(
        self, table: MatrixTable | ArrowSource, batch_rows: int = _BATCH_ROWS
    ) -> Iterator[NDArray[np.int64]]:
        """Say which rows of a table each batch of `apply` holds."""
        for _, rows in self._batches(table, batch_rows):
            yield rows

    def _batches(
        self, table: MatrixTable | ArrowSource, batch_rows: int
    ) -> Iterator[tuple[Any, Any]]:
        source, start = _source(table), 0
        learned = self.learned or self.learn(table).learned or {}
        chosen = parse_expression(self.where).columns if self.where else ()
        for batch in source.batches(list(dict.fromkeys([*self.features, *chosen])), batch_rows):
            batch_source = open_source(pa.table(batch.columns, schema=batch.schema), Cache())
            matrix = apply_matrix(batch_source, learned, least=0)
            if len(matrix.rows):
                yield matrix.X, matrix.rows + start
            start += batch.num_rows

    # --- as a document and a file

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, settings that say nothing left out."""
        result: dict[str, Any] = {"form": FORM}
        for entry in fields(self):
            value = getattr(self, entry.name)
            plain = dict(value) if hasattr(value, "items") else value
            if plain not in (None, "", {}, ()):
                result[entry.name] = plain
        result["features"] = list(self.features)
        if self.sentinels:
            result["sentinels"] = {name: list(values) for name, values in self.sentinels.items()}
        return result

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> FeatureSet:
        """Build a set from `document`; an entry that does not exist is refused."""
        entries = {entry.name for entry in fields(cls)}
        if not isinstance(document, Mapping):
            raise FeatureError(f"expected the entries of a feature set, came {shown(document)}")
        if document.get("form") != FORM:
            raise FeatureError(
                f"expected a feature set of form {FORM}, came {shown(document.get('form'))}"
            )
        for name in document:
            if name not in entries and name != "form":
                raise FeatureError(
                    f"a feature set has no entry {shown(name)}: it has {', '.join(sorted(entries))}"
                )
        for name in ("name", "features"):
            if name not in document:
                raise FeatureError(f"a feature set needs {name!r}: it is not there")
        try:
            return cls(**{name: value for name, value in document.items() if name != "form"})
        except (TypeError, AttributeError) as error:  # an entry of another type than it should be
            raise FeatureError(f"not a feature set: {error}") from error

    def save(self, path: str | PathLike[str]) -> None:
        """Write the set as YAML, whole or not at all.

        Raises
        ------
        FeatureError
            When nobody has said why these features, or the file cannot be written.
        """
        self._check_rationale()
        try:
            write_yaml(Path(path), self.document(), _HEADER)
        except CatalogueError as error:
            raise FeatureError(str(error)) from error

    def yaml(self) -> str:
        """Return the text of the file that `save` writes."""
        self._check_rationale()
        return yaml_text(self.document(), _HEADER)

    def _check_rationale(self) -> None:
        if not self.rationale.strip():
            raise FeatureError(
                f"{self.id} has no rationale: say in a sentence why these features, then save"
            )

    @classmethod
    def load(cls, path: str | PathLike[str]) -> FeatureSet:
        """Read a set that `save` has written.

        Raises
        ------
        FeatureError
            With file and line, when it is not YAML or no feature set.
        """
        if not Path(path).is_file():
            raise FeatureError(
                f"there is no file {str(path)!r}: expected a set as FeatureSet.save writes it, or "
                "features.yaml of a publication"
            )
        try:
            read = read_yaml(Path(path))
            document = None if read is None else read.plain()
            if not isinstance(document, dict):
                raise FeatureError("expected the entries of a feature set")
            return cls.from_document(document)
        except CatalogueError as error:
            raise FeatureError(str(error)) from error
        except (ExplorerError, TypeError, AttributeError) as error:
            raise FeatureError(f"{path}: not a feature set: {error}") from error


def _source(table: MatrixTable | ArrowSource) -> ArrowSource:
    result: ArrowSource = getattr(table, "source", table)  # type: ignore[arg-type]
    return result
