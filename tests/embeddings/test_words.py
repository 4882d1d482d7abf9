import pytest

from explorer.embeddings.words import (
    axis_names,
    features_in_words,
    method_in_words,
    quality_in_words,
    reading_in_words,
)

SPEC = {
    "features": ["age", "height"], "scale": "robust", "missing": {"*": "drop", "age": "indicator"},
    "transform": {"height": "log"}, "weights": {}, "encode": {}, "where": "age > 3",
}  # fmt: skip


@pytest.mark.parametrize(
    ("provenance", "names"),
    [
        ({}, ("x", "y")),
        ({"method": {"name": "umap", "parameters": {}}}, ("UMAP 1", "UMAP 2")),
        (
            {"method": {"name": "pca"}, "explained_variance_ratio": [0.341, 0.126, 0.1]},
            ("PC 1 (34 % of variance)", "PC 2 (13 % of variance)"),
        ),
        ({"method": {"name": "pca"}, "explained_variance_ratio": [1.0]}, ("PC 1 (100 % of variance)", "PC 2")),
        ({"method": {"name": "columns", "parameters": {"x": "lon", "y": "lat"}}}, ("lon", "lat")),
    ],
)  # fmt: skip
def test_axes_are_named_as_the_field_does(provenance, names):
    assert axis_names(provenance) == names


def test_features_come_with_scale_and_policy():
    assert features_in_words({"matrix": {"spec": SPEC}}) == (
        "2 features: age, height; scale robust; missing values: drop, but age indicator; transform of height log; "
        "only rows where age > 3"
    )
    assert features_in_words({"matrix": None}) == ""
    many = {
        **SPEC,
        "features": [f"f{i}" for i in range(61)],
        "missing": "median",
        "transform": {},
        "where": None,
    }
    assert features_in_words({"matrix": {"spec": many}}).startswith("61 features: f0, f1, ")
    assert "f11 and 49 more; scale robust; missing values: median" in features_in_words(
        {"matrix": {"spec": many}}
    )


def test_method_has_parameters_seed_and_rows(people):
    story = people.project(["height", "weight", "pulse"], "umap", n_epochs=10).provenance
    told = method_in_words(story)
    assert told.startswith(
        "UMAP (n_neighbors 15, min_dist 0.1, n_epochs 10, landmarks auto, seed 0) of 600 rows"
    )
    assert f"{story['rows']['imputed']} with a cell that was filled in" in told


def test_quality_stands_beside_that_of_a_pca():
    scores = {"neighbors_kept": {"15": {"value": 0.4, "pca": 0.2}}}
    umap = {"method": {"name": "umap"}}
    assert (
        quality_in_words(umap, scores) == "of 15 true neighbours of a row 6.0 stay its neighbours (PCA: 3.0)"
    )
    assert quality_in_words({"method": {"name": "pca"}}, scores).endswith("stay its neighbours")
    assert quality_in_words(umap, {}) == ""


def test_how_far_a_map_may_be_read():
    assert "no evidence" in reading_in_words({})
    pca = {"method": {"name": "pca"}, "explained_variance_ratio": [0.5, 0.25]}
    assert reading_in_words(pca).startswith("PCA: these two directions hold 75 % of the variance. Near means")
