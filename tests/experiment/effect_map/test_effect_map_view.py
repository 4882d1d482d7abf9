"""The effect map's view without a browser: its words, its colours, and what a person does."""

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from explorer.experiment.controller import ExperimentController
from explorer.experiment.effect_map import effect_map_view
from explorer.experiment.effect_map.effect_map_view import TAB, EffectMapView
from explorer.map.map import build_map
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table

FEATURES = ["first", "second"]
METRICS = [
    {"name": "watched", "kind": "mean", "column": "y", "goal": "increase"},
    {"name": "finished", "kind": "proportion", "column": "done", "goal": "increase"},
    {"name": "faults", "kind": "mean", "column": "y", "goal": "decrease"},
]
EXPERIMENT = {"variant": "arm", "control": "A", "metrics": METRICS, "regions": 30}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    n = 8_000
    xy = rng.normal(size=(n, 2))
    treated = rng.random(n) < 0.5
    y = rng.normal(size=n) + np.where(treated & (xy[:, 0] > 0.8), 1.5, 0.0)
    done = rng.random(n) < 0.4 + 0.1 * treated
    return pd.DataFrame(
        {
            "first": xy[:, 0],
            "second": xy[:, 1],
            "arm": np.where(treated, "B", "A"),
            "y": y,
            "done": done,
        }
    )


@pytest.fixture(scope="module")
def table(own_folders, frame):
    made = open_table(pa.Table.from_pandas(frame, preserve_index=False))
    for name in FEATURES:
        made.edit(name, "assignment", "before")
    made.edit("y", "unit", "min")
    return made


@pytest.fixture
def session(table, fake_queue, tmp_path, monkeypatch):
    # the names of hexagons would be looked for in a thread that outlives the test
    monkeypatch.setattr(effect_map_view, "_NAMES_UP_TO", 0)
    embedding = table.project(FEATURES, method="pca")
    folder = tmp_path / "ready"
    folder.mkdir()
    embedding.save(folder / "embedding.parquet")
    build_map(embedding, folder / "map")
    opened = Session(
        table, fake_queue, {"features": FEATURES, "experiment": EXPERIMENT, "tab": TAB}
    )
    opened.projection.open((embedding.provenance["key"], folder))
    yield opened
    opened.close()


@pytest.fixture
def view(session, until, open_view):
    made = open_view(EffectMapView, session)
    until(lambda: made.card and not made.busy)
    return made


def shown(view, until, **fields):
    """Wait until the card says this."""
    until(
        lambda: (
            all(view.card.get(name) == value for name, value in fields.items()) and not view.busy
        )
    )
    return view.card


def told(cell):
    return dict(cell["lines"])


def test_every_region_has_its_rows_and_its_figures_in_words(view, frame):
    card = view.card
    json.dumps(card, allow_nan=False)
    assert (card["status"], card["metric"], card["arm"], card["control"]) == (
        "ready",
        "watched",
        "B",
        "A",
    )
    assert sum(cell["rows"] for cell in card["cells"]) == len(frame)
    assert len(card["lattice"]["places"]) == len(card["cells"])
    regions = view.regions.effect_map
    for number, cell in enumerate(card["cells"]):
        here = frame[regions.codes == number]
        assert cell["rows"] == len(here)
        a, b = here.y[here.arm == "A"], here.y[here.arm == "B"]
        assert told(cell)["units"] == f"{len(a):,} in A · {len(b):,} in B"
        if cell["kind"] == 2:
            assert told(cell)[""].startswith("○ not enough data: ")
            assert min(len(a), len(b)) < 30
        else:
            effect = told(cell)["effect"].split(" ")[0].replace("−", "-")
            assert float(effect) == pytest.approx(b.mean() - a.mean(), rel=6e-3)
            assert told(cell)["effect"].endswith(" min")


def test_the_planted_part_is_told_from_the_whole_and_blue(view, frame):
    regions = view.regions.effect_map
    share = np.bincount(regions.codes, weights=frame["first"] > 0.8) / regions.counts
    found = [
        number
        for number, cell in enumerate(view.card["cells"])
        if cell["kind"] == 0 and share[number] > 0.9
    ]
    assert len(found) >= 3
    for number in found:
        cell = view.card["cells"][number]
        red, _, blue = bytes.fromhex(cell["colour"][1:])
        assert blue > red + 40
        assert told(cell)[""].startswith("better than overall; the effect here: better")
    line = view.card["line"]
    assert line.startswith(f"{sum(cell['kind'] == 0 for cell in view.card['cells'])} of ")
    for part in ("expected by chance at 0.05", "Q p = ", "sign changes: Gail–Simon p = "):
        assert part in line


