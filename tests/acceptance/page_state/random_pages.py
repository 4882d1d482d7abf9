"""Pages without a browser, the random actions of a person, and everything that is then shown."""

from __future__ import annotations

import hashlib
import queue
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd
import panel as pn
from bokeh.models import ColumnDataSource

from explorer.app.header_bar import HeaderBar
from explorer.app.workbench_page import TABS
from explorer.core.errors import ExplorerError
from explorer.feature.feature_list import FeatureList
from explorer.map.viewport import Viewport
from explorer.map_view.canvas.map_canvas import MapCanvas
from explorer.rows.panel import RowsPanel
from explorer.rows.row_card import RowCard
from explorer.session.session import Session
from explorer.session.session_file import fit_to_table, session_document
from explorer.state import actions
from explorer.state.document import TABS as TAB_NAMES
from explorer.state.model_settings import VIEWS
from explorer.ui.component import Component
from explorer.ui.page_loop import LatestTask

START = {"features": ["height", "weight", "pulse"], "color": {"column": "city"}}
NUMBERS = ("height", "weight", "pulse", "sleep", "age")
_PIXELS = (160, 120)
# Sent anew with the same content, of the moment, or of the history of one page, which no link has.
_OF_THE_MOMENT = {
    "turn", "sent", "id", "seq", "seconds", "ago", "run", "used", "can_undo", "can_redo", "job",
    "embeddings", "notes", "error", "refused", "again", "keep", "fly", "view",
}  # fmt: skip
# Answers to what the page asked at one moment: a hover, a search, a file. Pictures are drawn anew.
_ANSWERS = {
    "saved", "hover", "frame_info", "frame", "second", "file", "picture", "found", "found_levels",
    "told", "answer", "needed", "earlier", "making", "trusted",
}  # fmt: skip
# What a person looks at is not undone.
_LOOKED_AT = ("theme", "tab", "feature", "row", "comparison", "views")


