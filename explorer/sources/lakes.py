"""Folders of table formats that keep deleted rows in files beside the live ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["refuse_lakes"]

_HOW_TO_READ = {
    "Delta Lake": "open_table(deltalake.DeltaTable(path).to_pyarrow_table())",
    "Iceberg": "open_table(pyiceberg.table.StaticTable.from_metadata(path).scan().to_arrow())",
    "Hudi": "its current rows, written to plain Parquet by the program that made it",
}


def refuse_lakes(paths: Iterable[Path]) -> None:
    """Raise `TableError` where a file lies inside a Delta Lake, Iceberg or Hudi table.

    The log or the metadata of such a table says which of its files, and which of their rows, are
    the table. All Parquet files together hold deleted rows and older versions too.

    Parameters
    ----------
    paths : iterable of Path
        Absolute paths of the files that a folder or a glob found.
    """
    folders = {path.parent for path in paths}
    for above in sorted(folders.union(*(folder.parents for folder in folders))):
        kind = _kind(above)
        if kind:
            raise TableError(
                f"{str(above)!r} is a table in {kind} format, whose Parquet files also hold "
                "deleted and replaced "
                f"rows: expected plain Parquet, Arrow or CSV; give {_HOW_TO_READ[kind]}"
            )


def _kind(folder: Path) -> str | None:
    """Name the format whose log or metadata lies in a folder.

    Delta Lake keeps ``_delta_log``, Hudi ``.hoodie``, and Iceberg a folder ``metadata`` with
    ``*.metadata.json``.
    """
    try:
        if (folder / "_delta_log").is_dir():
            return "Delta Lake"
        if (folder / ".hoodie").is_dir():
            return "Hudi"
        metadata = folder / "metadata"
        if metadata.is_dir() and any(metadata.glob("*.metadata.json*")):
            return "Iceberg"
    except OSError:  # a folder above that may not be looked into
        pass
    return None
