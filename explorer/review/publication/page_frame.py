"""What all pages of a publication share. No page has a script, or lets one in."""

from __future__ import annotations

from importlib.resources import files as resources
from typing import TYPE_CHECKING

from explorer.core.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.review.publication.publication import Publication

__all__ = ["SHEET", "footer_of", "frame", "sheet"]

SHEET = "report.css"
# Names, reasons and pictures come from files of other people: escaped, and beyond that never run.
_POLICY = "script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"


def frame(title: str, body: Sequence[Markup | None], footer: str, root: str | None) -> str:
    """Write a page.

    Parameters
    ----------
    title : str
    body : sequence of Markup
    footer : str
    root : str or None
        From the page to the publication's folder, "" or "../"; None for a page that is one file by
        itself.
    """
    style = (
        tag("style", Markup(sheet()))
        if root is None
        else tag("link", rel="stylesheet", href=f"{root}{SHEET}")
    )
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="generator", content="explorer review"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("title", title),
        style,
    ]
    body_element = tag("body", list(body), tag("footer", footer))
    return "<!doctype html>\n" + tag("html", tag("head", head), "\n", body_element, "\n", lang="en")


def sheet() -> str:
    """Return the style sheet: that of the reports, and what a publication has besides."""
    sheets = (
        ("explorer.profile.report", "report.css"),
        ("explorer.review.publication", "publication.css"),
    )
    return "\n".join(
        resources(package).joinpath(name).read_text(encoding="utf-8") for package, name in sheets
    )


def footer_of(publication: Publication) -> str:
    """Say what wrote it, when, and of which data."""
    from explorer._version import __version__

    feature_set, table = publication.review.feature_set, publication.table
    facts = [
        f"Published by explorer {__version__} on {publication.made[:16].replace('T', ' ')} UTC",
        f"{feature_set.id}, hash {feature_set.hash}",
        f"data {table.fingerprint}" if table else "",
    ]
    return str(join(" · ".join(filter(None, facts))))
