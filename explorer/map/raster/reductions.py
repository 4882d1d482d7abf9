"""What the rows of a pixel can be reduced to by `Map.aggregate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from explorer.core.errors import EmbeddingError
from explorer.core.name_list import list_alternatives
from explorer.map.raster.aggregate import by, count, mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["REDUCTIONS", "Reduction", "reduction_named"]


@dataclass(frozen=True)
class Reduction:
    """A way to reduce the rows of a pixel.

    Parameters
    ----------
    aggregate : callable
        Takes a store, a viewport, what ``takes`` says and ``mask=``: see
        `explorer.map.raster.aggregate`. It equals a reduction of Datashader.
    takes : {"rows", "numbers", "levels"}
        Nothing more; values (n,) with NaN for missing; or codes (n,) and the number of levels. All
        are in tile order.
    pyramid : str
        The array of `frame.Aggregate` that holds it, where a pyramid can be asked for it; else
        empty, and every frame is aggregated anew.
    """

    aggregate: Callable[..., NDArray[Any]]
    takes: Literal["rows", "numbers", "levels"]
    pyramid: str = ""


REDUCTIONS = {
    "count": Reduction(count, "rows", pyramid="counts"),
    "mean": Reduction(mean, "numbers", pyramid="means"),
    "by": Reduction(by, "levels", pyramid="planes"),
}


def reduction_named(name: str, *, has_values: bool) -> Reduction:
    """Return a reduction; refuse an unknown one, and values where they are of no use or lacking."""
    chosen = REDUCTIONS.get(name)
    if chosen is None:
        known = list_alternatives(list(map(repr, REDUCTIONS)))
        raise EmbeddingError(f"reduction={name!r} must be {known}")
    if chosen.takes == "rows" and has_values:
        others = [repr(other) for other, its in REDUCTIONS.items() if its.takes != "rows"]
        raise EmbeddingError(
            f"reduction={name!r} takes no values: leave them out, or pass reduction="
            f"{list_alternatives(others)}"
        )
    if chosen.takes != "rows" and not has_values:
        raise EmbeddingError(
            f"reduction={name!r} needs values: a column name, or an array over the embedding's rows"
        )
    return chosen
