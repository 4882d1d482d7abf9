"""The names of regions as the map shows them: where each stands, and every number behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.map.regions.places import places_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.embedding.embedding import Embedding
    from explorer.map.regions.region import Region, Regions
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.region_finder import RegionFinder
    from explorer.state.state import State

__all__ = ["region_labels"]

_FEWEST = 10  # landmarks: a region of fewer has its name, but no place on the map
_ABOUT = _("Communities of the neighbours in the map's features, named by what distinguishes them.")


def region_labels(state: State, projection: Projection, finder: RegionFinder) -> dict[str, Any]:
    """Return the names of regions of the map shown, as plain JSON.

    Regions that are wanted and not known are asked for.
    """
    key, embedding = projection.shown_key(), projection.embedding()
    if not state.document.regions or key is None or embedding is None:
        return {"on": state.document.regions, "about": _ABOUT}
    regions = finder.get(key)
    if regions is None:
        finder.request(key)
        regions = finder.get(key)
    base = {"on": True, "key": key, "about": _ABOUT}
    if regions is None:
        why_not = finder.failure(key)
        waiting = _waiting(finder.progress(key))
        return {
            **base,
            "words": _("No labels: {why_not}.").format(why_not=why_not) if why_not else waiting,
        }
    labels = list(_labels(regions, embedding))
    return {
        **base,
        "about": regions.note,
        "labels": labels,
        "words": _words(finder.progress(key), regions, labels),
    }


def _waiting(progress: str) -> str:
    return f"Labels: {progress or 'waiting'} …"


def _words(progress: str, regions: Regions, labels: list[dict[str, Any]]) -> str:
    if not regions.levels:
        return regions.note
    if not labels:
        return _("{note} No region differs clearly from the others, so none has a name.").format(
            note=regions.note
        )
    if not regions.complete:
        return f"{regions.note} {_waiting(progress)}"
    return "" if len(regions.tree.landmarks) == len(regions.rows) else regions.note


def _labels(regions: Regions, embedding: Embedding) -> Iterator[dict[str, Any]]:
    """Yield labels, coarse before fine and large before small.

    In this order they get their places.
    """
    landmarks = regions.tree.landmarks
    for level, some in enumerate(regions.levels):
        places = places_of(embedding.xy[landmarks], regions.labels(level)[landmarks])
        for region in sorted(some, key=lambda region: (-region.rows, region.number)):
            # a region that is alone in a larger region is that region, and has its label
            again = (
                region.parent is not None
                and region.name == regions.levels[level - 1][region.parent].name
            )
            if (
                region.name
                and not again
                and region.landmarks >= _FEWEST
                and region.number in places
            ):
                place = places[region.number]._asdict()
                yield {
                    "level": level,
                    "number": region.number,
                    **place,
                    **_region_label(region, regions),
                }


def _region_label(region: Region, regions: Regions) -> dict[str, Any]:
    count = _("{rows:,} rows").format(rows=region.rows)
    if not regions.complete:
        count = _("{landmarks:,} of the {count:,} rows examined").format(
            landmarks=region.landmarks, count=len(regions.tree.landmarks)
        )
    sampled = len(regions.tree.landmarks) < len(regions.rows)
    note = (
        (
            _("Figures of {landmarks:,} random rows of the region.").format(
                landmarks=region.landmarks
            )
            + " "
        )
        if sampled
        else ""
    )
    return {
        "name": region.name,
        "count": count,
        "than": region.than,
        "reasons": [reason.words for reason in region.reasons],
        "note": _("{note}Click selects these rows.").format(note=note),
    }
