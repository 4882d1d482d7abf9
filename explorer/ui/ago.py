"""How long ago something was, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from explorer.core.gettext import _

__all__ = ["ago", "since"]


def ago(seconds: float) -> str:
    """Say how long ago it was: "3 h ago"."""
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return _("{seconds:.0f} {unit} ago").format(seconds=seconds // length, unit=unit)
    return _("just now")


def since(time: str) -> str:
    """Say how long ago a moment was, given in ISO 8601 with its zone."""
    return ago((datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds())
