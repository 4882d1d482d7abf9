import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import CatalogueError
from explorer.session.start import choose_start
from explorer.state.document import first_document


def test_a_catalogue_names_what_a_table_opens_with(films):
    start = choose_start(films)
    assert start.document["features"] == list(films.columns.catalogue.table.start)
    assert start.document["color"] == {"column": "tomatometer"}
    assert start.reasons == []


def test_without_a_catalogue_features_are_picked_and_each_has_its_reason(people):
    start = choose_start(people)
    assert start.document["features"] == ["vector"]
    told = " ".join(start.reasons)
    assert start.reasons[0] == "1 of 16 columns were picked automatically: why these?"
    assert all(f" {name}: " in told for name in people.column_names)


def test_numbers_are_picked_and_trouble_is_left_out(frame):
    start = choose_start(explorer.open_table(frame))
    assert {"pulse", "sleep", "age"} <= set(start.document["features"])
    assert not {"person_id", "flat", "nothing", "mostly", "boundless"} & set(
        start.document["features"]
    )
    assert start.document["method"] == {"name": "umap"}


def test_two_columns_are_a_map_already():
    rng = np.random.default_rng(0)
    start = choose_start(
        explorer.open_table(pd.DataFrame(rng.normal(size=(99, 2)), columns=["a", "b"]))
    )
    assert start.document == {"features": ["a", "b"], "color": {}, "method": {"name": "pca"}}


def test_a_table_without_a_number_says_so():
    start = choose_start(explorer.open_table(pd.DataFrame({"name": ["Ann", "Bo", "Cy"]})))
    assert "features" not in start.document
    assert len(start.reasons) == 1
    assert start.reasons[0].startswith("No feature was picked: ")


def test_the_reasons_of_thousands_of_columns_stay_short():
    wide = pd.DataFrame(np.zeros((5, 400)), columns=[f"c{i}" for i in range(400)]).assign(
        x=range(5), y=[3, 1, 4, 1, 5]
    )
    reasons = choose_start(explorer.open_table(wide)).reasons
    assert len(reasons) == 204
    assert reasons[-1] == "… and 200 more columns left out"


def test_the_reasons_of_a_block_of_thousands_stay_short():
    pixels = np.random.default_rng(0).normal(size=(50, 400))
    wide = pd.DataFrame(pixels, columns=[f"band_{i}" for i in range(400)])
    start = choose_start(explorer.open_table(wide))
    assert len(start.document["features"]) == 400
    assert (len(start.reasons), start.reasons[-1]) == (202, "… and 200 more columns picked")


def catalogued(tmp_path, inside):
    frame = pd.DataFrame(
        {"arm": ["a", "b"] * 20, "y": np.arange(40.0), "place": ["x", "x", "y", "z"] * 10}
    )
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.catalogue.yaml").write_text(f"table:\n{inside}", encoding="utf-8")
    return explorer.open_table(tmp_path / "t.parquet", catalogue=tmp_path / "t.catalogue.yaml")


def test_a_catalogue_names_the_experiment_and_the_tab(tmp_path):
    table = catalogued(
        tmp_path,
        "  tab: Experiment\n  experiment:\n    variant: arm\n    control: a\n"
        "    by: [place, gone]\n"
        "    metrics: ['m=mean(y):increase', {name: n, kind: mean, column: y, cap: 3}]\n",
    )
    document = first_document(choose_start(table).document)
    asked = document.experiment
    assert document.tab == "Experiment"
    assert (asked.variant, asked.control, asked.by, asked.allocation) == (
        "arm",
        "a",
        ("place",),
        None,
    )
    assert [metric.name for metric in asked.metrics] == ["m", "n"]


def test_the_tab_stays_the_map_unless_the_catalogue_says_so(tmp_path):
    table = catalogued(tmp_path, "  experiment: {variant: arm, control: a}\n")
    assert first_document(choose_start(table).document).tab == "Map"


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (
            "  experiment:\n    variant: arm\n    metrics:\n      - m=mean(y)\n      - m=meen(y)\n",
            "line 6: a metric is a mean",
        ),
        (
            "  experiment:\n    metrics: [{name: m, kind: mean, colum: y}]\n",
            "line 3: unknown key 'colum' in a metric; did you mean 'column'?",
        ),
        ("  tab: Experimint\n", "did you mean 'Experiment'"),
    ],
)
def test_what_a_catalogue_says_wrongly_is_said_with_its_line(tmp_path, inside, words):
    with pytest.raises(CatalogueError) as error:
        choose_start(catalogued(tmp_path, inside))
    assert words in str(error.value)


def test_a_catalogue_names_what_the_models_tab_reads(tmp_path):
    frame = pd.DataFrame({"hit": [0, 1, 1, 0], "score": [0.1, 0.9, 0.6, 0.4]})
    path = tmp_path / "c.yaml"
    path.write_text("table: {models: {performance: {truth: hit, predictions: {old: score}}}}\n")
    section = choose_start(explorer.open_table(frame, catalogue=path)).document["models"]
    assert section["performance"]["predictions"] == {"old": "score"}
    assert section["performance"]["kind"] == "binary"
    assert section["view"] == "performance"
    path.write_text("table: {models: {performance: {kind: guess}}}\n")
    with pytest.raises(explorer.ExplorerError, match="no kind 'guess'"):
        choose_start(explorer.open_table(frame, catalogue=path))
