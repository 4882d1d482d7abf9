"""SetDiff: what two feature sets have apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.core.gettext import _

__all__ = ["SetDiff"]


@dataclass(frozen=True)
class SetDiff:
    """What is different in a later feature set.

    Parameters
    ----------
    added, removed : tuple of str
        Features.
    changed : dict of str to tuple
        Settings, as "scale" or "transform of gross": what they were and what they are; None where
        nothing was said.
    reordered : bool
        The same features in another order, which changes no matrix.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: dict[str, tuple[Any, Any]]
    reordered: bool

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.reordered)

    @property
    def words(self) -> str:
        """A line: "2 added (a, b) · 1 removed (c) · scale: standard → robust"."""
        parts = [
            f"{len(names):,} {change} ({', '.join(names)})"
            for change, names in (("added", self.added), ("removed", self.removed))
            if names
        ]
        parts += [
            f"{change}: {_value_text(old)} → {_value_text(new)}"
            for change, (old, new) in self.changed.items()
        ]
        parts += [_("another order")] if self.reordered else []
        return " · ".join(parts) or _("the same")


def _value_text(value: Any) -> str:
    return "none" if value is None else str(value)