def test_another_metric_is_followed_and_chosen(view, session, until, send):
    watched = view.card
    send(view, "look", metric="finished")
    card = shown(view, until, metric="finished")
    assert session.state.document.experiment.look.metric == "finished"
    assert card["legend"]["title"].endswith("(pp)")
    assert told(card["cells"][0])["effect"].endswith(" pp")
    session.state.act(
        actions.set_experiment,
        look=replace(session.state.document.experiment.look, metric="faults"),
    )
    faults = shown(view, until, metric="faults")
    place = next(
        number
        for number, cell in enumerate(watched["cells"])
        if told(cell)[""].startswith("better than")
    )
    assert told(faults["cells"][place])[""].startswith("worse than overall")
    red, _, blue = bytes.fromhex(faults["cells"][place]["colour"][1:])
    assert red > blue


def test_the_picture_fits_the_stage_and_shows_the_colours_of_the_regions(view, until, send):
    send(view, "size", width=500, height=400, ratio=2)
    until(lambda: view.sight)
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(view.picture.split(",")[1]))))
    assert picture.shape == (800, 1000, 4)
    (x0, x1), (y0, y1) = view.sight["x_range"], view.sight["y_range"]
    hexagons = view.regions.effect_map.hexagons
    for number, cell in enumerate(view.card["cells"]):
        px = (hexagons.x[number] - x0) / (x1 - x0) * 1000
        py = (1 - (hexagons.y[number] - y0) / (y1 - y0)) * 800
        around = picture[int(py) - 9 : int(py) + 10, int(px) - 9 : int(px) + 10]
        near = (
            np.abs(around[..., :3].astype(int) - list(bytes.fromhex(cell["colour"][1:]))).max(
                axis=-1
            )
            < 26
        )
        share = (near & (around[..., 3] == 255)).mean()
        assert (
            share > 0.9 if cell["kind"] == 0 else share > 0.4 if cell["kind"] == 1 else share < 0.2
        ), (
            number,
            cell["kind"],
            share,
        )


def test_a_click_selects_as_many_rows_as_the_region_says_and_shift_adds(view, session, send):
    cells = view.card["cells"]
    send(view, "pick", number=3, mode="replace")
    assert session.rows.selection().count() == cells[3]["rows"]
    assert view.chosen == [3]
    send(view, "pick", number=5, mode="add")
    assert session.rows.selection().count() == cells[3]["rows"] + cells[5]["rows"]
    assert view.chosen == [3, 5]
    send(view, "pick", number=5, mode="remove")
    assert session.rows.selection().count() == cells[3]["rows"]
    session.rows.clear_selection()
    assert view.chosen == []
    send(view, "pick", number=10_000, mode="replace")
    assert session.rows.selection() is None


def test_what_distinguishes_a_region_becomes_group_a_of_the_compare_tab(view, session, until, send):
    asked = session.messages.get("ask", 0)
    send(view, "compare", number=2)
    until(lambda: session.state.document.tab == "Compare")
    group = session.state.document.groups.a
    assert group.count == view.card["cells"][2]["rows"]
    assert group.name == view.card["cells"][2]["name"]
    assert group.seen["y"] == "coloured the map"
    until(lambda: session.messages["ask"] == asked + 1)


def test_more_regions_are_smaller_ones(view, until, send):
    few = len(view.card["cells"])
    send(view, "regions", regions=80)
    until(lambda: len(view.card["cells"]) > few)
    assert shown(view, until)["regions"] == 80
    send(view, "regions", regions="pentagons")
    assert view.card["regions"] == 80


