"""The features on the right: search, strips, ticks, the set and its projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import param

from explorer.errors import ExplorerError
from explorer.features.histogram import BINS
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.features.redundancy import written
from explorer.features.summary import Summary, percent
from explorer.jobs.forecast import CostTable, forecast
from explorer.session.refusal import refusal_of, varies
from explorer.views.component import Component
from explorer.views.latest import Latest, Schedule

if TYPE_CHECKING:
    from explorer.features.kind import Feature
    from explorer.features.redundancy import Redundancy
    from explorer.session.session import Session

__all__ = ["FeatureList"]

_OFFERS = {NUMBERS_AS_TEXT: "Tick it to use it as numbers: 1,416,481 and 89.10% are understood"}
_SHOWN = {"features", "policy", "method", "projected", "job"}


class FeatureList(Component):
    """The features on the right.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    """

    _files = "feature_list"

    features = param.List(default=[], doc="One entry a feature, in table order; changes rarely.")
    histograms = param.Bytes(default=b"", doc="40 heights of 0–255 for each feature.")
    ticked = param.List(default=[], doc="Names in the set.")
    color = param.String(default=None, allow_None=True, doc="Column that colours the map.")
    status = param.Dict(default={}, doc="The set, its policy, forecast and warnings.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        table = session.table
        features = [strip_entry(table.features[name], table.summaries[name]) for name in table.column_names]
        heights = [_heights(table.summaries[name]) for name in table.column_names]
        super().__init__(features=features, histograms=b"".join(heights), **params)
        self._session = session
        self._usable = [entry["name"] for entry in features if entry["usable"]]
        self._message = ""
        self._redundancy: Redundancy | None = None
        self.refresh(frozenset(_SHOWN | {"color"}))
        # of thousands of columns it takes seconds: the strips do not wait for it
        pairs: Latest[None, Redundancy] = Latest(schedule, lambda _: table.redundancy, self._mark)
        pairs.ask(None)

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if "features" in changed:
            self.ticked = document["features"]
            self._message = ""
        if "color" in changed:
            self.color = document["color"]["column"]
        if changed & _SHOWN:
            self.status = self._status(document)

    # --- what the page sends

    def on_tick(self, name: str, on: bool) -> None:
        """Put a feature into the set or take it out; numbers written as text are then read as numbers."""
        as_number = on and NUMBERS_AS_TEXT in self._session.table.features[name].notes
        self._session.state.act("toggle_feature", name=name, on=on, encode="number" if as_number else None)

    def on_color(self, name: str | None) -> None:
        """Colour the map by a feature, or by density."""
        try:
            self._session.color_by(name)
            self._message = ""
        except ExplorerError as error:
            self._message = str(error)
            self.status = self._status(self._session.state.document)

    def on_policy(self, **policy: str) -> None:
        """Change scale or missing policy."""
        self._session.state.act("set_policy", **policy)

    def on_method(self, name: str) -> None:
        """Choose the projection method."""
        parameters = self._session.start["method"]["parameters"] if name == "umap" else {}
        self._session.state.act("set_method", name=name, **parameters)

    def on_set(self, key: str) -> None:
        """Tick one of the ready sets."""
        self._session.state.act("set_features", names=self._sets()[key])

    def on_untick(self) -> None:
        """Untick what cannot be projected as it is."""
        document = self._session.state.document
        refusal = refusal_of(self._session.table, document["features"], document["policy"])
        if refusal is not None:
            kept = [name for name in document["features"] if name not in refusal.names]
            self._session.state.act("set_features", names=kept)

    def on_project(self) -> None:
        """Make the map of the ticked features; what cannot be projected is said above the list."""
        try:
            self._session.project()
            self._message = ""
        except ExplorerError as error:
            self._message = str(error)
        self.status = self._status(self._session.state.document)

    # --- what is shown

    def _mark(self, redundancy: Redundancy) -> None:
        self._redundancy = redundancy
        if redundancy.partners:
            self.features = [_with_partner(entry, redundancy, self._session) for entry in self.features]
            self.status = self._status(self._session.state.document)

    def _sets(self) -> dict[str, list[str]]:
        table, policy = self._session.table, self._session.start["policy"]
        named = [n for n in self._usable if table.features[n].kind in ("numeric", "boolean", "vector")]
        refusal = refusal_of(table, named, policy)
        refused = set(refusal.names) if refusal else set()
        return {"start": self._session.start["features"], "all": [n for n in named if n not in refused]}

    def _status(self, document: dict[str, Any]) -> dict[str, Any]:
        ticked, sets, table = document["features"], self._sets(), self._session.table.catalogue.table
        failed = self._session.job.failed if self._session.job else ""
        refusal = refusal_of(self._session.table, ticked, document["policy"])
        current = next((key for key, names in sets.items() if set(names) == set(ticked)), "")
        base = self._session.projected()
        edits = len(set(ticked) ^ set(base["features"]))
        return {
            "name": {"start": "Chosen features", "all": "All columns"}.get(current, "Features"),
            "edits": f"{edits} edit{'s' if edits != 1 else ''} since the map" if edits else "",
            "scale": document["policy"]["scale"],
            "missing": document["policy"]["missing"]
            if isinstance(document["policy"]["missing"], str)
            else "median",
            "method": document["method"]["name"],
            "can_project": bool(ticked) and refusal is None,
            "line": self._line(document),
            "warning": refusal.words if refusal else self._message or failed or self._nearly_one(ticked),
            "untick": len(refusal.names) if refusal else 0,
            "sets": [
                {
                    "key": "start",
                    "label": f"chosen · {len(sets['start']):,}",
                    "title": "The features this table opens with",
                },
                {
                    "key": "all",
                    "label": f"all columns · {len(sets['all']):,}",
                    "title": table.all or "Every column that can be projected",
                },
            ],
            "set": current,
            "why": self._why(),
        }

    def _line(self, document: dict[str, Any]) -> str:
        ticked = document["features"]
        if not ticked:
            return "Tick at least one feature to project."
        method, table = document["method"], self._session.table
        cost = forecast(
            table.num_rows,
            len(ticked),
            method["name"],
            method["parameters"],
            method["random_state"],
            CostTable(table.cache.folder),
        )
        return f"{len(ticked):,} of {len(self._usable):,} ticked · {cost.words}"

    def _nearly_one(self, ticked: list[str]) -> str:
        found = self._redundancy.groups if self._redundancy else ()
        groups = [[n for n in group if n in ticked] for group in found]
        most = max((group for group in groups), key=len, default=[])
        if len(most) < 2:
            return ""
        return f"{len(most)} of them are nearly one: {', '.join(self._session.table.features[n].label for n in most[:3])}"

    def _why(self) -> list[str]:
        picked = self._session.start_reasons
        return picked if self._session.state.document["features"] == self._session.start["features"] else []


def strip_entry(feature: Feature, summary: Summary) -> dict[str, Any]:
    """Return what the page needs of one feature, as plain JSON."""
    kinds = ("numeric", "boolean", "categorical", "temporal", "vector")
    projectable = feature.kind in kinds or NUMBERS_AS_TEXT in feature.notes
    usable = projectable and varies(summary) and summary.missing < summary.rows
    bins = len(summary.histogram.counts) if summary.histogram else min(len(summary.levels), BINS)
    return {
        "name": feature.name, "label": feature.label, "unit": feature.unit, "group": feature.group,
        "description": feature.description, "usable": usable, "bins": bins, "chips": _chips(feature, summary),
        "facts": _facts(feature, summary),
    }  # fmt: skip


def _chips(feature: Feature, summary: Summary) -> list[dict[str, str]]:
    chips = [{"text": note, "kind": "warn", "title": _OFFERS.get(note, "")} for note in summary.notes]
    if feature.kind not in ("numeric", "boolean") and feature.kind not in summary.notes:
        chips.insert(0, {"text": feature.kind, "kind": ""})
    if summary.sampled:
        chips.append(
            {"text": f"of {summary.sampled:,} rows", "kind": "", "title": "counted on a random sample"}
        )
    return chips


def _facts(feature: Feature, summary: Summary) -> list[str]:
    facts = [
        f"{summary.rows:,} rows{' (random sample)' if summary.sampled else ''}, {percent(summary.missing_share)} missing"
    ]
    facts.append(f"{'' if summary.distinct_exact else 'more than '}{summary.distinct:,} distinct")
    if summary.minimum is not None and feature.kind == "numeric":
        facts.append(f"{summary.minimum:.5g} to {summary.maximum:.5g}, mean {summary.mean:.5g}")
    return facts


def _with_partner(entry: dict[str, Any], redundancy: Redundancy, session: Session) -> dict[str, Any]:
    near = redundancy.partners.get(entry["name"])
    if not near:
        return entry
    other, r = max(near.items(), key=lambda pair: abs(pair[1]))
    text = f"r {written(r)} {session.table.features[other].label}"
    of = "all" if redundancy.exact else f"a random sample of {redundancy.rows:,}"
    title = f"rank correlation with {other}, over {of} rows"
    return {**entry, "chips": [*entry["chips"], {"text": text, "kind": "warn", "title": title}]}


def _heights(summary: Summary) -> bytes:
    heights = np.zeros(BINS, np.uint8)
    counts = (
        summary.histogram.counts
        if summary.histogram
        else np.array([count for _, count in summary.levels[:BINS]])
    )
    if len(counts) and counts.max() > 0:
        # a bin with one row must not look empty
        heights[: len(counts)] = np.where(counts > 0, np.maximum(255 * counts / counts.max(), 6), 0).astype(
            np.uint8
        )
    return heights.tobytes()
