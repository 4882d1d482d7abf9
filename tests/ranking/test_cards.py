import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.ranking.cards import ranking_card
from explorer.ranking.plots import chance_figure, curve_figure, curve_plot, key_of_lines


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    page, position = np.repeat(np.arange(300), 6), np.tile(np.arange(1, 7), 300)
    frame = pd.DataFrame(
        {"page": page, "position": position, "layout": np.where(page % 2, "b", "a")}
    )
    frame["played"] = rng.random(len(frame)) < 0.3 / position
    frame["row"], frame["column"] = (position + 2) // 3, (position - 1) % 3 + 1
    return explorer.ranking(
        explorer.open_table(frame),
        "position",
        "played",
        "page",
        row="row",
        column="column",
        by="layout",
    )


def test_tiles_hold_every_figure_with_its_interval(found):
    card = json.loads(json.dumps(ranking_card(found), allow_nan=False))
    assert card["heads"] == [
        "MRR",
        "NDCG@1",
        "NDCG@5",
        "NDCG@10",
        "success@1",
        "success@5",
        "success@10",
        "any play",
    ]
    assert card["tiles"][0]["value"] == f"{found.mrr.value:.4f}".removeprefix("0")
    assert card["told"] == found.words


def test_every_place_of_the_page_says_its_figure_in_words(found):
    page = ranking_card(found)["page"]
    assert (page["rows"], page["columns"], len(page["cells"])) == (2, 3, 6)
    cell = page["cells"][0]
    assert cell["values"][0] == found.page[0].rate
    assert cell["shown"][3] == f"{found.page[0].n:,}"
    last = page["cells"][-1]
    assert last["values"][2] == 1.0  # recall of the whole page


def test_arms_have_a_glyph_and_words_beside_their_colour(found):
    comparison = ranking_card(found)["comparison"]
    assert comparison["control"] == "a"
    for line in comparison["lines"]:
        assert line["verdict"]["glyph"]
        assert line["verdict"]["words"]


def test_each_arm_has_a_line_with_a_dash_and_a_marker_of_its_own(found):
    figure = curve_figure(found)
    assert list(figure.lines) == ["a", "b"]
    keys = key_of_lines(figure)
    assert len({(one["dash"], one["marker"]) for one in keys}) == 2
    drawn = curve_plot(figure)
    assert [type(one).__name__ for one in drawn] == ["Area", "Curve", "Points"] * 2
    assert len(figure.csv.splitlines()) == 1 + 12


def test_the_chance_of_any_play_is_drawn_by_rows_of_the_page(found):
    figure = chance_figure(found)
    assert figure.at == "rows"
    (line,) = figure.lines.values()
    assert line["value"].tolist() == [one.value for one in found.any_play]
    assert len(list(curve_plot(figure))) == 3
