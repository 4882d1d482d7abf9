"""What stands on the map: caption, chooser, counter, legend, and what to do while there is none."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.maps.colour import Categorical, Continuous
from explorer.maps.frame import render
from explorer.maps.palettes import palette
from explorer.maps.picture import png_bytes
from explorer.maps.viewport import Viewport
from explorer.session.hover import value_in_words
from explorer.session.level_filter import kept_levels
from explorer.session.strips import strip_of

if TYPE_CHECKING:
    from explorer.embeddings import Embedding
    from explorer.session.scene import Painting
    from explorer.session.session import Session
    from explorer.workbench.coding import Levels
    from explorer.workbench.map import Map

__all__ = ["overlay_of"]

_NEAR = "Near means probably similar. Distance, size, density and empty space are no evidence."
_BARS = 36


def overlay_of(session: Session) -> dict[str, Any]:
    """Return everything that stands on the map of a session, as plain JSON."""
    shown, embedding = session.map(), session.embedding()
    if shown is None or embedding is None:
        return {"message": _waiting(session), "label": "Map: not ready"}
    key = session.shown_key()
    return {
        "caption": _caption(embedding),
        "label": f"Map of {shown.store.n:,} rows: {embedding.name}",
        "embeddings": [{"key": k, "name": e.name} for k, e in session.available()],
        "embedding": key,
        "counter": _counter(session, shown, embedding),
        "legend": _legend(session, shown),
        "thumbnail": _thumbnail(session, key),
        "outline": _outline(session, key),
    }


def _waiting(session: Session) -> dict[str, str]:
    if session.nothing_to_project:
        return {"title": "Nothing to map yet", "text": session.nothing_to_project}
    if session.job and session.job.failed:
        return {"title": "No map of these features", "text": session.job.failed}
    return {
        "title": "Making the first map",
        "text": "PCA of the ticked features comes first, the chosen method follows.",
    }


def _caption(embedding: Embedding) -> str:
    if embedding.method == "pca":
        return f"PCA: these two directions hold {_explained(embedding):.0f} % of the variance."
    return "Coordinates from the table." if embedding.method == "columns" else _NEAR


def _explained(embedding: Embedding) -> float:
    """Return the share of the variance that the two axes of a PCA hold, in per cent."""
    return 100 * float(sum(embedding.provenance["explained_variance_ratio"][:2]))


def _counter(session: Session, shown: Map, embedding: Embedding) -> list[list[Any]]:
    rows = session.table.num_rows
    account = [
        f"{rows:,} = ", {"count": "in_view"}, " in view + ", {"count": "outside"}, " outside + ",
        {"count": "hidden"}, f" hidden + {shown.n_without:,} without coordinates",
    ]  # fmt: skip
    facts = []
    if embedding.imputed_rows:
        facts.append(f"{embedding.imputed_rows:,} rows with an imputed cell")
    placed = embedding.placed_rows
    if placed:
        facts.append(f"{len(embedding.rows) - placed:,} laid out, {placed:,} placed by their neighbours")
    kept = (embedding.scores.get("neighbors_kept") or {}).get("15")
    if kept:
        pca = (
            f" · PCA {15 * kept['pca']:.1f}"
            if embedding.method != "pca" and kept.get("pca") is not None
            else ""
        )
        facts.append(f"of 15 true neighbours {15 * kept['value']:.1f} stay{pca}")
    return [account, [" · ".join(facts)]] if facts else [account]


def _legend(session: Session, shown: Map) -> dict[str, Any]:
    color = session.state.document["color"]
    painting = session.scene.painting(shown)
    if color["column"] is None:
        return _density_legend(session)
    feature = session.table.feature(color["column"])
    base = {"title": feature.label, "unit": feature.unit}
    if painting.levels is not None:
        return {
            **base,
            "kind": "categorical",
            "how": "rows",
            "levels": _levels(session, painting, color["column"]),
        }
    return {**base, "how": "mean per pixel", **_continuous(session, painting, shown, feature)}


def _density_legend(session: Session) -> dict[str, Any]:
    ramp = session.scene.theme().density
    return {
        "kind": "continuous", "title": "Rows per pixel", "unit": "", "how": "by rank", "counts": [],
        "stops": _stops(ramp, session.state.document["color"]["reverse"]), "scales": ["rank"], "scale": "rank",
        "reverse": session.state.document["color"]["reverse"], "low": "few", "high": "many",
    }  # fmt: skip


def _continuous(session: Session, painting: Painting, shown: Map, feature: Any) -> dict[str, Any]:
    colour, span = painting.colour, painting.span
    assert isinstance(colour, Continuous)
    assert span is not None
    low, high = span.low, span.high
    visible = session.scene.visible(shown)
    present = colour.values if visible is None else colour.values[visible]
    values = present[np.isfinite(present)]
    counts = np.histogram(values, _BARS, (low, high) if high > low else (low - 0.5, low + 0.5))[0]
    below, above = (int(np.count_nonzero(side)) for side in (values < low, values > high))
    missing, infinite = int(np.count_nonzero(np.isnan(present))), int(np.count_nonzero(np.isinf(present)))
    facts = [
        f"{count:,} {words}"
        for count, words in (
            (below, "below"), (above, "above"), (missing, "without a value, grey"), (infinite, "infinite, grey"),
        )
        if count
    ]  # fmt: skip
    color = session.state.document["color"]
    positive = feature.kind != "temporal" and low > 0 and not below
    return {
        "kind": "continuous", "counts": counts.tolist(), "stops": _stops(palette(colour.palette), colour.invert),
        "scales": ["linear", "log", "rank"] if positive else ["linear", "rank"], "scale": painting.scale,
        "reverse": color["reverse"], "note": " · ".join(facts),
        "low": ("≤ " if below else "") + _number(low, feature), "high": ("≥ " if above else "") + _number(high, feature),
    }  # fmt: skip


def _number(value: float, feature: Any) -> str:
    if feature.kind == "temporal":
        return str(np.datetime64(int(value), "s")).replace("T", " ").removesuffix(" 00:00:00")
    return value_in_words(float(value), feature).removesuffix(feature.unit).strip()


def _levels(session: Session, painting: Painting, column: str) -> list[dict[str, Any]]:
    colour, levels = painting.colour, painting.levels
    assert isinstance(colour, Categorical)
    assert levels is not None
    # counted under the filters of all other columns, as the strips beside the rows are
    counts, kept = strip_of(session, column).shown, kept_levels(session.column_filter(column), levels)
    entries = [(code, levels.labels[code], slice(code, code + 1)) for code in range(levels.n_colours)]
    if int(levels.counts[levels.n_colours :].sum()):
        entries.append((levels.n_colours, _rest_in_words(levels), slice(levels.n_colours, None)))
    table = colour.table(session.scene.theme())
    return [
        {
            "code": code, "label": label, "count": int(counts[places].sum()), "hidden": not kept[places].any(),
            "color": f"rgb({','.join(map(str, table[code].tolist()))})",
        }
        for code, label, places in entries
    ]  # fmt: skip


def _rest_in_words(levels: Levels) -> str:
    others = len(levels.labels) - levels.n_colours
    if not others:
        return "missing"
    return f"{others:,} other levels" + (" and missing" if levels.counts[-1] else "")


def _stops(ramp: Any, invert: bool) -> list[str]:
    chosen = ramp[:: -28 if invert else 28] if len(ramp) > 28 else ramp
    return [f"rgb({r},{g},{b})" for r, g, b in chosen.tolist()]


def _thumbnail(session: Session, key: str | None) -> dict[str, str] | None:
    """Return the PCA as a control beside any other embedding."""
    pca = session.keys().get("pca")
    if pca is None or pca == key or pca not in dict(session.available()):
        return None
    control = session.map_of(pca)
    colour = session.scene.control_colour(control)
    viewport = Viewport.fitted(control.store.extent, 280, 184)
    rgba = render(control.store, viewport, colour, theme=session.scene.theme())
    data = base64.b64encode(png_bytes(rgba)).decode()
    embedding = dict(session.available())[pca]
    title = "The same rows and features by PCA, as a control; click to show it"
    return {
        "key": pca,
        "label": f"PCA · {_explained(embedding):.0f} % of variance",
        "src": f"data:image/png;base64,{data}",
        "title": title,
    }


def _outline(session: Session, key: str | None) -> list[list[float]] | None:
    match session.state.document["selection"]:
        case {"lasso": polygon, "embedding": drawn} if drawn == key:
            return list(polygon)
        case {"box": [[x0, x1], [y0, y1]], "embedding": drawn} if drawn == key:
            return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    return None
