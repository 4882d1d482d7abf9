"""The features on the right: search, strips, ticks, the set and its projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import param

from explorer.errors import ExplorerError
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.features.share import percent
from explorer.jobs.forecast import CostTable, forecast
from explorer.profiles.histogram import BINS
from explorer.profiles.redundancy import written
from explorer.session.refusal import counted, in_counts, nothing_to_project, refusal_of, unusable
from explorer.views.component import Component
from explorer.views.latest import Latest, Schedule

if TYPE_CHECKING:
    from explorer.features.kind import Feature
    from explorer.profiles.redundancy import Redundancy
    from explorer.profiles.summary import Summary
    from explorer.session.session import Session

__all__ = ["FeatureList"]

_OFFERS = {NUMBERS_AS_TEXT: "Tick it to use it as numbers: 1,416,481 and 89.10% are understood"}
_AS_NUMBER = "read as number"
_SHOWN = {"features", "policy", "method", "projected", "filters", "job"}


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
    as_numbers = param.List(default=[], doc="Names in the set whose text is read as numbers.")
    color = param.String(default=None, allow_None=True, doc="Column that colours the map.")
    status = param.Dict(default={}, doc="The set, its policy, forecast and warnings.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        table = session.table
        features = [strip_entry(table.features[name], table.summaries[name]) for name in table.column_names]
        heights = [_heights(table.summaries[name]) for name in table.column_names]
        super().__init__(features=features, histograms=b"".join(heights), **params)
        self._session = session
        self._sets = self._ready_sets([entry["name"] for entry in features if entry["usable"]])
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
        if changed & {"features", "policy"}:
            self.as_numbers = self._read_as_numbers(document)
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
        self._session.state.act("set_features", names=self._sets[key])

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

    def _ready_sets(self, usable: list[str]) -> dict[str, list[str]]:
        table, start = self._session.table, self._session.start
        named = [n for n in usable if table.features[n].kind in ("numeric", "boolean", "vector")]
        refusal = refusal_of(table, named, start["policy"])
        refused = set(refusal.names) if refusal else set()
        return {"start": start["features"], "all": [n for n in named if n not in refused]}

    def _read_as_numbers(self, document: dict[str, Any]) -> list[str]:
        features, encode = self._session.table.features, document["policy"]["encode"]
        texts = [n for n in document["features"] if n in features and NUMBERS_AS_TEXT in features[n].notes]
        return [name for name in texts if encode.get(name) == "number"]

    def _status(self, document: dict[str, Any]) -> dict[str, Any]:
        ticked, policy = document["features"], document["policy"]
        failed = self._session.job.failed if self._session.job else ""
        refusal = refusal_of(self._session.table, ticked, policy)
        current = next((key for key, names in self._sets.items() if names and set(names) == set(ticked)), "")
        edits = len(set(ticked) ^ set(self._session.projected()["features"]))
        return {
            "name": {"start": "Chosen features", "all": "All usable features"}.get(current, "Features"),
            "edits": f"{counted(edits, 'edit')} since the map" if edits else "",
            "scale": policy["scale"],
            "missing": policy["missing"] if isinstance(policy["missing"], str) else "median",
            "method": document["method"]["name"],
            "can_project": bool(ticked) and refusal is None,
            "line": self._line(document),
            "warning": refusal.words if refusal else self._message or failed or self._nearly_one(ticked),
            "untick": len(refusal.names) if refusal else 0,
            "sets": self._set_buttons(),
            "set": current,
            "why": self._why(),
        }

    def _set_buttons(self) -> list[dict[str, str]]:
        words = {"start": "chosen", "all": "all usable"}
        titles = {
            "start": "The features this table opens with",
            "all": " ".join(filter(None, [self._left_out(), self._session.table.catalogue.table.all])),
        }
        return [
            {"key": key, "label": f"{words[key]} · {len(names):,}", "title": titles[key]}
            for key, names in self._sets.items()
            if names
        ]

    def _left_out(self) -> str:
        table, taken = self._session.table, set(self._sets["all"])
        others = [name for name in table.column_names if name not in taken]
        if not others:
            return "Every column."
        return f"{len(others):,} left out: {in_counts(table, others, self._session.start['policy'])}."

    def _line(self, document: dict[str, Any]) -> str:
        ticked, method, table = document["features"], document["method"], self._session.table
        if not ticked:
            return nothing_to_project(table, ticked)
        cost = forecast(
            table.num_rows,
            len(ticked),
            method["name"],
            method["parameters"],
            method["random_state"],
            CostTable(table.cache.folder),
        )
        filtered = any(entry["on"] for entry in document["filters"])
        rows = f"all {counted(table.num_rows, 'row')}, filters do not narrow the map" if filtered else ""
        return " · ".join(
            filter(None, [f"{len(ticked):,} of {len(table.features):,} ticked", cost.words, rows])
        )

    def _nearly_one(self, ticked: list[str]) -> str:
        found = self._redundancy.groups if self._redundancy else ()
        groups = [[n for n in group if n in ticked] for group in found]
        most = max((group for group in groups), key=len, default=[])
        if len(most) < 2:
            return ""
        return f"{len(most)} of them are nearly one: {', '.join(self._session.table.features[n].label for n in most[:3])}"

    def _why(self) -> list[str]:
        start = self._session.start["features"]
        # why nothing was picked is said by the line
        return (
            self._session.start_reasons if start and self._session.state.document["features"] == start else []
        )


def strip_entry(feature: Feature, summary: Summary) -> dict[str, Any]:
    """Return what the page needs of one feature, as plain JSON."""
    bins = len(summary.histogram.counts) if summary.histogram else min(len(summary.levels), BINS)
    return {
        "name": feature.name, "label": feature.label, "unit": feature.unit, "group": feature.group,
        "description": feature.description, "usable": not unusable(feature, summary), "bins": bins,
        "missing": summary.missing_share, "chips": _chips(feature, summary), "facts": _facts(feature, summary),
    }  # fmt: skip


def _chips(feature: Feature, summary: Summary) -> list[dict[str, str]]:
    chips = [{"text": note, "kind": "warn", "title": _OFFERS.get(note, "")} for note in summary.notes]
    for chip in chips:
        if chip["text"] == NUMBERS_AS_TEXT:
            chip["as_number"] = _AS_NUMBER
    if feature.kind not in ("numeric", "boolean") and feature.kind not in summary.notes:
        chips.insert(0, {"text": feature.kind, "kind": ""})
    if summary.sampled:
        chips.append(
            {"text": f"of {summary.sampled:,} rows", "kind": "", "title": "counted on a random sample"}
        )
    return chips


def _facts(feature: Feature, summary: Summary) -> list[str]:
    facts = [
        f"{counted(summary.rows, 'row')}{' (random sample)' if summary.sampled else ''}, {percent(summary.missing_share)} missing"
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
