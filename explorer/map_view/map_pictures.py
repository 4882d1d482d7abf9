"""Pictures of the rows in sight, where the map is looked at so closely that they are few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.map.geometry import box_mask
from explorer.session.rows.row_detail import place_of
from explorer.session.rows.row_pictures import RowPictures

if TYPE_CHECKING:
    from explorer.map.viewport import Viewport
    from explorer.session.session import Session

__all__ = ["MapPictures"]

_SIDE = 48  # CSS pixels of the longer side, about: a pixel of the image is a whole number of them
_LONGEST = 96


class MapPictures:
    """Reads the pictures of the rows in sight of one session.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session, self._pictures = session, session.part(RowPictures)

    def are_few(self, in_view: int) -> bool:
        """Say whether so many rows in sight are shown as pictures."""
        return self._pictures.block is not None and 0 < in_view <= self._pictures.most

    def read(self, sight: Viewport) -> dict[str, Any]:
        """Return what the page shows, as plain JSON; empty where too many rows are in sight.

        Returns
        -------
        dict
            "size": width and height of each picture in CSS pixels. "items": row, x, y and address
            of each.
        """
        shown, block = self._session.projection.map(), self._pictures.block
        if shown is None or block is None:
            return {}
        inside = box_mask(shown.store, sight.x_range, sight.y_range)
        rows = shown.rows[np.flatnonzero(inside)]
        population = self._session.rows.population()
        if population is not None:
            rows = rows[population.mask[rows]]
        if not self.are_few(len(rows)):
            return {}
        pictures = self._pictures.read(rows.tolist())
        places = {row: place_of(shown, row) for row in pictures}
        return {
            "size": list(_size(block.shape[0], block.shape[1])),
            "items": [
                [row, *place, pictures[row]] for row, place in places.items() if place is not None
            ],
        }


def _size(height: int, width: int) -> tuple[int, int]:
    longer = max(height, width)
    factor = max(1, round(_SIDE / longer)) if longer <= _LONGEST else _LONGEST / longer
    return max(1, round(width * factor)), max(1, round(height * factor))
