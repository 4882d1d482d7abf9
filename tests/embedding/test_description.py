import pytest

from explorer.embedding.description import (
    axis_names,
    comparison_in_words,
    features_in_words,
    method_in_words,
    quality_in_words,
    quality_lines,
    reading_in_words,
    whole_quality_in_words,
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
        (
            {"method": {"name": "pca"}, "explained_variance_ratio": [1.0]},
            ("PC 1 (100 % of variance)", "PC 2"),
        ),
        ({"method": {"name": "columns", "parameters": {"x": "lon", "y": "lat"}}}, ("lon", "lat")),
    ],
)
def test_axes_are_named_as_the_field_does(provenance, names):
    assert axis_names(provenance) == names


def test_features_come_with_scale_and_policy():
    assert features_in_words({"matrix": {"spec": SPEC}}) == (
        "2 features: age, height; scale robust; missing values: drop, but age indicator; "
        "transform of height log; "
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


def test_features_in_right_to_left_scripts_stand_in_their_order():
    spec = {**SPEC, "features": ["גיל", "age"], "transform": {"גיל": "log"}}
    text = features_in_words({"matrix": {"spec": spec}})
    assert text.startswith("2 features: \u2068גיל\u2069, age; ")
    assert "transform of \u2068גיל\u2069 log; " in text


def test_method_has_parameters_seed_and_rows(people):
    story = people.project(["height", "weight", "pulse"], "umap", n_epochs=10).provenance
    told = method_in_words(story)
    assert told.startswith(
        "UMAP (n_neighbors 15, min_dist 0.1, n_epochs 10, landmarks auto, seed 0) of 600 rows"
    )
    assert f"{story['rows']['imputed']} with a missing value that was filled in" in told


def score(value, pca, half=0.01):
    ends = {
        "low": value - half,
        "high": value + half,
        "pca_low": pca - half,
        "pca_high": pca + half,
    }
    return {"value": value, "pca": pca, "chance": 0.1, **ends}


UMAP = {"method": {"name": "umap"}}
SENSORS = {
    "neighbors_kept": {"15": score(0.653, 0.5), "150": score(0.56, 0.62)},
    "triplet_accuracy": score(0.73, 0.94),
    "distance_correlation": score(0.54, 0.95),
}


def test_quality_has_one_line_and_every_figure_beside_that_of_a_pca():
    assert quality_in_words(UMAP, SENSORS) == "Neighbours preserved: 9.8 of 15 (PCA 7.5)"
    assert quality_lines(UMAP, SENSORS) == [
        "Neighbours preserved, of 15: 9.8 (9.6 to 9.9); PCA 7.5 (7.3 to 7.7)",
        "Neighbours preserved, of 150: 84 (82 to 86); PCA 93 (92 to 94)",
        "Random triplets in the right order: 73 % (72 to 74); PCA 94 % (93 to 95)",
        "Rank correlation of distances: 0.54 (0.53 to 0.55); PCA 0.95 (0.94 to 0.96)",
    ]
    assert quality_in_words({}, {}) == ""
    assert quality_lines(UMAP, {}) == []
    assert whole_quality_in_words(UMAP, {}) == ""


def test_the_better_map_is_named_for_near_and_for_far():
    assert comparison_in_words(UMAP, SENSORS) == (
        "For neighbours: UMAP (9.8 of 15 preserved; PCA 7.5), PCA (93 of 150 preserved; UMAP 84). "
        "For distances between groups: PCA (triplets 94 %; UMAP 73 %)."
    )
    agreed = {**SENSORS, "neighbors_kept": {"15": score(0.653, 0.5), "150": score(0.7, 0.62)}}
    assert comparison_in_words(UMAP, agreed).startswith(
        "For neighbours: UMAP (9.8 of 15 preserved; PCA 7.5). For"
    )


def test_maps_whose_intervals_overlap_do_not_differ():
    same = {"neighbors_kept": {"15": score(0.5, 0.51)}}
    assert (
        comparison_in_words(UMAP, same)
        == "For neighbours: UMAP and PCA do not differ (7.5 of 15 preserved; PCA 7.7)."
    )


def test_a_pca_and_a_map_without_intervals_are_not_compared():
    pca = {"method": {"name": "pca"}}
    assert "PCA" not in whole_quality_in_words(pca, SENSORS)
    assert comparison_in_words(pca, SENSORS) == ""
    older = {"neighbors_kept": {"15": {"value": 0.4, "pca": 0.2}}}
    assert whole_quality_in_words(UMAP, older) == "Neighbours preserved, of 15: 6.0; PCA 3.0."


def test_how_far_a_map_may_be_read():
    assert "Ignore distances" in reading_in_words({})
    pca = {"method": {"name": "pca"}, "explained_variance_ratio": [0.5, 0.25]}
    assert reading_in_words(pca).startswith(
        "PCA: these two directions explain 75 % of the variance. Nearby points"
    )
    single = {**pca, "explained_variance_ratio": [1.0, 0.0], "loadings": {"columns": ["age"]}}
    assert reading_in_words(single).startswith("One column: its values lie along a line.")
