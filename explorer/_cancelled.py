"""`Cancelled` as a name of explorer: lazy loading takes names from its own modules only."""

from projections.errors import Cancelled

__all__ = ["Cancelled"]
