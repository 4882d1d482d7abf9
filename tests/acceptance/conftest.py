"""What the files of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def experiment_command(path: Path, *more: str) -> list[str]:
    """Return the arguments of `explorer experiment` for arms A (control) and B in `arm`."""
    return ["experiment", str(path), "--variant", "arm", "--control", "A", *more]
