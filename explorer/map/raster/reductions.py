"""What the rows of a pixel can be reduced to by `Map.aggregate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from explorer.core.errors import EmbeddingError
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
        raise EmbeddingError(f"reduction={name!r} must be {_listed(list(REDUCTIONS))}")
    if chosen.takes == "rows" and has_values:
        others = [other_name for other_name, other in REDUCTIONS.items() if other.takes != "rows"]
        raise EmbeddingError(
            f"reduction={name!r} takes no values: leave them out, or pass reduction="
            f"{_listed(others)}"
        )
    if chosen.takes != "rows" and not has_values:
        raise EmbeddingError(
            f"reduction={name!r} needs values: a column name, or an array over the embedding's rows"
        )
    return chosen


def _listed(names: list[str]) -> str:
    return f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
