"""Misspelt fields, actions and arguments of the state, each of which `make types` must refuse.

mypy runs on this file. An error that is expected is ignored by its code, and mypy reports a
`type: ignore` that nothing needs (warn_unused_ignores): so each line here is known to be refused.
"""

from dataclasses import replace

from explorer.state import actions
from explorer.state.document import Document
from explorer.state.state import State


def misspelt(state: State, document: Document) -> None:
    _ = document.tabb  # type: ignore[attr-defined]
    _ = document.color.colum  # type: ignore[attr-defined]
    _ = document.models.drift.chunks  # type: ignore[attr-defined]
    replace(document, tabb="Rows")  # type: ignore[call-arg]
    document.tab = "Rows"  # type: ignore[misc]
    state.act("set_tab", name="Rows")  # type: ignore[arg-type]
    state.act(actions.set_tabb, name="Rows")  # type: ignore[attr-defined]
    state.act(actions.set_tab, tab="Rows")  # type: ignore[call-arg]
    state.act(actions.set_tab, name="Row")  # type: ignore[arg-type]
    state.act(actions.set_color, column="age", pallete="viridis")  # type: ignore[call-arg]
    state.act(actions.set_drift, chunk=7)  # type: ignore[arg-type]
    state.act(actions.select, selection=None, mode="ad")  # type: ignore[arg-type]


def well_written(state: State, document: Document) -> str:
    state.act(actions.set_tab, name="Rows")
    state.act(actions.set_color, column="age", palette="viridis", clip=(1, 99))
    state.act(actions.set_drift, chunk="week", features=("age", "height"))
    state.act(actions.select, selection={"expression": "age > 3"}, mode="add")
    return replace(document, tab="Rows").tab
