from explorer import __version__
from explorer.map.export.caption import Drawn, caption_of

DRAWN = Drawn("films", 1_000, 800, 100, 60, 40)
UMAP = {
    "method": {"name": "umap", "parameters": {"n_neighbors": 15}, "random_state": 0},
    "rows": {"used": 960},
}


def test_every_row_is_accounted_for():
    rows = caption_of(DRAWN, {}, {})[0]
    assert (
        rows
        == "1,000 rows of films = 800 in view + 100 outside + 60 hidden + 40 without coordinates."
    )


def test_a_selection_says_what_is_grey_and_filters_what_is_hidden():
    drawn = Drawn(
        "films",
        1_000,
        800,
        100,
        60,
        40,
        coloured=30,
        selected="year > 1990",
        filtered="Genre: Drama",
    )
    rows = caption_of(drawn, {}, {})[0]
    assert "60 hidden (shown: Genre: Drama) + " in rows
    assert rows.endswith("In colour: 30 selected (year > 1990); grey: 770 others in view.")


def test_method_features_quality_and_program_are_paragraphs():
    spec = {"features": ["a", "b"], "scale": "standard", "missing": "median"}
    scores = {"neighbors_kept": {"15": {"value": 0.4, "pca": 0.2}}}
    told = caption_of(DRAWN, {**UMAP, "matrix": {"spec": spec}}, scores, ["a note"])
    assert told[1] == (
        "UMAP (n_neighbors 15, seed 0) of 960 rows. 2 features: a, b; scale standard; "
        "missing values: median."
    )
    assert told[2].startswith("Neighbours preserved, of 15: 6.0; PCA 3.0. Nearby points")
    assert told[3:] == ("A note.", f"Explorer {__version__}.")


def test_a_date_is_there_only_when_asked_for():
    assert (
        caption_of(DRAWN, UMAP, {}, date="2031-05-01")[-1] == f"Explorer {__version__}, 2031-05-01."
    )


def test_what_nobody_knows_is_said():
    assert caption_of(DRAWN, {}, {})[1] == "It is not known how this map was made."
    ready = caption_of(
        DRAWN, {"method": {"name": "columns", "parameters": {"x": "lon", "y": "lat"}}}, {}
    )
    assert ready[1] == "The coordinates are columns of the table."
    assert len(ready) == 3
