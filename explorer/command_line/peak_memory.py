"""The largest memory that this process has held."""

from __future__ import annotations

import sys

__all__ = ["peak_bytes"]


def peak_bytes() -> int | None:
    """Return the largest memory this process has held, in bytes, where the system says it."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
