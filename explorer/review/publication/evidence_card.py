"""Evidence as a card: picture, numbers, method, parameters, versions and the data it is of."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from explorer.core.html import Markup, tag
from explorer.core.number_format import NONE, instant, number

if TYPE_CHECKING:
    from explorer.review.evidence import Evidence

__all__ = ["evidence_card", "figure_text", "picture_of"]

_PNG = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
_DATES = re.compile(r"min|max|mean|q0\.\d+")
_MOST = 12  # entries of a list


def evidence_card(key: str, frozen: Evidence | None) -> Markup:
    """Write one piece of evidence; says so when it is not at hand."""
    if frozen is None:
        text = f"Evidence {key} is cited and not in this store."
        return tag("section", tag("h2", "Evidence"), tag("p", text, class_="quiet"), class_="card")
    rows = "all rows" if frozen.sampled is None else f"a sample of {frozen.sampled:,} rows"
    about = {
        "Method": frozen.method,
        "Of": rows,
        **{name: figure_text(value) for name, value in frozen.parameters.items()},
        "Versions": ", ".join(f"{name} {version}" for name, version in frozen.versions.items()),
        "Data": frozen.fingerprint or "not said",
        "Key": key,
    }
    pairs = [
        [tag("dt", name), tag("dd", text, dir="auto")]
        for name, text in about.items()
        if text not in ("", NONE)
    ]
    return tag(
        "section",
        tag("h2", f"Evidence: {frozen.kind}"),
        tag("p", frozen.title, dir="auto"),
        picture_of(frozen.picture, frozen.title or frozen.subject),
        _figures(frozen.numbers),
        tag("dl", pairs, class_="about"),
        class_="card wide evidence",
    )


def _figures(numbers: Mapping[str, Any]) -> Markup | None:
    """Write the numbers that there are, in columns."""
    dated = numbers.get("kind") == "temporal"
    figures = {
        name: instant(value)
        if dated and _DATES.fullmatch(name) and isinstance(value, int | float)
        else figure_text(value)
        for name, value in numbers.items()
    }
    pairs = [
        tag("div", tag("dt", name), tag("dd", text, dir="auto"))
        for name, text in figures.items()
        if text != NONE
    ]
    return tag("dl", pairs, class_="numbers") if pairs else None


def picture_of(picture: str, text: str) -> Markup | None:
    """Show a picture as an image, in which nothing runs or loads; None when it is none."""
    if picture.startswith("<svg"):
        data = base64.b64encode(picture.encode("utf-8", errors="replace")).decode()
        # a picture in the colour of the text is black by itself: the sheet turns it over in the
        # dark
        ink = "ink" if "currentColor" in picture else None
        return tag("img", src=f"data:image/svg+xml;base64,{data}", alt=text, class_=ink)
    return tag("img", src=picture, alt=text) if _PNG.fullmatch(picture) else None


def figure_text(value: Any) -> str:
    """Write a value of JSON for a reader: four digits, lists and mappings in a line."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {figure_text(part)}" for name, part in value.items()) or NONE
    if isinstance(value, list | tuple):
        more = f" and {len(value) - _MOST:,} more" if len(value) > _MOST else ""
        return (", ".join(figure_text(part) for part in value[:_MOST]) + more) or NONE
    return str(value)
