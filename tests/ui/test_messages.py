"""What the scripts send is what the views understand: neither can change alone."""

import inspect
import re
from importlib import import_module

import pytest

from explorer.ui.browser_modules import import_order
from explorer.ui.component import Component
from explorer.ui.messages import MessageError, read_message

VIEWS = {
    "review.page.page": "ReviewPage",
    "compare.page": "ComparePage",
    "experiment.effect_map.effect_map_view": "EffectMapView",
    "feature.feature_list": "FeatureList",
    "feature.page": "FeaturePage",
    "relations.page": "RelationsPage",
    "app.header_bar": "HeaderBar",
    "map_view.canvas.map_canvas": "MapCanvas",
    "app.models_page": "ModelsPage",
    "performance.page.page": "PerformanceView",
    "drift.page": "DriftView",
    "engagement.page": "EngagementView",
    "ranking.page": "RankingView",
    "rows.row_card": "RowCard",
    "rows.page": "RowsPage",
    "rows.panel": "RowsPanel",
}
# Two scripts choose among types while they run.
TYPES = {
    "this.mode": ["box", "lasso"],
    'job.over ? "dismiss" : "cancel"': ["dismiss", "cancel"],
    'event.shiftKey ? "redo" : "undo"': ["redo", "undo"],
}


def view_of(name):
    return getattr(import_module(f"explorer.{name}"), VIEWS[name])


def script_of(name):
    """Return the script of a view and what it imports as one text, but for Bokeh's models."""
    modules = import_order(f"{view_of(name).script_path()}.js")
    return "".join(module.body for module in modules if module.path != "ui/bokeh.js")


def messages(script):
    """Yield (type, keys of its own depth) of each object literal that is a message."""
    for start in re.finditer(
        r"\{\s*type: ", re.sub(r'h\("input", \{(\s*)type:', r'h("input", {\1form:', script)
    ):
        depth, end = 0, start.start()
        while True:
            depth += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(script[end], 0)
            end += 1
            if depth == 0:
                break
        parts = fields(script[start.start() + 1 : end - 1])
        kind = parts.pop("type")
        for one in [kind.strip('"')] if re.fullmatch(r'"\w+"', kind) else TYPES[kind]:
            yield one, set(parts)


def fields(body):
    """Split the inside of an object literal at the commas of its own depth."""
    pieces, depth = [""], 0
    for letter in body:
        depth += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    pairs = [piece.strip().partition(":") for piece in pieces if piece.strip()]
    return {key.strip(): (value or key).strip() for key, _, value in pairs}


@pytest.mark.parametrize("name", VIEWS)
def test_every_message_of_the_script_has_a_handler_that_takes_its_arguments(name):
    view = view_of(name)
    sent = list(messages(script_of(name)))
    assert sent
    for kind, keys in sent:
        handler = getattr(view, f"on_{kind}", None)
        assert handler is not None, f"{name}.js sends {kind!r}, nobody listens"
        inspect.signature(handler).bind(None, **dict.fromkeys(keys))


@pytest.mark.parametrize("name", VIEWS)
def test_every_handler_is_called_by_the_script(name):
    view = view_of(name)
    ours = [one for one in view.__mro__ if one.__module__.startswith("explorer.")]
    handlers = {
        name.removeprefix("on_") for one in ours for name in vars(one) if name.startswith("on_")
    }
    assert handlers == {kind for kind, _ in messages(script_of(name))}


@pytest.mark.parametrize("name", VIEWS)
def test_every_property_that_the_script_reads_is_a_parameter(name):
    view = view_of(name)
    script = script_of(name)
    read = set(re.findall(r"\bmodel\.(\w+)", script)) | set(
        re.findall(r'model\.on\("(\w+)"', script)
    )
    assert read - {"on", "send_msg", "remove", "get_child"} <= set(view.param)


def test_the_reader_of_scripts_finds_every_send():
    for name in VIEWS:
        script = script_of(name)
        assert len(re.findall(r"type: ", script)) == len(re.findall(r"\{\s*type: ", script)), name
    assert dict(
        messages(
            "send({ type: 'x' })".replace("'", '"') + ' f({ type: "y", a: [1, 2], b, c: g(d, e) })'
        )
    ) == {
        "x": set(),
        "y": {"a", "b", "c"},
    }


def test_an_unknown_message_is_refused_in_words():
    class Silent(Component):
        pass

    for message in ({"type": "sing"}, {}, {"type": "__class__"}):
        with pytest.raises(MessageError, match="Silent: no message is of type"):
            read_message(Silent, message)
