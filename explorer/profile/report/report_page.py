"""Page: the frame that all pages of a report share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.html import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GENERATOR", "page"]

GENERATOR = "explorer profile"
"""What a page says of itself, so that a report is only ever written over a report."""


def page(
    title: str, body: Sequence[Markup | None], root: str, footer: str, script: bool = True
) -> str:
    """Write a page.

    Parameters
    ----------
    title : str
    body : sequence of Markup
    root : str
        From the page to the report's folder: "" or "../".
    footer : str
        What the report was made of, and by what.
    script : bool
        Whether the page does more with JavaScript; it must be whole without.
    """
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="generator", content=GENERATOR),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("link", rel="stylesheet", href=f"{root}report.css"),
        tag("script", src=f"{root}report.js", defer=True) if script else None,
    ]
    return "<!doctype html>\n" + tag(
        "html",
        tag("head", head),
        "\n",
        tag("body", list(body), tag("footer", footer)),
        "\n",
        lang="en",
    )
