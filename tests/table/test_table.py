import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import FeatureError, TableError, UnknownName
from explorer.embedding import cached
from explorer.embedding.description import features_in_words
from explorer.selection.selection import Selection
from explorer.table import table as workbench
from explorer.table import table_cache
from explorer.table.table_columns import TableColumns

FEATURES = ["height", "weight", "sleep", "age"]


def test_an_unknown_feature_suggests_the_nearest(people):
    for ask in (
        people.columns.feature,
        people.columns.levels,
        people.columns.numbers,
        lambda name: people.project([name]),
    ):
        with pytest.raises(UnknownName, match="no feature 'heigth': did you mean 'height'"):
            ask("heigth")


def test_an_unknown_method_or_parameter_suggests_the_nearest(people):
    with pytest.raises(UnknownName, match="did you mean 'umap'"):
        people.project(FEATURES, method="umpa")
    with pytest.raises(UnknownName, match="did you mean 'n_neighbors'"):
        people.project(FEATURES, n_neighbours=15)


def test_no_feature_is_refused_in_words(people):
    with pytest.raises(FeatureError, match="no feature is chosen"):
        people.project([])


def test_numbers_are_the_columns_and_text_is_refused(people, frame):
    np.testing.assert_array_equal(people.columns.numbers("pulse"), frame["pulse"])
    np.testing.assert_array_equal(
        people.columns.numbers("since"),
        frame["since"].to_numpy().astype("datetime64[s]").astype(float),
    )
    with pytest.raises(FeatureError, match="'city' is categorical, not a number"):
        people.columns.numbers("city")


def test_bins_follow_the_histogram_of_the_summary(people, frame):
    bins = people.summaries.bins("pulse")
    np.testing.assert_array_equal(bins.edges, people.summaries["pulse"].histogram.edges)
    expected = np.histogram(frame["pulse"].dropna(), bins.edges)[0]
    np.testing.assert_array_equal(np.bincount(bins.codes, minlength=len(bins.edges))[:-1], expected)
    with pytest.raises(FeatureError, match="no histogram"):
        people.summaries.bins("city")


def test_project_by_pca_is_that_of_scikit_learn(people, frame):
    embedding = people.project(FEATURES, method="pca")
    values = frame[FEATURES].to_numpy(float)
    expected = PCA(2, svd_solver="full").fit_transform(
        (values - values.mean(0)) / values.std(0, ddof=1)
    )
    for axis in range(2):
        sign = np.sign(expected[:, axis] @ embedding.xy[:, axis])
        scale = np.abs(expected[:, axis]).max()
        np.testing.assert_allclose(
            sign * embedding.xy[:, axis] / scale, expected[:, axis] / scale, atol=2e-3
        )
    np.testing.assert_array_equal(embedding.rows, np.arange(len(frame)))


def test_where_projects_a_part_of_the_rows(people, frame):
    embedding = people.project(FEATURES, method="pca", where="age >= 40")
    np.testing.assert_array_equal(embedding.rows, np.flatnonzero(frame["age"] >= 40))


def test_the_second_time_an_embedding_comes_from_the_cache(people, monkeypatch):
    first = people.project(FEATURES, method="pca", weights={"age": 2})

    def fail(*_, **__):
        raise AssertionError("computed again")

    monkeypatch.setattr(cached, "compute_embedding", fail)
    again = people.project(FEATURES[::-1], method="pca", weights={"age": 2.0})
    np.testing.assert_array_equal(again.xy, first.xy)
    assert again.provenance["key"] == first.provenance["key"]
    with pytest.raises(AssertionError, match="computed again"):
        people.project(FEATURES, method="pca", weights={"age": 3})


def test_progress_that_returns_false_cancels(people):
    with pytest.raises(explorer.Cancelled):
        people.project(FEATURES, method="pca", scale="robust", progress=lambda *_: False)


