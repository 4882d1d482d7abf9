"""MapPicture: a picture of an embedding with its legend, and what made it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ReviewError
from explorer.embedding.description import (
    method_in_words,
    reading_in_words,
    whole_quality_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.embedding.embedding import Embedding

__all__ = ["MapPicture", "PictureLegend", "coordinates_key"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}|rgb\(\d{1,3}, ?\d{1,3}, ?\d{1,3}\)")
_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER = 24  # bytes: signature, length and type of the first chunk, width, height


@dataclass(frozen=True, kw_only=True)
class PictureLegend:
    """What the colours of a picture mean.

    Parameters
    ----------
    title, unit : str
    how : str
        What a pixel shows: "rows", "mean per pixel", "by rank".
    stops : tuple of str
        Colours of a scale from low to high, as "#rrggbb" or "rgb(r,g,b)".
    low, high : str
        Its ends in words.
    levels : tuple of (str, str, int or None)
        Of categories: label, colour, rows.
    note : str

    Raises
    ------
    ReviewError
        A colour of another form.
    """

    title: str = "Rows per pixel"
    unit: str = ""
    how: str = "by rank"
    stops: tuple[str, ...] = ()
    low: str = "few"
    high: str = "many"
    levels: tuple[tuple[str, str, int | None], ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for colour in (*self.stops, *(colour for _, colour, _ in self.levels)):
            if _COLOUR.fullmatch(colour) is None:
                raise ReviewError(f"a colour is written as #rrggbb or rgb(r,g,b), came {colour!r}")

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> PictureLegend:
        """Read the legend of a map, as JSON; what a picture has no use for is left out."""
        plain = {
            name: str(document.get(name) or "")
            for name in ("title", "unit", "how", "low", "high", "note")
        }
        levels = [
            (level["label"], level["color"], level.get("count"))
            for level in document.get("levels") or ()
        ]
        return cls(stops=tuple(document.get("stops") or ()), levels=tuple(levels), **plain)

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        levels = [
            {"label": label, "color": colour, "count": count}
            for label, colour, count in self.levels
        ]
        plain = {
            name: getattr(self, name) for name in ("title", "unit", "how", "low", "high", "note")
        }
        return {**plain, "stops": list(self.stops), "levels": levels}


@dataclass(frozen=True, kw_only=True)
class MapPicture:
    """A picture of an embedding.

    Parameters
    ----------
    png : bytes
    legend : PictureLegend
    provenance, scores : mapping
        Of the embedding.
    coordinates : str
        `coordinates_key` of the embedding; empty where nobody needs to check them.

    Raises
    ------
    ReviewError
        Bytes that are no PNG.
    """

    png: bytes
    legend: PictureLegend = field(default_factory=PictureLegend)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    coordinates: str = ""

    def __post_init__(self) -> None:
        if not self.png.startswith(_PNG) or len(self.png) < _HEADER:
            raise ReviewError(
                "the picture of a map is a PNG, as `explorer.map.paint.picture.png_bytes` makes it"
            )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int.from_bytes(self.png[16:20], "big"), int.from_bytes(self.png[20:24], "big")

    @property
    def method(self) -> Mapping[str, Any]:
        """Name, parameters and seed of the projection."""
        method: Mapping[str, Any] = self.provenance.get("method") or {}
        return method

    @property
    def title(self) -> str:
        """What it shows: "UMAP of 11 features"."""
        return str(self.provenance.get("name") or "Map")

    @property
    def caption(self) -> str:
        """How far it may be read."""
        return reading_in_words(self.provenance)

    @property
    def quality(self) -> str:
        """How well the map keeps neighbours and distances, beside PCA; empty if not measured."""
        return whole_quality_in_words(self.provenance, self.scores)

    @property
    def projection(self) -> str:
        """Method, parameters, seed and rows, as a methods section has them."""
        return method_in_words(self.provenance)

    def document(self) -> dict[str, Any]:
        """Return everything but the picture as JSON."""
        return {
            "title": self.title,
            "size": list(self.size),
            "legend": self.legend.document(),
            "caption": self.caption,
            "coordinates": self.coordinates,
            "provenance": dict(self.provenance),
            "scores": dict(self.scores),
        }


def coordinates_key(embedding: Embedding) -> str:
    """Return a hash of rows and coordinates, to the bit.

    BLAKE2b of int64 rows and float32 pairs, both little-endian.
    """
    digest = blake2b(digest_size=16)
    digest.update(embedding.rows.astype("<i8", copy=False).tobytes())
    digest.update(embedding.xy.astype("<f4", copy=False).tobytes())
    return digest.hexdigest()
