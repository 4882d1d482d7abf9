"""Regions of real embeddings; the oracles are planted clusters and scikit-learn's neighbours."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import EmbeddingError
from explorer.embedding.embedding_columns import embedding_from_columns
from explorer.map.regions import landmark_clusters as growing

FEATURES = ["a", "b", "c"]


def frame_of(n, seed=0):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 4, n)
    centres = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]])
    frame = pd.DataFrame(centres[group] + rng.normal(size=(n, 3)), columns=FEATURES)
    frame["kind"] = np.array(["Rain", "Snow", "Wind", "Storm"])[group]
    frame["even"] = group % 2 == 0
    return frame, group


@pytest.fixture
def table(tmp_path):
    return explorer.open_table(frame_of(900)[0], cache=Cache(tmp_path))


@pytest.fixture
def few_landmarks(monkeypatch):
    monkeypatch.setattr("explorer.map.regioning.MOST_LANDMARKS", 400)


def test_planted_groups_are_regions_with_names_that_say_what_they_are(table):
    found = explorer.regions_of(table.project(FEATURES, method="pca"), table)
    assert adjusted_rand_score(frame_of(900)[1], found.labels(0)) > 0.99
    assert found.complete
    assert {one.reasons[0].level for one in found.levels[0]} == {"Rain", "Snow", "Wind", "Storm"}
    assert (
        found.note
        == "Regions: communities of the neighbours in the map's features, over all 900 rows."
    )
    for regions in found.levels:
        given = [one.name for one in regions if one.name]
        assert len(set(given)) == len(given)
        assert sum(one.rows for one in regions) == 900
    one = found.levels[0][2]
    np.testing.assert_array_equal(found.rows_of(0, 2), np.flatnonzero(found.labels(0) == 2))
    assert len(found.rows_of(0, 2)) == one.rows


def test_the_picture_has_no_part_in_it(table):
    by_pca = explorer.regions_of(table.project(FEATURES, method="pca"), table)
    other = table.project(FEATURES, method="umap", n_epochs=5)
    by_umap = explorer.regions_of(other, table)
    assert by_pca.levels == by_umap.levels
    np.testing.assert_array_equal(by_pca.labels(1), by_umap.labels(1))


def test_other_rows_get_the_region_of_their_nearest_landmark(table, few_landmarks):
    embedding = table.project(FEATURES, method="pca")
    seen = []
    found = explorer.regions_of(embedding, table, preview=seen.append)
    (first,) = seen
    assert (first.complete, found.complete) == (False, True)
    assert (first.labels(0) >= 0).sum() == 400
    assert "found on 400 of 900 rows, at random" in found.note
    X = frame_of(900)[0][FEATURES].to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    landmarks = found.tree.landmarks
    nearest = (
        NearestNeighbors(n_neighbors=1).fit(X[landmarks]).kneighbors(X, return_distance=False)[:, 0]
    )
    np.testing.assert_array_equal(found.labels(1), found.labels(1)[landmarks][nearest])
    assert sum(one.rows for one in found.levels[0]) == 900
    assert sum(one.landmarks for one in found.levels[0]) == 400


def test_a_map_of_some_rows_has_regions_of_these(table, few_landmarks):
    embedding = table.project(FEATURES, method="pca", where="kind <> 'Snow'")
    found = explorer.regions_of(embedding, table)
    kinds = frame_of(900)[0]["kind"].to_numpy()
    assert set(kinds[found.rows]) == {"Rain", "Wind", "Storm"}
    assert found.complete
    assert adjusted_rand_score(frame_of(900)[1][found.rows], found.labels(0)) > 0.99


def test_regions_are_found_once_and_names_follow_the_catalogue(table, monkeypatch):
    embedding = table.project(FEATURES, method="pca")
    first = explorer.regions_of(embedding, table)

    def never(*_, **__):
        raise AssertionError("found again")

    monkeypatch.setattr("explorer.map.regioning.cluster_landmarks", never)
    again = explorer.regions_of(embedding, table)
    assert again.levels == first.levels
    table.edit("kind", "label", "Weather")
    told = [
        reason.words
        for one in explorer.regions_of(embedding, table).levels[0]
        for reason in one.reasons
    ]
    assert any(words.startswith("Weather, Rain: ") for words in told)


def test_regions_are_a_table_of_rows_and_a_table_of_reasons(table):
    found = explorer.regions_of(table.project(FEATURES, method="pca"), table)
    rows = found.to_arrow().to_pandas()
    assert rows["row"].tolist() == list(range(900))
    assert rows["region_0"].tolist() == found.labels(0).tolist()
    assert rows["name_0"].tolist() == [found.levels[0][label].name for label in found.labels(0)]
    reasons = found.reasons_to_arrow().to_pandas()
    first = reasons[(reasons["region_level"] == 0) & (reasons["region"] == 0)].iloc[0]
    assert (first["words"], first["name"]) == (
        found.levels[0][0].reasons[0].words,
        found.levels[0][0].name,
    )
    with pytest.raises(
        explorer.ExplorerError, match=r"no region 99 at level 0: there are 4 at level 0"
    ):
        found.region(0, 99)


def test_rows_that_do_not_part_have_no_regions_and_that_is_said(tmp_path):
    cache = Cache(tmp_path)
    for rows in (2, 5):
        frame = pd.DataFrame({"a": np.arange(rows) % 2, "b": np.arange(rows) % 2 * 1.0})
        table = explorer.open_table(frame, cache=cache)
        found = explorer.regions_of(table.project(["a", "b"], method="pca"), table)
        assert (found.levels, found.complete) == ((), True)
        assert found.note == (
            f"No regions: these features do not separate the {rows} rows checked."
        )
        assert found.to_arrow().num_rows == rows
        assert found.reasons_to_arrow().num_rows == 0


@pytest.mark.parametrize("grouped", [False, True])
def test_groups_of_yes_and_no_alone_are_said_to_be_so(tmp_path, grouped):
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(1200, 3)) + 8 * grouped * rng.integers(0, 2, (1200, 1))
    frame = pd.DataFrame(numbers, columns=FEATURES)
    frame["smoker"], frame["diabetes"] = rng.random((2, 1200)) < 0.3
    table = explorer.open_table(frame, cache=Cache(tmp_path))
    embedding = table.project([*FEATURES, "smoker", "diabetes"], method="pca")
    for _ in range(2):  # found, and kept
        found = explorer.regions_of(embedding, table)
        assert found.levels
        alone = (
            "They follow yes/no columns and categories alone (smoker, diabetes): without "
            "these the rows show no groups."
        )
        assert (alone in found.note) == (not grouped)


def test_fewer_rows_than_neighbours_and_missing_cells_are_no_trouble(tmp_path):
    frame, _ = frame_of(14)
    frame.loc[::3, "a"] = np.nan
    frame["kind"] = None
    table = explorer.open_table(frame, cache=Cache(tmp_path))
    found = explorer.regions_of(table.project(FEATURES, method="pca"), table)
    assert found.complete
    assert all(one.rows for regions in found.levels for one in regions)


def test_coordinates_of_the_table_and_other_tables_are_refused_in_words(table, tmp_path):
    with pytest.raises(EmbeddingError, match="not made from features"):
        explorer.regions_of(embedding_from_columns(table.source, "a", "b"), table)
    other = explorer.open_table(frame_of(900, seed=1)[0], cache=Cache(tmp_path))
    with pytest.raises(EmbeddingError, match="fingerprint"):
        explorer.regions_of(table.project(FEATURES, method="pca"), other)


def test_finding_can_be_cancelled(table):
    with pytest.raises(explorer.Cancelled):
        explorer.regions_of(
            table.project(FEATURES, method="pca"),
            table,
            progress=lambda stage, *_: stage != "communities",
        )


def test_a_damaged_entry_of_the_cache_is_no_trouble(table):
    embedding = table.project(FEATURES, method="pca")
    first = explorer.regions_of(embedding, table)
    (entry,) = [entry for entry in table.columns.cache.entries() if entry.kind == "regions"]
    (entry.folder / "finest.npy").write_bytes(b"")
    assert explorer.regions_of(embedding, table).levels == first.levels


def test_the_version_is_part_of_what_is_kept(table, monkeypatch):
    embedding = table.project(FEATURES, method="pca")
    explorer.regions_of(embedding, table)
    monkeypatch.setattr("explorer.map.regioning.VERSION", growing.VERSION + 1)
    explorer.regions_of(embedding, table)
    assert len([entry for entry in table.columns.cache.entries() if entry.kind == "regions"]) == 2
