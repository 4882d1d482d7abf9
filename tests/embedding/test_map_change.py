import json

import numpy as np
import pytest
from scipy import spatial
from sklearn.neighbors import NearestNeighbors

from explorer.core.errors import EmbeddingError
from explorer.embedding.embedding import Embedding
from explorer.embedding.map_change import map_change
from projections import Cancelled

TABLE = {"name": "films", "fingerprint": "ab" * 16, "rows": 2_000}


def embedding(xy, rows, name):
    trust = np.full(len(xy), np.nan, dtype=np.float32)
    return Embedding(np.asarray(xy, np.float32), rows, trust, {}, {"name": name, "table": TABLE})


@pytest.fixture
def two():
    rng = np.random.default_rng(0)
    xy = rng.normal(size=(2_000, 2))
    first = embedding(xy[:1_500], np.arange(1_500), "UMAP of 3 features")
    return first, embedding(
        (xy + 0.05 * rng.normal(size=xy.shape))[500:], np.arange(500, 2_000), "PCA of 3 features"
    )


def test_rows_on_both_are_compared_among_each_other(two):
    first, second = two
    found = map_change(first, second)
    np.testing.assert_array_equal(found.rows, np.arange(500, 1_500))
    planes = first.xy[500:], second.xy[:1_000]
    near = [
        NearestNeighbors(n_neighbors=15).fit(xy).kneighbors(return_distance=False) for xy in planes
    ]
    expected = [1 - len(np.intersect1d(a, b)) / 15 for a, b in zip(*near, strict=True)]
    np.testing.assert_allclose(found.changed, expected, atol=1e-6)
    assert found.share == pytest.approx(np.mean(expected))
    assert found.disparity == pytest.approx(
        spatial.procrustes(*(xy.astype(float) for xy in planes))[2]
    )
    assert (found.n_exact, found.exact, found.n_neighbors) == (1_000, True, 15)


def test_words_say_what_changed_of_which_rows(two):
    words = map_change(*two, k=10).words
    assert (
        "of a row's 10 nearest rows on UMAP of 3 features are not among those on PCA of 3 features"
        in words
    )
    assert (
        "(99 % for maps that have nothing in common). Exact, for all 1,000 rows that are on both."
        in words
    )
    assert (
        "leave .2 % of their variance unexplained" in words
        or "leave .3 % of their variance unexplained" in words
    )


def test_maps_of_one_name_are_told_apart_by_their_order(two):
    words = map_change(two[0], two[0]).words
    assert "on the first map are not among those on the second map (" in words


def test_of_many_rows_some_are_looked_at_and_it_says_so(two, monkeypatch):
    monkeypatch.setattr("explorer.embedding.map_change._LOOKED_AT", 300)
    every, some = map_change(*two), map_change(*two, exact_rows=999)
    assert (some.n_exact, some.exact) == (300, False)
    assert (
        "From 300 rows drawn at random, each compared with all 1,000 that are on both" in some.words
    )
    same = some.changed == every.changed
    assert same.sum() >= 300
    assert abs(some.share - every.share) < 0.03
    assert np.corrcoef(some.changed, every.changed)[0, 1] > 0.5
    assert some.changed.dtype == np.float32


def test_values_for_the_rows_of_a_map_are_nan_where_a_row_is_not_on_both(two):
    first, second = two
    found = map_change(first, second)
    for one in two:
        on = found.on(one.rows)
        assert on.dtype == np.float32
        np.testing.assert_array_equal(np.isnan(on), ~np.isin(one.rows, found.rows))
        np.testing.assert_array_equal(on[~np.isnan(on)], found.changed)
    np.testing.assert_array_equal(found.on(found.rows), found.changed)
    np.testing.assert_array_equal(found.on([1_999, 700]), [np.nan, found.changed[200]])


def test_the_same_map_changes_nothing(two):
    found = map_change(two[0], two[0])
    assert found.share == found.changed.max() == 0
    assert found.disparity == pytest.approx(0, abs=1e-12)


def test_one_row_in_common_has_no_neighbours(two):
    first, second = two
    alone = embedding(second.xy[:1], np.array([500]), "one")
    found = map_change(first, alone)
    assert (found.share, found.n_neighbors, found.changed.tolist()) == (0.0, 0, [0.0])
    assert "no neighbours to compare" in found.words


def test_the_document_is_json(two):
    document = json.loads(json.dumps(map_change(*two).document()))
    assert document["n_exact"] == 1_000


def test_other_tables_are_refused_and_false_cancels(two):
    other = Embedding(
        two[1].xy,
        two[1].rows,
        two[1].trust,
        {},
        {"name": "x", "table": {**TABLE, "fingerprint": "cd" * 16}},
    )
    with pytest.raises(EmbeddingError, match="open the table it was made from"):
        map_change(two[0], other)
    with pytest.raises(Cancelled):
        map_change(*two, progress=lambda *_: False)