def clinic_frame(rows: int = 500) -> pd.DataFrame:
    """Patients of a clinic in three groups, with an experiment, a model and a log of it."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, rows)
    frame = pd.DataFrame(
        rng.normal(size=(rows, 4)) + 3 * group[:, None],
        columns=["height", "weight", "pulse", "sleep"],
    )
    frame["age"] = rng.integers(18, 90, rows)
    frame.loc[rng.random(rows) < 0.1, "pulse"] = np.nan
    frame["city"] = np.where(
        rng.random(rows) < 0.05, None, np.array(list("ABCDEF"))[rng.integers(0, 6, rows)]
    )
    frame["member"] = rng.random(rows) < 0.3
    frame["since"] = pd.Timestamp("2001-01-01") + pd.to_timedelta(np.arange(rows), unit="D")
    frame["arm"] = rng.choice(["new", "control"], rows)
    frame["study"] = rng.choice(["S1", "S2"], rows)
    frame["well"] = rng.random(rows) < 0.4 + 0.1 * (frame["arm"] == "new")
    frame["risk"] = np.clip(frame["well"] * 0.3 + rng.random(rows) * 0.7, 0, 1)
    frame["place"] = rng.integers(1, 9, rows)
    frame["patient"] = [f"p{i // 2:04d}" for i in range(rows)]
    return frame


class CountedQueue:
    """A queue of jobs that knows whether all of them have ended."""

    def __init__(self, jobs):
        self._queue, self.jobs = jobs, []

    def project(self, source, specs, on_event):
        job = self._queue.project(source, specs, on_event)
        self.jobs.append(job)
        return job

    @property
    def busy(self) -> bool:
        self.jobs = [job for job in self.jobs if not job.ended]
        return bool(self.jobs)


class RandomPage:
    """The page of one session, on an event loop that turns while somebody waits for it."""

    def __init__(self, table, jobs: CountedQueue, link: str = "", theme: str = "light") -> None:
        self.jobs = jobs
        self._together: str | None = None  # the features whose sections have come into sight
        self.looked, self._home = None, 0  # what the camera is at; None: the whole map
        self._loop: queue.SimpleQueue = queue.SimpleQueue()
        self.session = Session(table, jobs, START, link)
        self.session.listen(lambda changed: self._soon(partial(self._refresh, changed)))
        self.session.projection.open()
        session, soon = self.session, self._soon
        self.views: dict[str, Component] = {
            "header": HeaderBar(session),
            "rows": RowsPanel(session, soon),
            "map": MapCanvas(session, soon),
            "row": RowCard(session, soon),
            "features": FeatureList(session, soon),
        }
        self._refresh(frozenset({"tab"}))
        for view in self.views.values():
            if hasattr(view, "on_ready"):
                view.on_ready()
        if self.session.state.document.theme != theme:  # which the browser remembers
            self.send("header", "theme")
        self.settle()

    def _soon(self, function) -> None:
        self._loop.put(function)

    def _refresh(self, changed: frozenset[str]) -> None:
        self.session.projection.undo_failed()
        self.session.projection.resume()
        tab = self.session.state.document.tab
        if tab in TABS and tab not in self.views:
            self.views[tab] = TABS[tab](self.session, self._soon)
            if hasattr(self.views[tab], "on_ready"):
                self.views[tab].on_ready()
        for name, view in list(self.views.items()):
            if name == "header":
                view.refresh()
            else:
                view.refresh(changed)
        if tab == "Together" and self.views[tab].chosen.get("key") != self._together:
            self._together = self.views[tab].chosen.get("key")
            for section in ("near", "inflation", "matrix", "pair", "missing"):
                self.views[tab]._handle_msg({"type": "see", "section": section})

    def send(self, view: str, kind: str, **message) -> None:
        """Send a view the message that its script would send."""
        self.views[view]._handle_msg({"type": kind, **message})
        if (view, kind) == ("map", "whole"):
            self.look(None)
        if (view, kind) == ("map", "view") and message["keep"]:
            self.looked = {"x": message["x_view"], "y": message["y_view"]}
        self.turn()

    def act(self, action, **arguments) -> None:
        """Do what a script without a message of its own would do; a refusal changes nothing."""
        try:
            self.session.state.act(action, **arguments)
        except ExplorerError:
            return
        finally:
            self.turn()

    def turn(self) -> bool:
        """Run what waits on the event loop; tell whether there was something."""
        done = False
        while not self._loop.empty():
            self._loop.get()()
            done = True
        return done

    def settle(self, seconds: float = 120.0) -> None:
        """Let the event loop turn until nothing is computed any more."""
        end, quiet = time.monotonic() + seconds, 0
        while quiet < 3:
            quiet = 0 if self.turn() or self.follow() or self._busy() else quiet + 1
            assert time.monotonic() < end, f"the page does not come to rest: {self._busy()}"
            time.sleep(0.001 if quiet == 0 else 0.0003)
        self.check_view()

    def _busy(self) -> str:
        if self.jobs.busy:
            return "a projection"
        key = self.session.projection.shown_key()
        if key and self.session.regions.progress(key):
            return "regions"
        explanation = self.views["map"].explanation
        if explanation.get("pending") or explanation.get("complete") is False:
            return "an explanation"
        for name, view in self.views.items():
            for part in parts_of(view):
                if isinstance(part, LatestTask) and part.busy:
                    return f"a task of {name}"
                if isinstance(part, Component) and getattr(part, "busy", None):
                    return f"{name}: {part.busy}"
        return ""

    # --- what is shown

    def shown(self) -> dict[str, object]:
        """Return everything that a person sees: each view's parameters, and the map's pixels."""
        self.settle()
        tab = self.session.state.document.tab
        seen = {
            name: plain(view)
            for name, view in self.views.items()
            if name not in TABS or name == tab
        }
        return {**seen, **self.map_shown()}

    def look(self, at) -> None:
        """Move the camera; the page asks for the picture there, and nothing is remembered."""
        self.looked = at
        x, y = (at["x"], at["y"]) if at else self.views["map"].home["extent"]
        self.send(
            "map", "view", seq=1, moving=False, keep=False, width=160, height=120,
            x_range=x, y_range=y, x_view=x, y_view=y,
        )  # fmt: skip

    def follow(self) -> bool:
        """Move the camera where the page is told to, as the map's script does."""
        home = self.views["map"].home
        if home.get("turn", 0) != self._home:
            self._home = home["turn"]
            self.look(home["view"])
            return True
        return False

    def check_view(self) -> None:
        kept = self.session.state.document.viewport
        kept = kept and {"x": list(kept.x), "y": list(kept.y)}
        assert self.looked == kept, f"looked at {self.looked}, and the state says {kept}"

    def chosen(self) -> dict[str, object]:
        """Return what undo and redo bring back: all but what is looked at, and where."""
        self.settle()
        document = self.session.state.document
        kept = {name: getattr(self.session.start, name) for name in _LOOKED_AT}
        rows, features = plain(self.views["rows"]), plain(self.views["features"])
        features.pop("current", None)
        features.pop("order", None)
        overlay = dict(plain(self.views["map"]))
        overlay.pop("mark", None)
        return {
            "document": replace(document, **kept),
            "rows": rows,
            "features": features,
            "map": overlay,
            **self.map_shown(),
        }

    def map_shown(self) -> dict[str, object]:
        """Return the pixels of both maps, drawn now."""
        session = self.session
        first, second = session.projection.map(), session.second_map.map()
        view = session.state.document.viewport
        pictures = {}
        for name, shown, scene in (
            ("pixels", first, session.scene),
            ("pixels of the second map", second, session.second_scene),
        ):
            if shown is None:
                pictures[name] = None
                continue
            extent = self.views["map"].home["extent"] if view is None else (view.x, view.y)
            seen = Viewport.fitted((*extent[0], *extent[1]), *_PIXELS, margin=0.0)
            rgba = np.ascontiguousarray(scene.draw(shown, seen).rgba)
            account = scene.account(shown, seen)
            pictures[name] = hashlib.sha256(rgba.tobytes()).hexdigest(), account
        return {"shown": session.projection.shown_key(), **pictures}


