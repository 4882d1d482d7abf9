"""Which files a table is made of: paths, globs and folders as one frozen, ordered list."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.errors import TableChanged, TableError, nearest_names
from explorer.sources.file_formats import FILE_FORMATS, KNOWN, SUFFIXES
from explorer.sources.lakes import refuse_lakes
from explorer.sources.partitions import partition_values

if TYPE_CHECKING:
    from explorer.sources.partitions import Values

__all__ = ["FileList", "TableFile", "format_of", "resolve"]

# what Spark, Hadoop and Dask leave beside the tables they write
_BOOKKEEPING = {"_SUCCESS", "_metadata", "_common_metadata", "_temporary", "_spark_metadata"}
_BOOKKEEPING_STARTS = ("_committed_", "_started_")


@dataclass(frozen=True)
class TableFile:
    """One file of a table as it was when the table was opened.

    Attributes
    ----------
    path : Path
        Absolute path.
    relative : str
        POSIX path below the table's root; part of the fingerprint.
    size : int
        Bytes.
    mtime_ns : int
        Modification time in nanoseconds since the epoch.
    values : tuple of (str, str or None)
        Columns that its folders hold, and their values; see `explorer.sources.partitions`.
    """

    path: Path
    relative: str
    size: int
    mtime_ns: int
    values: Values = ()

    @classmethod
    def at(cls, path: Path, relative: str, values: Values = ()) -> TableFile:
        """Freeze the file as it is now."""
        stat = path.stat()
        return cls(path, relative, stat.st_size, stat.st_mtime_ns, values)

    def check(self) -> None:
        """Raise `TableChanged` when the file is no longer the one that was opened."""
        try:
            current = self.path.stat()
        except OSError as error:
            raise TableChanged(
                f"{str(self.path)!r} cannot be found any more ({error.strerror}): open the table "
                "again"
            ) from error
        if (current.st_size, current.st_mtime_ns) != (self.size, self.mtime_ns):
            how = f"{self.size:,} bytes then, {current.st_size:,} now"
            if current.st_size == self.size:
                how = "it was rewritten since: as long as before, its time changed"
            raise TableChanged(
                f"{str(self.path)!r} changed after the table was opened ({how}): open the table "
                "again"
            )


@dataclass(frozen=True)
class FileList:
    """The files of a table in reading order, their format, its name, and notes for the user."""

    files: tuple[TableFile, ...]
    format: str
    name: str
    notes: tuple[str, ...] = ()


def resolve(source: str | os.PathLike[str] | list[str | os.PathLike[str]]) -> FileList:
    """Find the files of a table.

    A file stands for itself, a folder for the tables anywhere below it, a glob for the tables it
    matches, a list for all of its members. Several files are read in byte order of their POSIX
    paths relative to the folder (else to their common parent). In a folder or glob, names that
    begin with a dot (unless the glob asks for them), the bookkeeping of other programs (_SUCCESS,
    _metadata, _temporary, ...) and other kinds of file are left out. Folders below the one given,
    or below the part of a glob without wildcards, that are named ``column=value`` hold a column.

    Raises
    ------
    TableError
        When something is missing, empty of tables, given twice, of mixed or unknown format, or
        inside a Delta Lake, Iceberg or Hudi table.
    """
    members = source if isinstance(source, list) else [source]
    if not members:
        raise TableError("no file given: expected a path, a glob, a folder or several of them")
    # each file, and the folder or start of the glob it was found below
    result: list[tuple[Path, Path | None]] = []
    ignored: list[str] = []
    for member in members:
        paths, left, below = _expand(os.fspath(member))
        result += [(path, below) for path in paths]
        ignored += left
    folder = _absolute(os.fspath(members[0])) if len(members) == 1 else None
    is_folder = folder is not None and folder.is_dir()
    root = (
        folder if folder is not None and is_folder else _common_parent([path for path, _ in result])
    )
    files = _freeze(result, root)
    return FileList(files, _common_format(files), _name(is_folder, files, root), _notes(ignored))


def format_of(path: Path) -> str | None:
    """Return the name of the format by the name of the file, else by its first bytes.

    None when it is none of `explorer.sources.file_formats`.
    """
    name = path.name.lower()
    for form in FILE_FORMATS:
        if name.endswith(form.suffixes):
            return form.name
    if path.suffix:
        return None
    with path.open("rb") as stream:
        magic = stream.read(4)
    return next((form.name for form in FILE_FORMATS if magic in form.magic), None)


def _absolute(text: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(text)))  # noqa: PTH100, PTH111 - symbolic links stay as they are


def _freeze(paths: list[tuple[Path, Path | None]], root: Path) -> tuple[TableFile, ...]:
    twice = next(
        (path for path, times in Counter(path for path, _ in paths).items() if times > 1), None
    )
    if twice:
        raise TableError(f"{str(twice)!r} is given twice: name every file once")
    named = sorted(
        ((path.relative_to(root).as_posix(), path, below or root) for path, below in paths),
        key=lambda item: os.fsencode(item[0]),
    )
    files = tuple(
        TableFile.at(path, relative, partition_values(path.relative_to(below).as_posix()))
        for relative, path, below in named
    )
    empty = next((file for file in files if file.size == 0), None)
    if empty:
        raise TableError(f"{str(empty.path)!r} is empty (0 bytes): expected {KNOWN}")
    return files


def _expand(text: str) -> tuple[list[Path], list[str], Path | None]:
    """Return the files of one path, folder or glob.

    Also what was left out, and the folder that the files were found below.
    """
    if "://" in text:
        raise TableError(
            f"{text!r} is an address: expected files on this computer, download it first"
        )
    path = _absolute(text)
    if path.is_dir():
        inside = sorted(inner for inner in path.rglob("*") if inner.is_file())
        return *_tables(path, inside, f"the folder {text!r} holds no table"), path
    if path.exists():
        _require_table(path)
        return [path], [], None
    if glob.has_magic(text):
        matches = sorted(Path(inner) for inner in glob.glob(str(path), recursive=True))  # noqa: PTH207 - absolute pattern
        root = Path(os.path.dirname(re.split(r"[*?\[]", str(path), maxsplit=1)[0]))  # noqa: PTH120 - of "a/" it is "a"
        files = [inner for inner in matches if inner.is_file()]
        return *_tables(root, files, f"no table matches {text!r}", dots=True), root
    raise _missing(path, text)


def _tables(
    root: Path, paths: list[Path], problem: str, dots: bool = False
) -> tuple[list[Path], list[str]]:
    seen = [file for file in paths if not _is_hidden(_below(root, file), dots)]
    tables = [file for file in seen if not _is_bookkeeping(_below(root, file)) and format_of(file)]
    if not tables:
        others = f" (only {', '.join(repr(file.name) for file in seen[:3])})" if seen else ""
        raise TableError(f"{problem}{others}: expected {KNOWN}")
    refuse_lakes(tables)
    read = set(tables)
    return tables, [_below(root, file).as_posix() for file in paths if file not in read]


def _is_hidden(path: Path, dots: bool) -> bool:
    # glob has matched a name with a dot only where the pattern spells it out
    return not dots and any(part[0] == "." for part in path.parts)


def _reason(path: Path) -> str | None:
    """Say why a file in a folder or glob was not read.

    None for hidden files that are no tables anyway.
    """
    if _is_bookkeeping(path):
        return "they are the bookkeeping of another program"
    if not _is_hidden(path, dots=False):
        return "they are no tables"
    return "their names begin with a dot" if path.name.lower().endswith(SUFFIXES) else None


def _is_bookkeeping(path: Path) -> bool:
    return any(part in _BOOKKEEPING or part.startswith(_BOOKKEEPING_STARTS) for part in path.parts)


def _below(root: Path, path: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _require_table(path: Path) -> None:
    if not path.is_file():
        raise TableError(f"{str(path)!r} is not a regular file: expected {KNOWN}")
    if path.stat().st_size and format_of(path) is None:
        raise TableError(f"{path.name!r} is not a table that can be read: expected {KNOWN}")


def _missing(path: Path, text: str) -> TableError:
    parent = path.parent
    if not parent.is_dir():
        return TableError(f"there is no file {text!r}: its folder {str(parent)!r} does not exist")
    tables = sorted(
        sibling.name
        for sibling in parent.iterdir()
        if (sibling.is_dir() and not path.suffix) or sibling.name.lower().endswith(SUFFIXES)
    )
    # compared without their endings, which make any two tables look alike
    stems = {name.split(".")[0]: name for name in tables}
    near = nearest_names(path.name.split(".")[0], stems)
    if near:
        same = [name for name in tables if name.split(".")[0] == near[0]]
        nearest = (nearest_names(path.name, same) or same)[0]
        return TableError(f"there is no file {text!r}: did you mean {nearest!r}?")
    tables = [name for name in tables if not (parent / name).is_dir()]
    if tables:
        return TableError(
            f"there is no file {text!r}: the tables in that folder are "
            f"{', '.join(map(repr, tables[:5]))}"
        )
    return TableError(
        f"there is no file {text!r}, and no table in the folder {str(parent)!r}: check the path"
    )


def _common_parent(paths: list[Path]) -> Path:
    try:
        return Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError as error:
        raise TableError("the files lie on different drives: move them below one folder") from error


def _common_format(files: tuple[TableFile, ...]) -> str:
    first: dict[str, str] = {}
    for file in files:
        first.setdefault(format_of(file.path) or "", file.relative)
    if len(first) > 1:
        formats = ", ".join(f"{form} ({name!r})" for form, name in first.items())
        raise TableError(
            f"the files are of several formats: {formats}; expected one format, name the files of "
            "one of them"
        )
    return next(iter(first))


def _name(folder: bool, files: tuple[TableFile, ...], root: Path) -> str:
    if folder or len(files) > 1:
        return root.name or "table"
    name = files[0].path.name
    suffix = max(
        (ending for ending in SUFFIXES if name.lower().endswith(ending)), key=len, default=""
    )
    return name[: len(name) - len(suffix)] or name


def _notes(ignored: list[str]) -> tuple[str, ...]:
    left: dict[str, list[str]] = {}
    for relative in ignored:
        if reason := _reason(Path(relative)):
            left.setdefault(reason, []).append(relative)
    notes = []
    for reason, names in left.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        notes.append(f"not read, for {reason}: {', '.join(names[:3])}{more}")
    return tuple(notes)
