"""Where numba keeps the code that it compiles, and whether there is any from before."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from explorer.core.folders import cache_folder, nearest_existing

__all__ = ["compiled", "prepare_numba"]

_OLD_SECONDS = 30 * 24 * 3600.0
_NUMBA_BYTES = 20e6  # twice what all kernels of both packages take


def prepare_numba() -> None:
    """Let numba keep its compiled code under the cache folder.

    ``NUMBA_CACHE_DIR`` goes before it.

    Where the cache cannot be written or has less than 20 MB left, a folder of the user's own among
    the temporary files takes its place. To be called before numba is loaded: it reads the variable
    then.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    preferred = cache_folder() / "numba"
    folder = preferred if _has_room(preferred) else _temporary_numba() or preferred
    os.environ["NUMBA_CACHE_DIR"] = str(folder)  # before the engine says where
    from projections.compiled import source_stamp

    folder /= source_stamp()
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if not folder.exists():
        _forget_old(folder.parent)


def compiled() -> bool:
    """Tell whether compiled code is there from before.

    Without it, the first count takes ten seconds or more.
    """
    prepare_numba()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    return any(folder.rglob("count*.nbc")) or any(folder.rglob("cell_order*.nbc"))


def _forget_old(folder: Path) -> None:
    """Remove code compiled from sources that nobody has had for a month."""
    with suppress(OSError):
        for entry in folder.iterdir():
            if entry.is_dir() and time.time() - entry.stat().st_mtime > _OLD_SECONDS:
                shutil.rmtree(entry, ignore_errors=True)


def _has_room(folder: Path) -> bool:
    try:
        nearest = nearest_existing(folder)
        free = shutil.disk_usage(nearest).free
    except OSError:
        return False
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK) and free >= _NUMBA_BYTES


def _temporary_numba() -> Path | None:
    """Return a folder for compiled code that nobody else can write to, as it is run unread.

    None without any.
    """
    user = getattr(os, "getuid", lambda: 0)()
    try:
        folder = Path(tempfile.gettempdir()) / f"explorer-numba-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        theirs = os.name == "posix" and (
            status.st_uid != user or stat.S_IMODE(status.st_mode) & 0o022
        )
        if theirs or stat.S_ISLNK(status.st_mode):
            return Path(tempfile.mkdtemp(prefix="explorer-numba-"))
    except OSError:
        return None
    return folder