def parts_of(view, depth: int = 3):
    """Yield a view and the objects of ours that it holds, some levels deep."""
    seen, waiting = set(), [(view, 0)]
    while waiting:
        part, level = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        held = list(getattr(part, "__dict__", {}).values()) if level < depth else []
        if isinstance(part, pn.viewable.Viewable):
            held += [value for name, value in part.param.values().items() if name != "parent"]
        for value in held:
            for inner in value.values() if isinstance(value, dict) else (value,):
                inside = inner if isinstance(inner, list) else [inner]
                waiting += [
                    (element, level + 1)
                    for element in inside[:20]
                    if type(element).__module__.startswith(("explorer.", "panel.layout"))
                    and not isinstance(element, Session)
                ]


def plain(view) -> dict[str, object]:
    """Return what a view shows, without what is of the moment."""
    own = {
        name: value
        for name, value in view.param.values().items()
        if name not in pn.viewable.Viewable.param and name in type(view).param
    }
    content = {}
    for name, value in own.items():
        if name in _ANSWERS or name in _OF_THE_MOMENT:
            continue
        if isinstance(value, pn.Column) and name != own.get("strip", {}).get("open", name):
            continue  # of the models, one view is shown
        if own.get("grid_shown") and isinstance(value, Component) and name != "grid":
            continue  # it stands in place of one experiment
        if isinstance(value, pn.Column):
            content |= {
                f"{name}/{key}": inner
                for child in value
                if isinstance(child, Component)
                for key, inner in plain(child).items()
            }
        elif isinstance(value, pn.pane.Bokeh):
            content[name] = drawn(value.object)
        elif isinstance(value, Component):
            content |= {f"{name}/{key}": inner for key, inner in plain(value).items()}
        elif isinstance(value, dict | list | str | bool | int | float | bytes | None):
            content[name] = cleaned(value)
    return content