@pytest.fixture(scope="module")
def weather(tmp_path_factory):
    """A table whose −999 and "?" are missing, says the catalogue."""
    path = tmp_path_factory.mktemp("catalogue") / "weather.yaml"
    path.write_text('features:\n  rain: {sentinels: [-999]}\n  sky: {sentinels: ["?"]}\n')
    rng = np.random.default_rng(0)
    rain, sky = rng.uniform(0, 9, 200), rng.choice(["blue", "grey", "?"], 200, p=[0.5, 0.4, 0.1])
    rain[:20] = -999
    return explorer.open_table(
        pd.DataFrame({"rain": rain, "wind": rng.uniform(0, 9, 200), "sky": sky}), catalogue=path
    )


def test_sentinels_of_the_catalogue_reach_the_matrix(weather):
    embedding = weather.project(["rain", "wind"], method="pca", missing="drop")
    np.testing.assert_array_equal(embedding.rows, np.arange(20, 200))


def test_sentinels_of_the_catalogue_are_missing_in_colours_and_counts(weather):
    assert np.isnan(weather.columns.numbers("rain")).sum() == 20
    assert weather.columns.levels("sky").labels == ["blue", "grey"]
    assert weather.summaries["rain"].missing == 20


@pytest.fixture(scope="module")
def money():
    """Numbers written as text, one in twenty of them not a number."""
    rng = np.random.default_rng(0)
    values = rng.integers(1000, 9_000_000, 400)
    written = [("n/a" if i % 20 == 0 else f"{value:,}") for i, value in enumerate(values)]
    return explorer.open_table(pd.DataFrame({"gross": written, "rank": np.arange(400)})), values


def test_numbers_as_text_are_numbers_and_what_does_not_read_is_missing(money):
    table, values = money
    expected = np.where(np.arange(400) % 20 == 0, np.nan, values)
    np.testing.assert_array_equal(table.columns.numbers("gross"), expected)
    assert table.columns.numbers("gross") is table.columns.numbers("gross")
    assert table.features["gross"].kind != "numeric"


def test_numbers_times_and_numbers_as_text_are_looked_at_along_a_scale(people, money):
    chosen = [name for name in people.column_names if people.columns.is_number(name)]
    kinds = {people.features[name].kind for name in chosen}
    assert kinds == {"numeric", "temporal"}
    assert not people.columns.is_number("city")
    assert not people.columns.is_number("member")
    assert money[0].columns.is_number("gross")


def test_rows_that_were_looked_up_are_kept_until_something_is_edited(weather, monkeypatch):
    columns, read = weather.columns, []
    lookup = type(columns.source).lookup

    def counted(source, rows, names):
        read.append(list(rows))
        return lookup(source, rows, names)

    monkeypatch.setattr(type(columns.source), "lookup", counted)
    for rows in ([1, 5], [1, 5], [1, 6]):
        cells = columns.lookup(np.array(rows), ["rain", "sky"])
        assert cells.equals(columns.source.take(np.array(rows), ["rain", "sky"]))
    assert read == [[1, 5], [1, 6]]
    monkeypatch.setattr(columns, "edit_count", columns.edit_count + 1)
    columns.lookup(np.array([1, 5]), ["rain", "sky"])
    assert len(read) == 3


def opened_again(table):
    columns = table.columns
    return workbench.Table(TableColumns(columns.source, columns.catalogue, columns.cache))


def test_parsed_numbers_and_codes_share_one_limit(money, monkeypatch):
    monkeypatch.setattr(table_cache, "_CODED_BYTES", 1)
    table = opened_again(money[0])
    table.columns.numbers("gross")
    table.columns.levels("gross")
    assert list(table.columns.results.coded) == [("levels", "gross")]


def test_coded_columns_are_kept_within_a_limit(people, monkeypatch):
    monkeypatch.setattr(table_cache, "_CODED_BYTES", 1)
    table = opened_again(people)
    assert table.columns.levels("city") is table.columns.levels("city")
    table.summaries.bins("age")
    assert list(table.columns.results.coded) == [("bins", "age")]
    assert table.summaries.bins("age") is table.summaries.bins("age")


