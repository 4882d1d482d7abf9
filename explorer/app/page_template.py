"""The frame of every page: HTML, colours, title and theme, and the state in its address."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import panel as pn

from explorer.core.gettext import _, language, page_translations

if TYPE_CHECKING:
    from explorer.state.document import Document

__all__ = ["LINK", "link_of_page", "page_template"]

LINK = "s"
"""The name of the state in the page's address."""


def page_template(name: str, title: str, document: Document) -> pn.Template:
    """Return a file of this folder as a template, with what every page needs filled in.

    Parameters
    ----------
    name : str
        Such as "page.html".
    title : str
        Of the table.
    document : Document
        Of the session: its tab and its theme.
    """
    page = pn.Template(_read(name))
    page.add_variable("colours", _read("page.css"))
    page.add_variable("layout", _read("layout.css"))
    page.add_variable("page_title", title)
    page.add_variable("tab", document.tab)
    page.add_variable("theme", document.theme)
    page.add_variable("_", _)
    page.add_variable("language", language())
    page.add_variable("translations", page_translations())
    return page


def link_of_page() -> str:
    """Return what the address of the page says of its state; empty for nothing."""
    text: bytes = pn.state.session_args.get(LINK, [b""])[0]
    return text.decode("ascii", "replace")


def _read(name: str) -> str:
    return resources.files("explorer.app.templates").joinpath(name).read_text(encoding="utf-8")