def drawn(figure):
    """Return the numbers that a figure draws, and its titles."""
    if figure is None:
        return None
    sources = [
        {name: [str(cell) for cell in column] for name, column in source.data.items()}
        for source in figure.select({"type": ColumnDataSource})
    ]
    titles = [axis.axis_label for axis in figure.axis]
    return sorted(sources, key=repr), titles, figure.visible


def cleaned(value):
    """Leave out what is of the moment, as how many seconds something took."""
    if isinstance(value, Mapping):
        return {key: cleaned(inner) for key, inner in value.items() if key not in _OF_THE_MOMENT}
    if isinstance(value, list | tuple):
        return [cleaned(inner) for inner in value]
    if isinstance(value, float) and value != value:
        return "NaN"
    return re.sub(r"\d+\.\d+ s\b", "… s", value) if isinstance(value, str) else value


def differences(first, second, path: str = "") -> list[str]:
    """Say where two things that are shown differ."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return [
            line
            for key in sorted({*first, *second}, key=str)
            for line in differences(first.get(key), second.get(key), f"{path}.{key}")
        ]
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [
            line
            for place, pair in enumerate(zip(first, second, strict=True))
            for line in differences(*pair, f"{path}[{place}]")
        ]
    return [] if first == second else [f"{path}: {str(first)[:300]} ≠ {str(second)[:300]}"]


# --- what a person does


def random_action(page: RandomPage, rng: np.random.Generator) -> str:
    """Do one thing at random, through the page's messages; return what it was."""
    weights = np.array(list(WEIGHTS.values()))
    name = str(rng.choice(list(WEIGHTS), p=weights / weights.sum()))
    ACTIONS[name](page, rng)
    return name


def pick(rng, values):
    values = list(values)
    return values[rng.integers(len(values))]


def available(page):
    return [key for key, _ in page.session.projection.available()]


def tick(page, rng):
    page.send("features", "tick", name=pick(rng, NUMBERS), on=bool(rng.random() < 0.6))


def tick_many(page, rng):
    names = [str(name) for name in rng.choice(NUMBERS, 2, replace=False)]
    page.send("features", "tick_many", names=names, on=bool(rng.random() < 0.7))


def project(page, rng):
    if len(page.session.state.document.features) < 2:
        page.send("features", "set", key="start")
    page.send("features", "project")


def project_and_cancel(page, rng):
    project(page, rng)
    page.send("header", "cancel")


def policy(page, rng):
    if rng.random() < 0.5:
        page.send("features", "policy", scale=pick(rng, ["standard", "robust", "none"]))
    else:
        page.act(actions.set_policy, transform=pick(rng, [{"age": "log"}, {}]))


def method(page, rng):
    page.send("features", "method", name=pick(rng, ["pca", "umap"]))


def choose_map(page, rng):
    if available(page):
        page.send("map", "embedding", key=pick(rng, available(page)))


def beside(page, rng):
    keys = available(page)
    choice = rng.random()
    if choice < 0.3:
        page.send("map", "second_map", on=False)
    elif choice < 0.5:
        page.send("map", "second_map", column=pick(rng, ["age", "city", None]))
    elif keys:
        page.send("map", "second_map", embedding=pick(rng, keys))


def layer(page, rng):
    names = ["trust", None] + (["change"] if page.session.second_map.wanted else [])
    page.send("map", "layer", name=pick(rng, names))


def color(page, rng):
    page.send("features", "color", name=pick(rng, [None, "city", "age", "member", "since"]))