def test_names_come_in_any_iterable_but_a_bare_text(people):
    expected = people.matrix_spec(FEATURES)
    features = [people.features[name] for name in FEATURES]
    for given in (np.array(FEATURES), iter(FEATURES), features):
        assert people.matrix_spec(given) == expected
    with pytest.raises(FeatureError, match=r"a list of names, came 'age': write \['age'\]"):
        people.project("age")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"weights": {"age": "x"}}, "weight of feature 'age' must be a number"),
        ({"weights": {"pulse": 2}}, "weights names 'pulse', which is not among"),
        ({"transform": {"pulse": "rank"}}, "transform names 'pulse'"),
        ({"encode": {"since": "hour"}}, "encode names 'since'"),
        ({"where": np.ones(600, bool)}, "where must be an expression .* came a ndarray"),
    ],
)
def test_a_setting_that_cannot_have_an_effect_is_refused(people, setting, words):
    with pytest.raises(FeatureError, match=words):
        people.project(FEATURES, method="pca", **setting)


def test_chosen_rows_are_projected_alone_and_the_provenance_says_how_they_were_chosen(people):
    old = explorer.where(people, "age > 50")
    made = people.project(FEATURES, method="pca", rows=old)
    np.testing.assert_array_equal(made.rows, old.rows())
    by_expression = people.project(FEATURES, method="pca", where="age > 50")
    np.testing.assert_array_equal(made.xy, by_expression.xy)
    for same in (old.mask, old.rows(), old.rows()[::-1]):
        np.testing.assert_array_equal(people.project(FEATURES, method="pca", rows=same).xy, made.xy)
    said = made.provenance["matrix"]["spec"]["rows"]
    assert (said["count"], said["definition"]) == (old.count(), {"expression": "age > 50"})
    assert made.row_subset.seen == {"age": "made the group"}
    assert f"only {old.count():,} chosen rows" in features_in_words(made.provenance)
    everything = people.project(FEATURES, method="pca", rows=np.ones(600, bool))
    np.testing.assert_array_equal(everything.xy, people.project(FEATURES, method="pca").xy)


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        ([], FeatureError, "needs at least 2 rows, came 0: .* 0 after 'where' of the chosen ones"),
        ([7], FeatureError, "needs at least 2 rows, came 1"),
        (np.ones(5, bool), TableError, "one boolean for each of the 600 rows"),
        ([600], TableError, "row numbers from 0 to 599, got 600 to 600"),
        ([1.5], TableError, "expected row numbers, got float64"),
        ("age > 50", TableError, "pass an expression as where="),
        (Selection.of_rows([1], 3, "x"), TableError, "another table"),
    ],
)
def test_rows_that_cannot_be_mapped_are_refused(people, rows, error, words):
    with pytest.raises(error, match=words):
        people.project(FEATURES, method="pca", rows=rows)


def test_rows_chosen_by_a_column_are_told_to_who_compares_groups_of_their_map(people, tmp_path):
    made = people.project(["height"], method="pca", rows=explorer.where(people, "age > 50"))
    drawn = explorer.build_map(made, tmp_path / "map", table=people)
    everything = drawn.box((-99, 99), (-99, 99))
    assert everything.seen == {
        "height": "drew this map",
        "age": "chose the rows of this map",
    }


def test_infinite_values_are_settled_as_asked(tmp_path):
    frame = pd.DataFrame({"a": [1.0, 2.0, np.inf, 4.0], "b": [1.0, 3.0, 2.0, 4.0]})
    table = explorer.open_table(frame, cache=Cache(tmp_path))
    with pytest.raises(FeatureError, match="infinite='clip'"):
        table.project(["a", "b"], "pca")
    clipped = explorer.open_table(frame.clip(upper=4.0), cache=Cache(tmp_path)).project(
        ["a", "b"], "pca"
    )
    np.testing.assert_array_equal(table.project(["a", "b"], "pca", infinite="clip").xy, clipped.xy)
    assert table.project(["a", "b"], "pca", infinite="missing").imputed_rows == 1
