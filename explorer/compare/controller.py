"""Groups: rows kept as A and B, and how they are compared."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from explorer.compare.compute import compare
from explorer.compare.pair import pair_of
from explorer.core.cache import key_of
from explorer.core.errors import ComparisonError, ExplorerError
from explorer.core.gettext import _
from explorer.session.rows.selection_resolver import describe_definition
from explorer.state import actions

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.compare.comparison import Comparison
    from explorer.compare.pair import GroupPair
    from explorer.selection.selection import Selection
    from explorer.session.session import Session
    from explorer.state.document import Group
    from projections.errors import Progress

__all__ = ["CompareController"]

_LONGEST = 60  # characters of a name that the page gives of its own accord


class CompareController:
    """The groups of a session.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._table, self._state = session.table, session.state
        self._rows, self._resolver = session.rows, session.resolver
        self._messages, self._notify = session.messages, session.notify
        self._lock = threading.Lock()
        self._card: tuple[str, dict[str, Any]] = "", {}

    def store(self, which: actions.GroupName, unit: str | None = None) -> None:
        """Keep the selection, within the filters of this moment, as group "a" or "b".

        Parameters
        ----------
        which : {"a", "b"}
        unit : str, optional
            Unit that groups are compared by from now on, as one step with keeping the group; None
            leaves it as it is.

        Raises
        ------
        ComparisonError
            When nothing is selected.
        """
        document = self._state.document
        chosen = self._rows.selection()
        if chosen is None or document.selection is None or not chosen.count():
            raise ComparisonError(
                f"select rows first: group {which.upper()} is what is selected when it is stored"
            )
        filters = [entry.definition for entry in document.active_filters]
        rows = {"and": [document.selection, *filters]} if filters else document.selection
        name = _shortened(describe_definition(document.selection, self._label))
        self._state.act(
            actions.store_group,
            which=which,
            rows=rows,
            count=chosen.count(),
            seen=chosen.seen,
            name=name,
            unit=unit,
        )

    def rows(self, which: actions.GroupName) -> Selection | None:
        """Return the rows of a stored group; None when there is none."""
        groups = self._state.document.groups
        group = groups.a if which == "a" else groups.b
        return None if group is None else self._resolver.rows_of(group.rows)

    def unit(self) -> str | None:
        """Return the column whose rows belong together, or what was said of it.

        It is what was chosen here, else the column that a person gave the role of a unit.
        """
        chosen = self._state.document.compare.unit
        if chosen is not None:
            return chosen
        roles = self._table.roles
        given = (name for name, role in roles.items() if role.role == "unit" and role.given)
        return next(given, None)

    def selection_and_rest(self) -> tuple[Selection | None, Selection | None]:
        """Return the selected rows, and the others within the filters; None for all others."""
        selection, population = self._rows.selection(), self._rows.population()
        if selection is None or population is None:
            return selection, None
        return selection, population & ~selection

    def compare_selection(self) -> None:
        """Show the comparison of the selection with the rest, in place of groups that are kept."""
        groups = self._state.document.groups
        if groups.a is not None or groups.b is not None:
            self.store("a")
            if groups.b is not None:
                self._state.act(actions.forget_group, which="b")
        self.show()

    def show(self) -> None:
        """Show the Compare tab, and compare there."""
        turn = self._messages.get("ask", 0) + 1
        self._state.act(actions.set_tab, name="Compare")
        self._notify("ask", turn)

    def name(self) -> str:
        """Return words for what is compared now: "lasso against the rest"."""
        document = self._state.document
        groups, selection = document.groups, document.selection
        first = "" if selection is None else _shortened(describe_definition(selection, self._label))
        a, b = (group.name if group else "" for group in (groups.a, groups.b))
        return f"{a or first or 'A'} against {b or 'the rest'}"

    def pair(self) -> GroupPair:
        """Return what is compared now.

        A, or else the selection, with B, or else the rest within the filters.

        Raises
        ------
        ComparisonError
            In words, when there is nothing to compare.
        """
        return pair_of(*self._sides())

    def compare(
        self,
        progress: Progress | None = None,
        preview: Callable[[Comparison], object] | None = None,
    ) -> Comparison:
        """Compare the groups in every feature; `preview` as in `explorer.compare`."""
        settings = self._state.document.compare
        a, b = self._sides()
        return compare(
            self._table,
            a,
            b,
            unit=self.unit(),
            adjust=settings.adjust,
            margin=settings.margin,
            preview=preview,
            progress=progress,
        )

    def card(self) -> dict[str, Any]:
        """Return the groups as the page shows them, with the words of the button."""
        with self._lock:  # who asks while it is counted waits for it
            key = self._key()
            if self._card[0] != key:
                self._card = key, self._counted()
            return dict(self._card[1])

    def _key(self) -> str:
        """Name all that the groups' rows depend on."""
        return key_of([self._state.document.groups, self._rows.selection_key])

    def _counted(self) -> dict[str, Any]:
        groups = self._state.document.groups
        shown: dict[str, Any] = {
            "a": None if groups.a is None else self._shown("a", groups.a),
            "b": None if groups.b is None else self._shown("b", groups.b),
        }
        try:
            pair = self.pair()
        except ExplorerError as error:
            return {**shown, "compare": "", "why_not": str(error)}
        if groups.a and groups.b:
            text = _("Compare A {count_a:,} with B {count_b:,}")
        elif groups.a:
            text = _("Compare A {count_a:,} with rest {count_b:,}")
        elif groups.b:
            text = _("Compare selection {count_a:,} with B {count_b:,}")
        else:
            text = _("Compare selection {count_a:,} with rest {count_b:,}")
        text = text.format(count_a=pair.count_a, count_b=pair.count_b)
        return {**shown, "compare": text, "why_not": "", "notes": pair.notes}

    def _sides(self) -> tuple[Selection, Selection | None]:
        a, b = self.rows("a"), self.rows("b")
        if a is None:
            a = self._rows.selection()
        if a is None:
            raise ComparisonError(
                _("select rows on the map, in a histogram or by an expression, then compare them")
            )
        population = self._rows.population()
        if b is None and population is not None:
            b = population & ~a
        return a, b

    def _shown(self, which: actions.GroupName, group: Group) -> dict[str, Any]:
        now, moved = group.count, ""
        try:
            selection = self.rows(which)
            now = 0 if selection is None else selection.count()
        except ExplorerError as error:
            moved = str(error)
        if now != group.count:
            moved = _("{now:,} rows now: the table or its catalogue has changed").format(now=now)
        population = self._rows.population()
        if not moved and population is not None and selection is not None:
            outside = selection.count() - (selection & population).count()
            moved = (
                _("{outside:,} of them are hidden by the present filters").format(outside=outside)
                if outside
                else ""
            )
        return {"name": group.name, "count": group.count, "moved": moved}

    def _label(self, column: str) -> str:
        features = self._table.features
        return features[column].label if column in features else column


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
