"""Files that appear whole or not at all: written beside their place, and moved there."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["atomic_path"]


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Hand out a path to write to, which takes the place of ``target`` when the block ends.

    After an error nothing is left.

    Parameters
    ----------
    target : Path
        Its folder must be there; a file that is there stays until the new one is whole.
    """
    # of this call alone: threads of one process may write the same file
    draft = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.part")
    try:
        yield draft
        draft.replace(target)
    finally:
        with suppress(OSError):  # there is no draft where it was moved, or where its folder is none
            draft.unlink()