def color_options(page, rng):
    options = [
        {"scale": "rank"}, {"scale": "linear"}, {"reverse": True}, {"palette": "cividis"},
        {"clip": [5.0, 95.0]}, {"clip": None}, {"locked": [20.0, 60.0]}, {"locked": None},
        {"center": 40.0}, {"center": None},
    ]  # fmt: skip
    page.send("map", "color", **pick(rng, options))


def legend(page, rng):
    levels = page.views["map"].overlay.get("legend", {}).get("levels", [])
    if not levels:
        return
    code = pick(rng, levels)["code"]
    kind = pick(rng, ["level", "one_level", "pick"])
    if kind == "pick":
        page.send("map", "pick", code=code, mode=pick(rng, MODES))
    else:
        page.send("map", kind, code=code, alone=bool(rng.random() < 0.5))


def view(page, rng):
    shown = page.session.projection.map()
    if shown is None:
        return
    if rng.random() < 0.3:
        page.send("map", "whole")
        return
    (x0, x1), (y0, y1) = shown.extent
    wide, high = (x1 - x0) / 2, (y1 - y0) / 2
    x, y = x0 + wide * rng.random(), y0 + high * rng.random()
    sight = {"x_view": [x, x + wide], "y_view": [y, y + high]}
    page.send(
        "map", "view", seq=1, moving=False, keep=True, width=160, height=120,
        x_range=[x, x + wide], y_range=[y, y + high], **sight,
    )  # fmt: skip


MODES = ["replace", "add", "remove", "intersect"]


def lasso(page, rng):
    shown = page.session.projection.map()
    if shown is None:
        return
    (x0, x1), (y0, y1) = shown.extent
    x, y = x0 + (x1 - x0) * rng.random(), y0 + (y1 - y0) * rng.random()
    w, h = (x1 - x0) / 3, (y1 - y0) / 3
    corners = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
    pane = int(page.session.second_map.wanted and rng.random() < 0.5)
    page.send("map", pick(rng, ["lasso", "box"]), polygon=corners, mode=pick(rng, MODES), pane=pane)


def region(page, rng):
    page.send("map", "regions")
    page.settle()
    labels = page.views["map"].regions.get("labels")
    if labels and rng.random() < 0.7:
        label = pick(rng, labels)
        page.send(
            "map", "region", level=label["level"], number=label["number"], mode=pick(rng, MODES)
        )


def filter_(page, rng):
    texts = ["age > 40", "city in ('A', 'B')", "pulse is null", "age between 20 and 70 and member"]
    page.send("rows", "filter", expression=pick(rng, texts))
    page.settle()


def filters(page, rng):
    ids = [entry.id for entry in page.session.state.document.filters]
    if not ids:
        return
    if rng.random() < 0.5:
        page.send("rows", "unfilter", name=pick(rng, ids))
    else:
        page.send("rows", "switch", name=pick(rng, ids), on=bool(rng.random() < 0.5))


def levels(page, rng):
    level = pick(rng, ["A", "B", None])
    choice = pick(rng, ["levels", "only", "all"])
    if choice == "levels":
        page.send("rows", "levels", column="city", level=level, on=bool(rng.random() < 0.5))
    elif choice == "only":
        page.send("rows", "only", column="city", level=level)
    else:
        page.send("rows", "all", column="city")


def brush(page, rng):
    ends = None if rng.random() < 0.3 else sorted(float(v) for v in rng.uniform(18, 90, 2))
    page.send("rows", "range", column="age", ends=ends)


def strips(page, rng):
    kind = pick(rng, ["add_strip", "remove_strip"])
    page.send("rows", kind, column=pick(rng, ["sleep", "member", "since", "city"]))


def selection(page, rng):
    kind = pick(rng, ["clear", "invert", "keep", "filter"])
    if kind == "filter":
        page.send("rows", "filter", expression="height > 2", mode=pick(rng, MODES))
        page.settle()
    else:
        page.send("rows", kind)


