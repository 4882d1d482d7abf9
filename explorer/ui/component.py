"""A view: a component of the page whose script and style lie beside it.

Each view is one ES module (`<name>.js`) with what it imports (`browser_modules`), and one style
sheet (`<name>.css`) in its own folder, which adds to those that views share (`ui/base.css`). State
flows down as parameters, what a person does flows up as messages ``{"type": ..., ...}``, each
handled by the method ``on_<type>``, whose annotations are the shape of the message (`messages`).
"""

from __future__ import annotations

import base64
import logging
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
from panel.custom import JSComponent

from explorer.core.errors import ExplorerError
from explorer.ui.browser_modules import join_modules
from explorer.ui.messages import MessageError, read_message
from explorer.ui.page_loop import run_batch

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.session.session import Session
    from explorer.ui.page_loop import Schedule

__all__ = ["Component", "SessionComponent"]

logger = logging.getLogger(__name__)


class Component(JSComponent):
    """Base of every view.

    Subclasses name their script and their style sheet by ``_files``, beside their own module
    (``"page"``) or below explorer (``"rows/page"``), and answer the page's messages in methods
    ``on_<type>``.
    """

    _files: ClassVar[str] = ""
    _events: ClassVar[tuple[type, ...]] = ()  # what the view sends beside its parameters
    _base_styles: ClassVar[tuple[str, ...]] = ("ui/base",)
    __abstract = True

    saved: Any  # a param.Dict of the views that hand out files

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if cls._files:
            cls._esm = join_modules(f"{cls.script_path()}.js")
            cls._stylesheets = [
                resources.files("explorer").joinpath(f"{path}.css").read_text(encoding="utf-8")
                for path in (*cls._base_styles, cls.script_path())
            ]
        super().__init_subclass__(**kwargs)

    @classmethod
    def script_path(cls) -> str:
        """Where the script and the style sheet lie below explorer, without their suffix."""
        if "/" in cls._files:
            return cls._files
        return "/".join([*cls.__module__.split(".")[1:-1], cls._files])

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", "margin": 0, **params})

    def _hand_file(self, name: str, media: str, data: bytes) -> None:
        """Hand a file to the page, which saves it."""
        coded = base64.b64encode(data).decode()
        turn = self.saved.get("turn", 0) + 1
        self.saved = {"name": name, "data": f"data:{media};base64,{coded}", "turn": turn}

    def _handle_msg(self, data: Any) -> None:
        try:
            name, arguments = read_message(type(self), data)
        except MessageError as error:  # not of our scripts: said in the log, and nothing is changed
            logger.warning("%s", error)
            return
        handler = partial(self._take_message, getattr(self, name), arguments)
        document = pn.state.curdoc
        if document is None:
            handler()
        else:  # Panel may call this without the document's lock
            document.add_next_tick_callback(partial(run_batch, document, handler))

    def _take_message(self, handler: Callable[..., None], arguments: dict[str, Any]) -> None:
        """Do what a message asks for; what cannot be done is said among the notes of the page."""
        try:
            handler(**arguments)
        except ExplorerError as error:
            session = getattr(self, "_session", None)
            if session is None:
                logger.warning("%s: %s", type(self).__name__, error)
                return
            session.show_note(str(error))


class SessionComponent(Component):
    """Base of the views of a session.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    """

    __abstract = True

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        self._session, self._schedule = session, schedule
        super().__init__(**params)
