import numpy as np
import pandas as pd

import explorer
from explorer.session.start import start_of


def test_a_catalogue_names_what_a_table_opens_with(films):
    start = start_of(films)
    assert start.document["features"] == list(films.catalogue.table.start)
    assert start.document["color"] == {"column": "tomatometer"}
    assert start.reasons == []


def test_without_a_catalogue_features_are_picked_and_each_has_its_reason(people):
    start = start_of(people)
    assert start.document["features"] == ["vector"]
    told = " ".join(start.reasons)
    assert start.reasons[0] == "1 of 16 columns were picked automatically: why these?"
    assert all(f" {name}: " in told for name in people.column_names)


def test_numbers_are_picked_and_trouble_is_left_out(frame):
    start = start_of(explorer.open_table(frame))
    assert {"pulse", "sleep", "age"} <= set(start.document["features"])
    assert not {"person_id", "flat", "nothing", "mostly", "boundless"} & set(start.document["features"])
    assert start.document["method"] == {"name": "umap"}


def test_two_columns_are_a_map_already():
    rng = np.random.default_rng(0)
    start = start_of(explorer.open_table(pd.DataFrame(rng.normal(size=(99, 2)), columns=["a", "b"])))
    assert start.document == {"features": ["a", "b"], "color": {}, "method": {"name": "pca"}}


def test_a_table_without_a_number_says_so():
    start = start_of(explorer.open_table(pd.DataFrame({"name": ["Ann", "Bo", "Cy"]})))
    assert "features" not in start.document
    assert len(start.reasons) == 1
    assert start.reasons[0].startswith("No feature was picked: ")


def test_the_reasons_of_thousands_of_columns_stay_short():
    wide = pd.DataFrame(np.zeros((5, 400)), columns=[f"c{i}" for i in range(400)]).assign(
        x=range(5), y=[3, 1, 4, 1, 5]
    )
    reasons = start_of(explorer.open_table(wide)).reasons
    assert len(reasons) == 204
    assert reasons[-1] == "… and 200 more columns left out"
