"""A view: a component of the page whose script and style lie beside it.

Each view is one ES module (`<name>.js`) and one style sheet (`<name>.css`); `dom.js` and `base.css`
are shared by all. State flows down as parameters, what a person does flows up as messages
``{"type": ..., ...}``, each handled by the method ``on_<type>``.
"""

from __future__ import annotations

import base64
from functools import partial
from importlib import resources
from typing import Any, ClassVar

import panel as pn
from panel.custom import JSComponent

from explorer.errors import ExplorerError
from explorer.views.batch import run_batch

__all__ = ["Component", "read_text"]


def read_text(name: str) -> str:
    """Read a script or style sheet that lies in this folder."""
    return resources.files("explorer.views").joinpath(name).read_text(encoding="utf-8")


class Component(JSComponent):
    """Base of every view.

    Subclasses name their files by ``_files``, further scripts by ``_parts``, and answer the page's messages in methods ``on_<type>``.
    """

    _files: ClassVar[str] = ""
    _parts: ClassVar[tuple[str, ...]] = ()
    __abstract = True

    saved: Any  # a param.Dict of the views that hand out files

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if cls._files:
            names = ("dom", *cls._parts, cls._files)
            cls._esm = "".join(read_text(f"{name}.js") for name in names)
            cls._stylesheets = [read_text("base.css"), read_text(f"{cls._files}.css")]
        super().__init_subclass__(**kwargs)

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", "margin": 0, **params})

    def _hand_file(self, name: str, media: str, data: bytes) -> None:
        """Hand a file to the page, which saves it."""
        coded = base64.b64encode(data).decode()
        turn = self.saved.get("turn", 0) + 1
        self.saved = {"name": name, "data": f"data:{media};base64,{coded}", "turn": turn}

    def _handle_msg(self, data: dict[str, Any]) -> None:
        message = dict(data)
        kind = message.pop("type", "")
        handler = getattr(self, f"on_{kind}", None)
        if handler is None:
            raise ExplorerError(
                f"{type(self).__name__} was sent a message of type {kind!r} that it does not know"
            )
        document = pn.state.curdoc
        if document is None:
            handler(**message)
        else:  # Panel may call this without the document's lock
            document.add_next_tick_callback(partial(run_batch, document, partial(handler, **message)))
