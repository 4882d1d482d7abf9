"""The present document, its history, and those who want to know of changes."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Concatenate, ParamSpec, cast

from explorer.state.action_arguments import arguments_of
from explorer.state.convert import as_json
from explorer.state.document import Document, first_document

__all__ = ["UNDO_DEPTH", "State"]

Arguments = ParamSpec("Arguments")
Subscriber = Callable[[frozenset[str], Document], None]
Check = Callable[[Document, Document], None]

UNDO_DEPTH = 50
# Where one looks is no choice to undo: going back must not carry the page elsewhere.
_LOOKS = (
    "set_theme",
    "set_tab",
    "look_at",
    "look_at_row",
    "show_comparison",
    "set_pair_view",
    "set_relevance_target",
    "set_feature_view",
    "set_feature_order",
    "set_experiment_view",
    "set_item_view",
    "set_comparison_view",
)
_KEPT = ("theme", "tab", "feature", "row", "comparison", "views")


@dataclass
class _Step:
    name: str
    arguments: dict[str, Any]
    before: Document | None  # None: too long ago to be undone, still part of the history


class State:
    """The present document, its history, and those who want to know of changes.

    One thread changes a state (the event loop of its session). Documents are frozen.

    Parameters
    ----------
    document : Document
    check : callable, optional
        ``check(before, after)`` raises an `ExplorerError` for what does not fit, such as a column
        that the table does not have.
    """

    def __init__(self, document: Document, check: Check | None = None) -> None:
        self._document = document
        self._check = check
        self._done: list[_Step] = []
        self._undone: list[tuple[_Step, Document]] = []  # with the document after it
        self._subscribers: list[Subscriber] = []
        self._unpublished: deque[frozenset[str]] = deque()
        self._publishing = False

    @classmethod
    def start(cls, defaults: Mapping[str, Any] | None = None) -> State:
        """Start from the first document with these sections replaced; see `first_document`."""
        return cls(first_document(defaults))

    @property
    def document(self) -> Document:
        """The present document."""
        return self._document

    def act(
        self,
        action: Callable[Concatenate[Document, Arguments], Document],
        /,
        *_: Arguments.args,
        **arguments: Arguments.kwargs,
    ) -> None:
        """Apply an action of `explorer.state.actions`.

        Parameters
        ----------
        action : callable
        **arguments
            What the action takes, by name; lists, tuples, mappings and NumPy values are read as
            the types that the action declares.

        Raises
        ------
        UnknownName
            If an argument or a choice does not exist.
        ExplorerError
            If an argument is missing or does not hold what it should; the document is then as
            before.
        """
        name, run = action.__name__, cast("Callable[..., Document]", action)
        plain = as_json(arguments, f"the arguments of {name}")
        after = run(self._document, **arguments_of(run, plain))
        if after == self._document:
            return
        if self._check is not None:
            self._check(self._document, after)
        if name not in _LOOKS:
            self._remember(_Step(name, plain, self._document))
            self._undone.clear()
        self._become(after)

    def undo(self) -> bool:
        """Take the last step back; False when there is none."""
        if not self._done or (before := self._done[-1].before) is None:
            return False
        self._undone.append((self._done.pop(), self._document))
        self._become(self._looking(before))
        return True

    def redo(self) -> bool:
        """Do the last undone step again; False when there is none."""
        if not self._undone:
            return False
        step, after = self._undone.pop()
        self._done.append(step)
        self._become(self._looking(after))
        return True

    def drop_step(self, name: str) -> bool:
        """Take the last step of this name out of the history; the steps after it stay.

        What the step changed is as before it, but for what a later step changed again.

        Returns
        -------
        bool
            False when there is no such step, or it is too long ago to be undone.
        """
        place = next(
            (k for k in reversed(range(len(self._done))) if self._done[k].name == name), -1
        )
        if place < 0 or (before := self._done[place].before) is None:
            return False
        later = self._done[place + 1 :]
        documents = [*(step.before for step in later if step.before is not None), self._document]
        after = documents[0]
        changed = _changed(before, after) - set(_KEPT)

        def without(document: Document) -> Document:
            same = changed - _changed(document, after)
            return replace(document, **{name: getattr(before, name) for name in same})

        for step, document in zip(later, documents, strict=False):
            step.before = without(document)
        del self._done[place]
        self._undone.clear()
        self._become(without(self._document))
        return True

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would do something."""
        return bool(self._done) and self._done[-1].before is not None

    @property
    def can_redo(self) -> bool:
        """Whether `redo` would do something."""
        return bool(self._undone)

    def history(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the steps in force, oldest first: done again they give the same document."""
        return [(step.name, copy.deepcopy(step.arguments)) for step in self._done]

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call ``callback(changed_sections, document)`` after every change.

        Returns the way to stop it.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def _looking(self, document: Document) -> Document:
        return replace(document, **{name: getattr(self._document, name) for name in _KEPT})

    def _remember(self, step: _Step) -> None:
        goes_on = (
            self._done
            and not self._undone
            and _gesture(step)
            and _gesture(step) == _gesture(self._done[-1])
        )
        if goes_on:
            self._done[-1].arguments = step.arguments
            return
        self._done.append(step)
        if len(self._done) > UNDO_DEPTH:
            self._done[-UNDO_DEPTH - 1].before = None

    def _become(self, document: Document) -> None:
        before, self._document = self._document, document
        self._unpublished.append(_changed(before, document))
        if self._publishing:
            return  # a subscriber acted: its change is told after this one, to all, in order
        self._publishing = True
        try:
            while self._unpublished:
                changed = self._unpublished.popleft()
                for callback in tuple(self._subscribers):
                    callback(changed, self._document)
        finally:
            self._publishing = False
            self._unpublished.clear()


def _changed(before: Document, after: Document) -> frozenset[str]:
    """Return the names of the sections that differ."""
    names = (field.name for field in fields(Document))
    return frozenset(name for name in names if getattr(before, name) != getattr(after, name))


def _gesture(step: _Step) -> tuple[str, str] | None:
    """Name what one movement of the hand changes again and again: it is undone as one step."""
    if step.name == "set_viewport":
        return step.name, ""
    if step.name == "set_experiment" and set(step.arguments) == {"look"}:
        return step.name, "look"  # from cell to cell
    return (step.name, step.arguments["id"]) if step.name == "add_filter" else None
