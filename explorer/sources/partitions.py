"""Hive partitions: folders such as ``year=2020`` whose names hold the values of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds

from explorer.core.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.sources.formats import Part

__all__ = ["PartitionedPart", "Values", "partition_values", "with_partition_columns"]

Values = tuple[tuple[str, str | None], ...]
"""The columns that the folders of one file hold, outermost first, and their values as text.

None is missing.
"""

_TYPES = (pa.int64(), pa.date32())


def partition_values(relative: str) -> Values:
    """Read the values that the folders of a file hold.

    Parameters
    ----------
    relative : str
        POSIX path of the file below the folder that is the table, such as
        ``year=2020/country=CH/part-0.parquet``.

    Returns
    -------
    tuple of (str, str or None)
        Column and value of each folder of the form ``column=value``, with %-escapes decoded; None
        for Hive's name of a missing value (``__HIVE_DEFAULT_PARTITION__``). Other folders hold
        nothing.
    """
    folders = relative.split("/")[:-1]
    names = list(dict.fromkeys(folder.split("=", 1)[0] for folder in folders if "=" in folder))
    if not names:
        return ()
    partitioning = ds.partitioning(
        pa.schema([(name, pa.string()) for name in names]), flavor="hive"
    )
    result = ds.get_partition_keys(partitioning.parse(relative))
    return tuple((name, result.get(name)) for name in names)


def with_partition_columns(parts: Sequence[Part], values: Sequence[Values]) -> list[Part]:
    """Add to each file of a table the columns that folders hold.

    A column is of integers or dates where all of its values are, else of text. It is missing in
    files that no such folder holds. A column that the files have themselves is theirs.

    Parameters
    ----------
    parts : sequence of Part
        The files, in reading order.
    values : sequence of Values
        What the folders of each hold.
    """
    stored = set(parts[0].schema.names)
    names = [
        name for name in dict.fromkeys(n for held in values for n, _ in held) if name not in stored
    ]
    if not names:
        return list(parts)
    columns = {name: _typed([dict(held).get(name) for held in values]) for name in names}
    return [
        PartitionedPart(part, {name: column[index] for name, column in columns.items()})
        for index, part in enumerate(parts)
    ]


class PartitionedPart:
    """A file with columns that hold one value in all of its rows.

    Parameters
    ----------
    part : Part
        The file.
    constants : dict of str to pa.Scalar
        The added columns, which come last.
    """

    def __init__(self, part: Part, constants: dict[str, pa.Scalar]) -> None:
        self.part, self.constants = part, constants
        self.label, self.group_rows = part.label, part.group_rows
        twice = next((name for name in constants if name in part.schema.names), None)
        if twice is not None:
            raise TableError(
                f"{part.label!r} has a column {twice!r}, which other files have in the names of "
                "their folders: "
                "expected it in all files, or in none"
            )
        added = [pa.field(name, value.type) for name, value in constants.items()]
        self.schema = pa.schema([*part.schema, *added], metadata=part.schema.metadata)

    def read(
        self, columns: Sequence[str], batch_size: int, groups: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Give batches of at most ``batch_size`` rows of the groups (default: all), in order."""
        stored = [name for name in columns if name not in self.constants]
        if stored:
            for batch in self.part.read(stored, batch_size, groups):
                yield self._with_constants(
                    columns, batch.num_rows, dict(zip(stored, batch.columns, strict=True))
                )
            return
        for group in range(len(self.group_rows)) if groups is None else groups:
            for start in range(0, self.group_rows[group], batch_size):
                yield self._with_constants(
                    columns, min(batch_size, self.group_rows[group] - start), {}
                )

    def _with_constants(
        self, columns: Sequence[str], n_rows: int, arrays: dict[str, pa.Array]
    ) -> pa.RecordBatch:
        repeated = {
            name: pa.repeat(self.constants[name], n_rows)
            for name in columns
            if name in self.constants
        }
        every = arrays | repeated
        return pa.RecordBatch.from_arrays([every[name] for name in columns], names=list(columns))


def _typed(texts: list[str | None]) -> list[pa.Scalar]:
    array = pa.array(texts, pa.string())
    for kind in _TYPES:
        try:
            return list(array.cast(kind))
        except pa.ArrowInvalid:
            continue
    return list(array.dictionary_encode())
