"""Files that a command is asked to write: checked before the work starts, written at its end."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.json_values import plain

__all__ = ["check_target", "json_line", "json_text", "write_json"]


def check_target(option: str, path: str) -> None:
    """Refuse a file that cannot be written, before anything is computed for it.

    Parameters
    ----------
    option : str
        How the command line calls it, such as "--out".
    path : str
        Its path; nothing is written.

    Raises
    ------
    ExplorerError
        If its folder is missing, no folder or not writable, or the path is a folder or a file that
        is not writable.
    """
    target, folder = Path(path), Path(path).absolute().parent
    if not folder.exists():
        reason = f"there is no folder {str(folder)!r}"
    elif not folder.is_dir():
        reason = f"{str(folder)!r} is no folder"
    elif target.is_dir():
        reason = "it is a folder"
    elif not os.access(folder, os.W_OK | os.X_OK) or (
        target.exists() and not os.access(target, os.W_OK)
    ):
        reason = "permission denied, or a read-only disk"
    else:
        return
    raise ExplorerError(f"cannot write {path} ({reason}): pass another {option} path")


def json_text(document: dict[str, Any]) -> str:
    """Return a document as JSON, NaN as null and NumPy values as Python's."""
    return json.dumps(plain(document), ensure_ascii=False, indent=1, allow_nan=False)


def json_line(value: Any) -> str:
    """Return a value as `json_text` does, in one line."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (
        TypeError,
        ValueError,
    ):  # most values are plain already, and looking at each one takes longer
        return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)


def write_json(path: str, document: dict[str, Any]) -> None:
    """Write a document to a file as `json_text` has it."""
    try:
        Path(path).write_text(json_text(document) + "\n", encoding="utf-8")
    except OSError as error:
        raise ExplorerError(
            f"cannot write {path}: {error.strerror}; pass another --json path"
        ) from error
