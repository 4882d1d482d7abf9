"""Where files of the user are kept: the cache folder and the data folder."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from explorer.core.errors import CacheError

__all__ = ["cache_folder", "data_folder", "nearest_existing"]

_SHARED = "EXPLORER_SHARED_FOLDERS"


def cache_folder() -> Path:
    """Return the folder of what may be deleted at any time.

    ``EXPLORER_CACHE``, else the user's cache folder.
    """
    return _folder("EXPLORER_CACHE", "user_cache_path")


def data_folder() -> Path:
    """Return the folder of what is kept for good, such as reviews and sessions.

    ``EXPLORER_DATA``, else the user's data folder.
    """
    return _folder("EXPLORER_DATA", "user_data_path")


def nearest_existing(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that exists."""
    return next(
        parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists()
    )


def _folder(variable: str, platform_function: str) -> Path:
    named = os.environ.get(variable)
    if named:
        result = Path(named).expanduser().absolute()
    else:
        import platformdirs  # only here: most runs name the folder

        result = getattr(platformdirs, platform_function)("explorer", appauthor=False)
    _check_trusted(result, variable)
    return result


def _check_trusted(folder: Path, variable: str) -> None:
    """Refuse a folder that others can write to.

    Compiled code and Arrow files in it are used as they are.

    Root may, and so may the user's own group, which holds nobody else; parent folders are not
    looked at.
    """
    if os.name != "posix" or os.environ.get(_SHARED) == "1":
        return
    try:
        status = folder.stat()
    except OSError:  # it is not there yet, or cannot be read: whoever writes there says so
        return
    if status.st_uid not in (0, os.getuid()):
        reason, mend = f"it belongs to user {status.st_uid}", ""
    elif status.st_mode & stat.S_IWOTH:
        reason, mend = "everybody can write to it", f"chmod go-w {shlex.quote(str(folder))}, or "
    elif status.st_mode & stat.S_IWGRP and not _own_group(status.st_gid):
        reason, mend = (
            f"its group {status.st_gid} can write to it",
            f"chmod go-w {shlex.quote(str(folder))}, or ",
        )
    else:
        return
    raise CacheError(
        f"the folder {str(folder)!r} is not used, as code and data are read from it and {reason}: "
        f"{mend}name another folder in {variable}, or set {_SHARED}=1 where all who can write "
        "there are trusted"
    )


def _own_group(group: int) -> bool:
    if group == 0:
        return True
    import grp
    import pwd

    try:
        user, result = pwd.getpwuid(os.getuid()), grp.getgrgid(group)
    except KeyError:  # an account without a name, as in a container
        return False
    return (
        result.gr_gid == user.pw_gid
        and result.gr_name == user.pw_name
        and not {*result.gr_mem} - {user.pw_name}
    )
