"""Which compiled code belongs to the sources at hand."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["source_stamp"]

_PACKAGES = ("projections", "explorer")  # they keep their compiled code together


def source_stamp() -> str:
    """Return a name for compiled code that changes with any source file that has some.

    numba compiles a function together with those that it calls, yet looks for changes only in the
    file of the function itself: after an update the code of yesterday could be run. Under this name
    nothing of it is found.
    """
    digest = hashlib.sha256()
    for package in _PACKAGES:
        folder = Path(__file__).parent.parent / package
        for entry in sorted(_sources(str(folder))):
            digest.update(repr(entry).encode())
    return digest.hexdigest()[:12]


def _sources(folder: str) -> list[tuple[str, int, int]]:
    """List name, time of change and size of the kernel files in a folder, without symlinks."""
    sources: list[tuple[str, int, int]] = []
    if not Path(folder).is_dir():
        return sources
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                about = entry.stat()
                if b"numba" not in Path(entry.path).read_bytes():
                    continue
                sources.append((entry.name, about.st_mtime_ns, about.st_size))
            elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                sources += [
                    (f"{entry.name}/{name}", changed, size)
                    for name, changed, size in _sources(entry.path)
                ]
    return sources
