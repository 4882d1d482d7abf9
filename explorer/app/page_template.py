"""The frame of every page: HTML, colours, title and theme, and the state in its address."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import panel as pn
from panel.io import init_doc

from explorer.core.gettext import _, language, page_translations

if TYPE_CHECKING:
    from explorer.state.document import Document

__all__ = ["LINK", "PageTemplate", "link_of_page", "page_template"]

LINK = "s"
"""The name of the state in the page's address."""


class PageTemplate(pn.Template):
    """A template with many parts, each of which Panel would look at again for every other one."""

    def __repr__(self) -> str:
        # Panel keeps it for notebooks and makes it anew at every part that is added
        return f"{type(self).__name__}({', '.join(self._render_items)})"

    def server_doc(self, doc: Any = None, title: str | None = None, location: Any = True) -> Any:
        """Return the Bokeh document; its models are collected once and not at every part."""
        document = init_doc(doc)
        with document.models.freeze():
            return super().server_doc(document, title, location)


def page_template(name: str, title: str, document: Document) -> PageTemplate:
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
    page = PageTemplate(_read(name))
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