def groups(page, rng):
    which, kind = pick(rng, "ab"), pick(rng, ["store", "store", "forget", "name"])
    more = {"name": pick(rng, ["ill", "well"])} if kind == "name" else {}
    stored = getattr(page.session.state.document.groups, which)
    if kind == "store" or stored is not None:
        page.send("rows", kind, which=which, **more)


def compare(page, rng):
    page.act(
        actions.set_compare,
        **pick(rng, [{"margin": 0.1}, {"unit": "patient"}, {"unit": None}, {"adjust": "member"}]),
    )
    if rng.random() < 0.5:
        page.send("rows", "compare")


def tab(page, rng):
    page.send("header", "tab", name=pick(rng, TAB_NAMES))


def theme(page, rng):
    page.send("header", "theme")


def look(page, rng):
    page.send("features", "look", name=pick(rng, NUMBERS), tab=pick(rng, ["Feature", None]))


def row(page, rng):
    if rng.random() < 0.3:
        page.send("row", "close")
    else:
        page.send("row", "go", row=int(rng.integers(500)))


def pair(page, rng):
    x, y = (str(name) for name in rng.choice(NUMBERS, 2, replace=False))
    choices = [
        {"x": x, "y": y}, {"group": "city"}, {"group": None}, {"shade": "log"}, {"whole": True},
    ]  # fmt: skip
    page.act(actions.set_pair_view, **pick(rng, choices))


def target(page, rng):
    page.act(actions.set_relevance_target, name=pick(rng, ["age", "city", "well"]))


def feature_plots(page, rng):
    choices = [
        {"scale": "log"}, {"scale": "rank"}, {"scale": "linear"}, {"normal": False},
        {"transformed": True}, {"missing_by": "city"}, {"missing_by": None},
    ]  # fmt: skip
    page.act(actions.set_feature_view, **pick(rng, choices))


def orders(page, rng):
    kind = pick(rng, ["features", "features", "experiment", "items", "comparison"])
    if kind == "features":
        key = pick(rng, get_args(actions.FeatureOrder))
        page.send("features", "order", key=key, target="age" if key == "relevance" else None)
    elif kind == "experiment":
        plot, order = pick(rng, get_args(actions.ExperimentPlotName)), pick(rng, ["size", "p"])
        page.act(actions.set_experiment_view, plot=plot, segments=order)
    elif kind == "items":
        page.act(actions.set_item_view, order=pick(rng, get_args(actions.ItemOrder)))
    else:
        layout = pick(rng, ["list", "volcano"])
        page.act(actions.set_comparison_view, order=pick(rng, ["p", "label"]), layout=layout)


def rows_table(page, rng):
    page.act(
        actions.set_table,
        **pick(
            rng,
            [
                {"sort": "age"},
                {"descending": True},
                {"columns": ["age", "city"]},
                {"columns": None},
                {"sort": None, "descending": False},
            ],
        ),
    )


def experiment(page, rng):
    mean = {"name": "pulse", "kind": "mean", "column": "pulse"}
    share = {"name": "well", "kind": "proportion", "column": "well"}
    setup = {"variant": "arm", "control": "control", "metrics": [mean, share]}
    page.act(
        actions.set_experiment,
        **pick(
            rng,
            [
                setup,
                setup,
                {"by": ["city"]},
                {"unit": "patient"},
                {"time": "since"},
                {"alpha": [0.1, 0.01]},
                {"experiments": "study"},
                {"experiments": None},
                {"look": {"metric": "well", "arm": "new", "by": "city", "segment": "A"}},
            ],
        ),
    )


def one_experiment(page, rng):
    section = page.session.state.document.experiment
    if section.experiments:
        page.act(actions.open_experiment, levels=[pick(rng, ["S1", "S2"])])
    elif section.opened_from:
        page.act(actions.show_experiments)


