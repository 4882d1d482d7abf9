"""What stands on the map: caption, chooser, counter, legend, and what to do while there is none."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.embedding.description import (
    NEAR,
    comparison_in_words,
    is_one_line,
    quality_in_words,
    quality_lines,
)
from explorer.map.paint.picture import png_bytes
from explorer.map.raster.frame import render
from explorer.map.viewport import Viewport
from explorer.map_view.map_legend import legend_card
from explorer.session.maps.validate_projection import has_usable_features
from explorer.session.rows.row_search import map_title

if TYPE_CHECKING:
    from explorer.embedding.embedding import Embedding
    from explorer.map.map import Map
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.scene import Scene
    from explorer.session.session import Session
    from explorer.state.state import State

__all__ = ["map_overlay", "outline_of"]


def map_overlay(session: Session) -> dict[str, Any]:
    """Return everything that stands on the map of a session, as plain JSON."""
    shown, embedding = session.projection.map(), session.projection.embedding()
    if shown is None or embedding is None:
        return {"message": _waiting(session), "label": _("Map: not ready")}
    key = session.projection.shown_key()
    thumbnail = (
        None if session.second_map.wanted else _thumbnail(session.projection, session.scene, key)
    )
    return {
        "caption": _caption(embedding),
        "label": _("Map of {n:,} rows: {features}").format(
            n=shown.store.n, features=map_title(session.table.features, embedding)
        ),
        "embeddings": [
            {"key": k, "name": map_title(session.table.features, e)}
            for k, e in session.projection.available()
        ],
        "embedding": key,
        "trail": _trail(session.projection, key),
        "counter": _counter(session.table.num_rows, shown, embedding),
        "quality": _quality(embedding),
        "legend": legend_card(session.table, session.rows, session.scene, shown),
        "thumbnail": thumbnail,
        "outline": outline_of(session.state, key),
        "layers": _layers(session.state.document.layer, session.projection.embedding_of(shown)),
    }


def _trail(projection: Projection, key: str | None) -> list[str]:
    """Return what the maps above each other are of, the one shown last; empty for one map."""
    settings = projection.settings_of(key) if key is not None else None
    levels = () if settings is None else settings.levels
    names = [_("All rows") if level.rows is None else level.rows.name for level in levels]
    return names if len(names) > 1 else []


def _layers(layer: str | None, embedding: Embedding | None) -> list[dict[str, Any]]:
    """Return what can be drawn in place of the colours, and why it cannot."""
    scored = embedding is not None and bool(np.isfinite(embedding.trust).any())
    words = (
        ""
        if scored
        else _("the quality of the map is not computed yet, or its coordinates come from the table")
    )
    return [{"name": "trust", "on": layer == "trust", "why_not": words}]


def _waiting(session: Session) -> dict[str, Any]:
    """Return why there is no map, and the names of what to do next, of `map_message.js`."""
    projection, table = session.projection, session.table
    mappable = table.num_rows >= 2 and has_usable_features(table)
    actions = ["tick", "columns", "rows"] if mappable else ["columns", "rows", "other"]
    if projection.nothing_to_project:
        title, text = _("Nothing to map yet"), projection.nothing_to_project
        return {"title": title, "text": text, "actions": actions}
    if projection.job and projection.job.failed:
        title, text = _("No map of these features"), projection.job.failed
        return {"title": title, "text": text, "actions": actions}
    return {
        "actions": [],
        "title": _("Making the first map"),
        "text": _("PCA of the ticked features comes first, the chosen method follows."),
    }


def _caption(embedding: Embedding) -> str:
    if embedding.method == "pca":
        if is_one_line(embedding.provenance):
            return _("One column: its values lie along a line.")
        return _("PCA: these two directions explain {share:.0f} % of the variance.").format(
            share=_explained(embedding)
        )
    return _("Coordinates from the table.") if embedding.method == "columns" else NEAR


def _explained(embedding: Embedding) -> float:
    """Return the share of the variance that the two axes of a PCA hold, in per cent."""
    return 100 * float(sum(embedding.provenance["explained_variance_ratio"][:2]))


def _counter(rows: int, shown: Map, embedding: Embedding) -> list[list[Any]]:
    subset = embedding.row_subset
    chosen = rows if subset is None else subset.count
    account = [
        f"{rows:,} = ",
        {"count": "in_view"},
        (" " + _("in view +") + " "),
        {"count": "outside"},
        (" " + _("outside +") + " "),
        {"count": "hidden"},
        (
            " "
            + _("hidden + {n_without:,} without coordinates").format(
                n_without=shown.n_without - (rows - chosen)
            )
        ),
    ]
    facts = []
    if subset is not None:
        account.append(" " + _("+ {rows:,} not chosen").format(rows=rows - chosen))
        facts.append(
            _("{chosen:,} of {rows:,} rows; the others are not on this map").format(
                chosen=chosen, rows=rows
            )
        )
    if embedding.imputed_rows:
        facts.append(
            _("{imputed_rows:,} rows with an imputed cell").format(
                imputed_rows=embedding.imputed_rows
            )
        )
    placed = embedding.placed_rows
    if placed:
        facts.append(
            _("{count:,} projected, {placed:,} placed by their neighbours").format(
                count=len(embedding.rows) - placed, placed=placed
            )
        )
    return [account, [" · ".join(facts)]] if facts else [account]


def _quality(embedding: Embedding) -> dict[str, Any] | None:
    """Return the quality of a map: one line, and what unfolds below; None if not measured."""
    facts = embedding.provenance, embedding.scores
    line = quality_in_words(*facts)
    if not line:
        return None
    lines = quality_lines(*facts)
    note = _("In brackets: 95 % intervals over the rows that were checked.") if lines else ""
    return {"line": line, "lines": list(filter(None, [comparison_in_words(*facts), *lines, note]))}


def _thumbnail(projection: Projection, scene: Scene, key: str | None) -> dict[str, str] | None:
    """Return the PCA of the same rows and features, as a control; None where it is not there."""
    keys = projection.keys()
    pca = keys.get("pca")
    # while new features are projected, the map shown may still be of the former ones
    if (
        key not in keys.values()
        or pca is None
        or pca == key
        or pca not in dict(projection.available())
    ):
        return None
    control = projection.find_map(pca)
    colour = scene.control_colour(control)
    viewport = Viewport.fitted(control.store.extent, 280, 184)
    rgba = render(control.store, viewport, colour, theme=scene.theme())
    data = base64.b64encode(png_bytes(rgba)).decode()
    embedding = dict(projection.available())[pca]
    title = _("The same rows and features by PCA, as a control; click to show it")
    return {
        "key": pca,
        "label": _("PCA · {share:.0f} % of variance").format(share=_explained(embedding)),
        "src": f"data:image/png;base64,{data}",
        "title": title,
    }


def outline_of(state: State, key: str | None) -> list[list[float]] | None:
    """Return the shape of the selection, if it was drawn on this map."""
    match state.document.selection:
        case {"lasso": polygon, "embedding": drawn} if drawn == key:
            return list(polygon)
        case {"box": [[x0, x1], [y0, y1]], "embedding": drawn} if drawn == key:
            return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    return None
