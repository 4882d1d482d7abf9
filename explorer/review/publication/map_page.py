"""The page of the map: picture, legend, quality and decisions, in one file."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from explorer.core.html import Markup, tag
from explorer.review.publication.decisions_table import decisions_table
from explorer.review.publication.methods import methods
from explorer.review.publication.page_frame import footer_of, frame
from explorer.review.publication.publication_index import link_to

if TYPE_CHECKING:
    from explorer.review.publication.map_picture import MapPicture, PictureLegend
    from explorer.review.publication.publication import Publication

__all__ = ["map_page"]


def map_page(publication: Publication, picture: MapPicture) -> str:
    """Write the page."""
    feature_set = publication.review.feature_set
    table = publication.table
    body = [
        tag(
            "header",
            tag(
                "h1",
                tag("bdi", feature_set.id),
                " ",
                tag("span", publication.review.state, class_="state"),
            ),
            tag(
                "p",
                " · ".join(filter(None, [picture.title, table.title if table else ""])),
                class_="quiet",
            ),
        ),
        tag(
            "main",
            _figure(picture),
            _about(publication, picture),
            decisions_table(publication.entries, None),
            class_="index",
        ),
    ]
    return frame(f"{feature_set.id} · map", body, footer_of(publication), None)


def _figure(picture: MapPicture) -> Markup:
    data = base64.b64encode(picture.png).decode()
    width, height = picture.size
    image = tag(
        "img",
        src=f"data:image/png;base64,{data}",
        alt=f"Map: {picture.title}",
        width=width,
        height=height,
        class_="map",
    )
    return tag(
        "figure",
        tag("div", image, _legend(picture.legend), class_="drawn"),
        tag("figcaption", picture.caption),
    )


def _legend(legend: PictureLegend) -> Markup:
    unit = f", {legend.unit}" if legend.unit else ""
    head = tag("h2", tag("bdi", f"{legend.title}{unit}"))
    scale = [
        tag(
            "div",
            class_="scale",
            style=f"background:linear-gradient(to right,{','.join(legend.stops)})",
        ),
        tag("div", tag("span", legend.low), tag("span", legend.high), class_="ends"),
    ]
    levels = [
        tag(
            "li",
            tag("i", style=f"background:{colour}"),
            tag("bdi", label),
            tag("span", f"{count:,}") if count is not None else None,
        )
        for label, colour, count in legend.levels
    ]
    return tag(
        "aside",
        head,
        tag("p", legend.how, class_="quiet"),
        scale if len(legend.stops) > 1 else None,
        tag("ul", levels, class_="levels") if levels else None,
        tag("p", legend.note, class_="quiet") if legend.note else None,
        class_="legend",
    )


def _about(publication: Publication, picture: MapPicture) -> Markup:
    rows = picture.provenance.get("rows") or {}
    used, left = rows.get("used", 0), rows.get("left_out", 0)
    facts = {
        "Projection": picture.projection,
        "Rows": f"{used + left:,} = {used:,} on the map + {left:,} left out",
        "Kept": picture.quality,
        "Coordinates": picture.coordinates,
    }
    pairs = [[tag("dt", name), tag("dd", text)] for name, text in facts.items() if text]
    return tag(
        "div",
        tag(
            "section",
            tag("h2", "What it is"),
            tag("dl", pairs, class_="about"),
            link_to(publication.link),
            class_="card",
        ),
        tag(
            "section",
            tag("h2", "Methods"),
            tag("p", methods(publication), dir="auto"),
            class_="card most",
        ),
        class_="cards",
    )
