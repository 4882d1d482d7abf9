"""Memory that is free for a large array, where the platform says."""

from __future__ import annotations

from pathlib import Path

__all__ = ["available_memory"]

_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def available_memory() -> int | None:
    """Return free bytes, the limit of a container included.

    None where they cannot be known (not Linux).
    """
    try:
        lines = _MEMINFO.read_text().splitlines()
    except OSError:
        return None
    free = [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    try:
        limit, used = (
            (_GROUP / "memory.max").read_text().strip(),
            (_GROUP / "memory.current").read_text().strip(),
        )
    except OSError:
        limit = "max"  # no container, or an older kernel's layout
    if limit != "max":
        free.append(max(0, int(limit) - int(used)))
    return min(free, default=None)
