"""An embedding: two coordinates a row, their trust, and how they were made; save and open."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import msgspec
import numpy as np

from explorer.core.atomic_write import atomic_path
from explorer.core.errors import EmbeddingError
from explorer.embedding.description import comparison_in_words, quality_in_words
from explorer.expressions.expression import parse_expression
from explorer.selection.row_subset import RowSubset

if TYPE_CHECKING:
    import os

    import pyarrow as pa

__all__ = ["SCHEMA", "Embedding", "open_embedding"]

SCHEMA = 2
"""Version of the file, and part of every key; raised when what is stored changes."""

_META = b"explorer.embedding"
_OPTIMISED = b"explorer.optimised"
_COLUMNS = {"row": np.int64, "x": np.float32, "y": np.float32, "trust": np.float32}


class _Table(TypedDict, total=False):
    name: str | None
    fingerprint: str | None
    rows: int


class _Spec(TypedDict):
    features: list[str]
    where: NotRequired[str | None]


class _Matrix(TypedDict, total=False):
    spec: _Spec | None


class _Method(TypedDict, total=False):
    name: str


class _Rows(TypedDict, total=False):
    imputed: int


class _Provenance(TypedDict, total=False):
    name: str
    method: _Method
    matrix: _Matrix | None
    table: _Table
    rows: _Rows
    explained_variance_ratio: list[float]


class _Meta(TypedDict):
    """What is read of the metadata of a file; there may be more."""

    schema: int
    scores: dict[str, Any]
    provenance: _Provenance


@dataclass(frozen=True, eq=False, repr=False)
class Embedding:
    """Coordinates of rows of a table, read-only.

    Parameters
    ----------
    xy : ndarray of shape (m, 2), float32
        The coordinates.
    rows : ndarray of shape (m,), int64
        The row of the table that each belongs to, ascending.
    trust : ndarray of shape (m,), float32
        Share of a row's true nearest neighbours that are among its nearest on the map, 0 to 1:
        exact for the rows the scores were measured on, elsewhere the mean of the nearest such rows
        on the map. NaN where nothing was measured.
    scores : dict
        How well the map as a whole keeps neighbours and distances; plain JSON.
    provenance : dict
        Table and fingerprint, rows used and left out, what was done to each feature, method,
        parameters, seed, versions, seconds of each stage, notes; plain JSON.
    optimised : ndarray of shape (m,), bool, optional
        False where a row was placed from its neighbours instead of laid out. Default: all True.
    """

    xy: np.ndarray
    rows: np.ndarray
    trust: np.ndarray
    scores: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    optimised: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool))

    def __post_init__(self) -> None:
        n_rows = len(self.rows)
        optimised = self.optimised if len(self.optimised) else np.ones(n_rows, dtype=bool)
        for name, values, shape, dtype in (
            ("xy", self.xy, (n_rows, 2), np.float32),
            ("rows", self.rows, (n_rows,), np.int64),
            ("trust", self.trust, (n_rows,), np.float32),
            ("optimised", optimised, (n_rows,), np.bool_),
        ):
            own = np.ascontiguousarray(values, dtype=dtype).view()
            if own.shape != shape:
                raise EmbeddingError(
                    f"an embedding of {n_rows} rows needs {name} of shape {shape}, not {own.shape}"
                )
            own.flags.writeable = False
            object.__setattr__(self, name, own)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        arguments = self.provenance, self.scores
        quality = "".join(
            f". {sentence}"
            for sentence in (
                quality_in_words(*arguments),
                comparison_in_words(*arguments),
            )
            if sentence
        )
        return f"<Embedding: {self.name}, {len(self.rows):,} of {self.table_rows:,} rows{quality}>"

    @property
    def name(self) -> str:
        """Words for it: "UMAP of 11 features"."""
        return str(self.provenance.get("name", "embedding"))

    @property
    def method(self) -> str:
        """The method: "umap", "pca", or "columns" for ready coordinates."""
        return str(self.provenance.get("method", {}).get("name", "unknown"))

    @property
    def features(self) -> tuple[str, ...] | None:
        """Columns that it was made from, also those that chose its rows; None where unknown."""
        spec = (self.provenance.get("matrix") or {}).get("spec")
        if spec is None:
            return None
        filtered_by = parse_expression(spec["where"]).columns if spec.get("where") else ()
        return tuple(dict.fromkeys([*spec["features"], *filtered_by]))

    @property
    def row_subset(self) -> RowSubset | None:
        """The rows that were chosen to be mapped alone, and how; None for a map of all rows."""
        spec = (self.provenance.get("matrix") or {}).get("spec") or {}
        return RowSubset(**spec["rows"]) if spec.get("rows") else None

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the table whose rows these are; empty when nobody said."""
        return str(self.provenance.get("table", {}).get("fingerprint", ""))

    @property
    def table_rows(self) -> int:
        """Rows of that table, with and without coordinates."""
        return int(self.provenance.get("table", {}).get("rows", len(self.rows)))

    @property
    def imputed_rows(self) -> int:
        """How many rows have a value that was filled in."""
        return int(self.provenance.get("rows", {}).get("imputed", 0))

    @property
    def placed_rows(self) -> int:
        """How many rows were placed from their neighbours instead of laid out."""
        return int(np.count_nonzero(~self.optimised))

    def check(self, fingerprint: str) -> None:
        """Refuse a table that is not the one this embedding was made from.

        Raises
        ------
        EmbeddingError
            Naming both tables' fingerprints.
        """
        if self.fingerprint != fingerprint:
            name = self.provenance.get("table", {}).get("name", "another table")
            raise EmbeddingError(
                f"the embedding was made from {name!r} with fingerprint "
                f"{self.fingerprint or 'unknown'}, this table has "
                f"{fingerprint}: open the table it was made from, or project this one again"
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a Parquet file with columns row, x, y, trust, and the rest as JSON metadata.

        The file appears whole or not at all.

        Raises
        ------
        EmbeddingError
            When the file cannot be written.
        """
        import pyarrow.parquet as pq

        target = Path(path)
        try:
            with atomic_path(target) as draft:
                pq.write_table(self._to_arrow(), draft, compression="zstd")
        except OSError as error:
            reason = error.strerror or error
            raise EmbeddingError(
                f"the embedding cannot be written to {str(target)!r}: {reason}"
            ) from error

    def _to_arrow(self) -> pa.Table:
        import pyarrow as pa

        meta = {"schema": SCHEMA, "scores": self.scores, "provenance": self.provenance}
        metadata = {_META: json.dumps(meta, allow_nan=False).encode()}
        if not self.optimised.all():
            metadata[_OPTIMISED] = base64.b64encode(
                zlib.compress(np.packbits(self.optimised).tobytes())
            )
        arrays = (self.rows, self.xy[:, 0], self.xy[:, 1], self.trust)
        columns = dict(zip(_COLUMNS, (pa.array(values) for values in arrays), strict=True))
        return pa.table(columns).replace_schema_metadata(metadata)


def open_embedding(path: str | os.PathLike[str]) -> Embedding:
    """Open an embedding that `Embedding.save` wrote.

    Raises
    ------
    EmbeddingError
        When there is no such file, it is no embedding, it is damaged, or a newer version wrote it.
    """
    table = _read(Path(path))
    metadata = table.schema.metadata or {}
    absent = [name for name in _COLUMNS if name not in table.column_names]
    if _META not in metadata or absent:
        lacking = f"column {absent[0]!r}" if absent else "provenance in its metadata"
        raise _not_an_embedding(path, f"there is no {lacking}")
    try:
        meta = json.loads(metadata[_META])
        msgspec.convert(meta, _Meta)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise _not_an_embedding(path, f"its metadata are damaged: {error}") from error
    if meta["schema"] > SCHEMA:
        raise EmbeddingError(
            f"{str(path)!r} was written by a newer version "
            f"(schema {meta['schema']}, this one reads up to {SCHEMA}): "
            "upgrade, or project again"
        )
    try:
        values = {
            name: table[name].to_numpy().astype(dtype, copy=False)
            for name, dtype in _COLUMNS.items()
        }
        optimised = _unpack_bits(metadata.get(_OPTIMISED), table.num_rows)
    except (ValueError, TypeError, zlib.error) as error:
        raise _not_an_embedding(path, f"its columns are damaged: {error}") from error
    xy = np.stack([values["x"], values["y"]], axis=1)
    result = Embedding(
        xy, values["row"], values["trust"], meta["scores"], meta["provenance"], optimised
    )
    rows_known = "rows" in result.provenance.get("table", {})
    if (
        rows_known
        and len(result)
        and not (result.rows.min() >= 0 and result.rows.max() < result.table_rows)
    ):
        raise _not_an_embedding(path, f"it has rows beyond the {result.table_rows:,} of its table")
    return result


def _read(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
            table.validate(full=True)
            return table
    except FileNotFoundError as error:
        raise EmbeddingError(
            f"no embedding file {str(path)!r}: give the path that it was saved to"
        ) from error
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _not_an_embedding(path, " ".join(str(error).split())) from error


def _not_an_embedding(path: str | os.PathLike[str], reason: str) -> EmbeddingError:
    return EmbeddingError(
        f"{str(path)!r} is no embedding ({reason}): "
        "expected a Parquet file with columns row, x, y, trust as "
        "`explorer project --out` writes it"
    )


def _unpack_bits(packed: bytes | None, n_rows: int) -> np.ndarray:
    if packed is None:
        return np.ones(n_rows, dtype=bool)
    size = -(-n_rows // 8)
    bits = np.frombuffer(
        zlib.decompressobj().decompress(base64.b64decode(packed), size + 1), dtype=np.uint8
    )
    if len(bits) != size:
        raise ValueError(f"expected {n_rows} bits")
    return np.unpackbits(bits, count=n_rows).astype(bool)
