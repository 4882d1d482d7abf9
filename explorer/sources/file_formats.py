"""The formats of files that tables are read from: how they are recognised and opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.name_list import list_alternatives

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.core.cache import Cache
    from explorer.sources.formats import Part
    from explorer.sources.table_files import TableFile

__all__ = ["FILE_FORMATS", "KNOWN", "NAMES", "SUFFIXES", "FileFormat", "format_by_name"]


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """A format of files.

    Parameters
    ----------
    name : str
    label : str, optional
        What messages that list the formats call it; the name without it.
    suffixes : tuple of str
        Ends of file names, in small letters; the first ``shown`` of them stand in messages.
    magic : tuple of bytes
        First four bytes of a file, for names without a suffix.
    open : callable
        From the files of a table, which all have this format, to a `Part` for each.
    """

    name: str
    suffixes: tuple[str, ...]
    shown: int
    magic: tuple[bytes, ...] = ()
    label: str = ""
    open: Callable[[Sequence[TableFile], Cache], Sequence[Part]]


# What reads a format is imported when a file is opened: the command line knows the names without.


def _open_parquet(files: Sequence[TableFile], cache: Cache) -> Sequence[Part]:  # noqa: ARG001
    from explorer.sources.formats import ParquetPart

    first = ParquetPart(files[0].path, files[0].relative)
    return [
        first,
        *(ParquetPart(file.path, file.relative, first.dictionaries) for file in files[1:]),
    ]


def _open_arrow(files: Sequence[TableFile], cache: Cache) -> Sequence[Part]:  # noqa: ARG001
    from explorer.sources.formats import IpcPart

    return [IpcPart(file.path, file.relative) for file in files]


def _open_csv(files: Sequence[TableFile], cache: Cache) -> Sequence[Part]:
    from explorer.sources.csv_import import open_csv_files

    return open_csv_files(files, cache)


FILE_FORMATS = (
    FileFormat(
        name="Parquet",
        suffixes=(".parquet", ".parq", ".pq"),
        shown=1,
        magic=(b"PAR1",),
        open=_open_parquet,
    ),
    FileFormat(
        name="Arrow",
        label="Arrow IPC/Feather",
        suffixes=(".arrow", ".feather", ".arrows", ".ipc"),
        shown=2,
        magic=(b"ARRO", b"\xff\xff\xff\xff"),
        open=_open_arrow,
    ),
    FileFormat(
        name="CSV",
        suffixes=(".csv", ".tsv", ".csv.gz", ".tsv.gz"),
        shown=3,
        open=_open_csv,
    ),
)

SUFFIXES = tuple(suffix for form in FILE_FORMATS for suffix in form.suffixes)


def format_by_name(name: str) -> FileFormat:
    """Return the format of this name."""
    return next(form for form in FILE_FORMATS if form.name == name)


NAMES = list_alternatives([form.label or form.name for form in FILE_FORMATS])
"""The names in words: "Parquet, … or CSV"."""

KNOWN = list_alternatives(
    [
        f"{form.label or form.name} ({', '.join(form.suffixes[: form.shown])})"
        for form in FILE_FORMATS
    ]
)
"""The same with the usual suffixes."""
