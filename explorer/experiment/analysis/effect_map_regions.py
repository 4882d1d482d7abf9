"""Which region each row of a map lies in, and the hexagons that show where regions are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.experiment.analysis.hexagons import Hexagons, hexagons_of
from explorer.map.regions.region import Regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "FEWEST",
    "MOST_REGIONS",
    "Labelled",
    "MapLike",
    "RegionAssignment",
    "map_regions",
    "named_regions",
]

FEWEST = 30
"""Units of an arm from which most metrics are read in a region; smaller hexagons are hollow."""

MOST_REGIONS = 10_000
"""Hexagons beyond this are smaller than anybody can read, and each costs a test."""

_LEVEL = 1  # of named regions, where nobody says which: about 30
_DRAWN = 2_000  # hexagons that regions of other shapes are drawn in
_ROWS_DRAWN = 20  # rows that one of them should hold at least

Labelled = tuple["NDArray[np.int32]", "Sequence[str]"]
"""Region of each row of a map, negative in none, and the regions' names."""


class MapLike(Protocol):
    """What is asked of a map."""

    store: Any
    fingerprint: str
    features: tuple[str, ...] | None

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row of the table for each row of the map."""
        ...


class RegionAssignment(NamedTuple):
    """Regions of the rows of a map.

    Parameters
    ----------
    codes : ndarray of shape (m,), int32
        Region of each row of the map, -1 in none.
    labels : sequence of str
    hexagons : Hexagons
        Where the regions are.
    owners : ndarray of shape (hexagons,), int32, optional
        Region that each hexagon is drawn for, -1 for none; None: each is a region.
    """

    codes: NDArray[np.int32]
    labels: Sequence[str]
    hexagons: Hexagons
    owners: NDArray[np.int32] | None


def map_regions(m: MapLike, regions: int | Labelled | Regions) -> RegionAssignment:
    """Put the rows of a map in regions.

    Parameters
    ----------
    m : Map
    regions : int, (ndarray of shape (rows of the map,), sequence of str), or Regions
        As for `explorer.experiment.analysis.effect_map.effect_map`.

    Raises
    ------
    ExperimentError
        Where these are no regions of this map.
    """
    checked = _checked(
        named_regions(regions) if isinstance(regions, Regions) else regions, len(m.rows)
    )
    store = m.store
    if isinstance(checked, int):
        hexagons = hexagons_of(store.x, store.y, checked, store.origin, 2 * FEWEST)
        return RegionAssignment(
            store.restore(hexagons.codes + 1) - 1, hexagons.labels, hexagons, None
        )
    codes, labels = checked
    hexagons = hexagons_of(
        store.x, store.y, min(_DRAWN, max(store.n // _ROWS_DRAWN, 1)), store.origin
    )
    return RegionAssignment(
        codes, labels, hexagons, hexagons.owners(store.arrange(codes), len(labels))
    )


def named_regions(regions: Regions, level: int = _LEVEL) -> Labelled:
    """Return the region of each row of a map at a level, and a name for each.

    At the finest level where that one is not there.

    Regions without a name are numbered, and so is the second of a name.

    Raises
    ------
    ExperimentError
        While the region of some rows is still to be found, or where the map has none.
    """
    if not regions.levels:
        raise ExperimentError(regions.note or "this map has no regions: choose hexagons")
    if not regions.complete:
        raise ExperimentError(
            "the region of every row is still being found: choose hexagons, or wait a moment"
        )
    level = min(level, len(regions.levels) - 1)
    labels: list[str] = []
    for region in regions.levels[level]:
        name = region.name or _("region {number}").format(number=region.number + 1)
        labels.append(name if name not in labels else f"{name} ({region.number + 1})")
    return regions.labels(level), labels


def _checked(regions: int | Labelled, n_rows: int) -> int | Labelled:
    """Return what regions were asked for, the codes as int32."""
    if isinstance(regions, int) and not isinstance(regions, bool):
        if not 1 <= regions <= MOST_REGIONS:
            raise ExperimentError(
                f"regions is a number of hexagons, 1 to {MOST_REGIONS:,}; came {regions:,}"
            )
        return regions
    try:
        codes, labels = np.asarray(regions[0]), [str(label) for label in regions[1]]  # type: ignore[index]
    except (TypeError, IndexError):
        raise ExperimentError(
            "regions is a number of hexagons, or the region of each row of the map with the "
            f"regions' names; came {regions!r:.60}"
        ) from None
    if codes.shape != (n_rows,) or codes.dtype.kind not in "iu":
        raise ExperimentError(
            f"the region of each of the map's {n_rows:,} rows is a whole number; "
            f"came {codes.dtype} {codes.shape}"
        )
    if codes.max(initial=-1) >= len(labels) or len(set(labels)) < len(labels):
        raise ExperimentError(
            f"each region has a name of its own: came {len(labels):,} names "
            f"({len(set(labels)):,} different) for regions up to {codes.max()}"
        )
    return codes.astype(np.int32), labels
