"""Version of the engine: raised when the same data and parameters give other coordinates."""

from __future__ import annotations

__all__ = ["ENGINE"]

ENGINE = 2