def test_a_map_of_columns_from_nobody_knows_when_is_blocked_until_somebody_says_it(
    view, session, until, table, send
):
    def forget():
        session.edit_feature("first", "assignment", "after")
        session.edit_feature("second", "assignment", None)

    before = view.card
    forget()
    until(
        lambda: (
            view.card is not before
            and view.card["status"] == "blocked"
            and len(view.card["columns"]) == 2
        )
    )
    assert view.card["columns"] == [
        {"name": "first", "label": "first", "said": "after"},
        {"name": "second", "label": "second", "said": ""},
    ]
    assert "first was measured after the assignment" in view.card["words"]
    send(view, "before", names=["second"])
    until(lambda: view.card["status"] == "blocked" and len(view.card["columns"]) == 1)
    send(view, "feature", name="first")
    assert (session.state.document.tab, session.state.document.feature) == (
        "Feature",
        "first",
    )
    session.state.act(actions.set_tab, name=TAB)
    send(view, "before", names=["first"])
    until(lambda: view.card["status"] == "ready")
    assert table.features["first"].assignment == "before"


def test_an_experiment_that_is_not_to_be_trusted_is_striped_and_says_so(view, session, until):
    session.state.act(actions.set_experiment, allocation={"A": 0.7, "B": 0.3})
    until(lambda: any("sample ratio mismatch" in note for note in view.card["notes"]))
    card = view.card
    assert {cell["kind"] for cell in card["cells"]} <= {2, 3}
    assert any(
        told(cell)[""].startswith("! not to be trusted: sample ratio mismatch")
        for cell in card["cells"]
    )
    assert "none is counted where units are not to be trusted" in card["line"]


def test_without_an_experiment_it_says_what_is_to_be_named(view, session, until):
    session.state.act(actions.set_experiment, variant=None)
    until(lambda: view.card["status"] == "wanting")
    assert view.card["words"] == "name the column of the arms"


def test_nothing_is_read_before_somebody_looks(session, until, open_view):
    session.state.act(actions.set_tab, name="Map")
    made = open_view(EffectMapView, session)
    session.state.act(actions.set_experiment, regions=20)
    assert (made.card, made.busy) == ({}, False)
    session.state.act(actions.set_tab, name=TAB)
    until(lambda: made.card.get("status") == "ready")


def test_beside_another_view_it_waits_for_what_that_computes_or_says_that_it_could_not(
    session, until, open_view
):
    made = open_view(EffectMapView, session, follows=True)
    assert (made.card, made.busy) == ({}, True)
    session.part(ExperimentController).compute()
    until(lambda: made.card.get("status") == "ready" and not made.busy)
    session.state.act(actions.add_filter, id="f", expression="first > 0")
    assert made.busy
    made.fail("not to be had")
    assert (made.card["words"], made.busy) == ("not to be had", False)
    session.state.act(actions.remove_filter, id="f")  # what was computed is there again
    until(lambda: made.card.get("status") == "ready")


def saved(send, view, until, form, scale=2):
    turn = view.saved.get("turn", 0)
    send(view, "save", form=form, scale=scale)
    until(lambda: view.saved.get("turn", 0) > turn)
    return base64.b64decode(view.saved["data"].split(",")[1])


def test_the_files_hold_the_regions_and_the_picture(view, until, frame, send):
    send(view, "size", width=400, height=300, ratio=1)
    cells = pd.read_csv(io.BytesIO(saved(send, view, until, "csv")))
    assert view.saved["name"].endswith("-effect-map.csv")
    assert len(cells) == 3 * len(view.card["cells"])
    watched = cells[cells.metric == "watched"]
    assert watched.rows.tolist() == [cell["rows"] for cell in view.card["cells"]]
    assert {"deviation", "shrunk", "deviation_p_adjusted", "x", "y"} <= set(cells.columns)
    document = json.loads(saved(send, view, until, "json"))
    assert sum(one["rows"] for one in document["regions"]) == len(frame)
    assert len(document["cells"]) == len(cells)
    pictures = [Image.open(io.BytesIO(saved(send, view, until, "png", scale))) for scale in (1, 2)]
    assert pictures[1].width == pytest.approx(2 * pictures[0].width, abs=2)
    assert "differ from the whole" in pictures[0].info["Caption"]
    assert "no difference from overall" in saved(send, view, until, "svg").decode()
    send(view, "save", form="png", scale=3)
    until(lambda: "trouble" in view.saved)
    assert view.saved["trouble"].startswith("a picture is saved at 1, 2, 4 times")