def models(page, rng):
    choice = rng.integers(5)
    if choice == 0:
        page.act(actions.set_models, view=pick(rng, VIEWS))
    elif choice == 1:
        page.act(
            actions.set_performance, truth="well", predictions={"risk": "risk"},
            threshold=pick(rng, [0.5, 0.4]), by=pick(rng, [[], ["city"]]),
        )  # fmt: skip
    elif choice == 2:
        reference = pick(rng, [None, "age < 50"])
        page.act(actions.set_drift, time="since", chunk="month", reference=reference)
    elif choice == 3:
        page.act(actions.set_engagement, item="city", outcome="well")
    else:
        page.act(actions.set_ranking, position="place", outcome="well", list="patient")


def reopen(page, rng):
    session = page.session
    state, _ = fit_to_table(session_document(session), session.table, session.resolver)
    page.act(actions.restore, state=state)


def undo(page, rng):
    page.send("header", "undo")


def redo(page, rng):
    page.send("header", "redo")


ACTIONS = {
    function.__name__: function
    for function in (
        tick, tick_many, project, project_and_cancel, policy, method, choose_map, beside, layer,
        color, color_options, legend, view, lasso, region, filter_, filters, levels, brush, strips,
        selection, groups, compare, tab, theme, look, row, rows_table, experiment, one_experiment,
        pair, target, feature_plots, orders,
        models, reopen, undo, redo,
    )
}  # fmt: skip
WEIGHTS = {
    **dict.fromkeys(ACTIONS, 1.0),
    "tick": 2.0, "project": 2.5, "choose_map": 3.0, "undo": 3.0, "redo": 1.5, "tab": 2.0,
    "lasso": 2.0, "beside": 1.5, "groups": 1.5,
}  # fmt: skip


def tabs_of_both(page: RandomPage, receiver: RandomPage) -> list[str]:
    """Open every tab on both pages, and say where they differ."""
    wrong = []
    for name in TAB_NAMES:
        for opened in (page, receiver):
            opened.send("header", "tab", name=name)
        wrong += [f"{name}: {line}" for line in differences(page.shown(), receiver.shown())]
    return wrong


def run_sequence(table, jobs, seed: int, steps: int = 20, receivers: int = 2) -> list[str]:
    """Do random things, and say what a link, undo or redo brings back otherwise than it was."""
    rng = np.random.default_rng(seed)
    page = RandomPage(table, jobs)
    known: dict[str, tuple[str, dict[str, object]]] = {}

    def keep() -> None:
        known[repr(page.session.state.history())] = page.session.state.document.theme, page.chosen()

    keep()
    done: list[str] = []
    wrong: list[str] = []
    shared = {steps - 1, *rng.integers(0, steps, receivers - 1).tolist()}
    for step in range(steps):
        done.append(random_action(page, rng))
        keep()
        if step in shared:
            now = page.shown()
            link = page.session.link()
            receiver = RandomPage(table, jobs, link, page.session.state.document.theme)
            wrong += [f"link: {line}" for line in differences(now, receiver.shown())]
            if receiver.session.link() != link:
                wrong.append("the receiver has another link")
            unknown = set(receiver.session.notes) - set(page.session.notes)
            wrong += [f"link: a note of the receiver alone: {note}" for note in unknown]
            if step == steps - 1:
                wrong += tabs_of_both(page, receiver)
            receiver.session.close()
        if wrong:
            return [f"seed {seed}: {', '.join(done)}", *wrong[:12]]
    for name in ("undo", "redo"):
        while getattr(page.session.state, f"can_{name}"):
            page.send("header", name)
            history = repr(page.session.state.history())
            if history in known:
                color_theme, before = known[history]
                page.act(actions.set_theme, theme=color_theme)
                wrong += [f"{name}: {x}" for x in differences(before, page.chosen())]
            if wrong:
                return [f"seed {seed}: {', '.join(done)}", *wrong[:12]]
    page.session.close()
    return []
