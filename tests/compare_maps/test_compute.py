import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.compare_maps import compute as comparing_maps
from explorer.compare_maps.compute import aligned_folder, aligned_map
from explorer.core.cache import Cache
from explorer.core.errors import ComparisonError, EmbeddingError
from explorer.embedding.embedding import Embedding
from explorer.table.table import open_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(500, 4)), columns=list("abcd"))
    return open_table(frame, cache=Cache(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def maps(table):
    return table.project(list("abcd"), "pca"), table.project(list("abc"), "pca")


def test_a_change_is_found_once_and_then_opened(table, maps, monkeypatch):
    found = explorer.compare_maps(*maps, table, k=10)
    assert 0 < found.share < found.chance
    monkeypatch.setattr(comparing_maps, "map_change", None)  # would fail if it were called again
    again = explorer.compare_maps(*maps, table, k=10)
    np.testing.assert_array_equal(again.changed, found.changed)
    np.testing.assert_array_equal(again.rows, found.rows)
    assert (again.document(), again.words) == (found.document(), found.words)
    with pytest.raises(TypeError):
        explorer.compare_maps(*maps, table, k=11)


def test_without_a_table_the_same_is_found_and_nothing_kept(table, maps):
    before = len(table.columns.cache.entries())
    found = explorer.compare_maps(*maps, k=7)
    assert len(table.columns.cache.entries()) == before
    np.testing.assert_array_equal(found.changed, explorer.compare_maps(*maps, table, k=7).changed)


def test_the_change_colours_a_map(table, maps, tmp_path):
    drawn = explorer.build_map(maps[0], tmp_path / "map", table)
    change = explorer.compare_maps(*maps, table)
    view = explorer.Viewport.fitted(drawn.store.extent, 60, 40)
    means = drawn.aggregate(view, "mean", change.on(drawn.rows))
    assert np.nanmin(means) >= 0
    assert np.nanmax(means) <= 1


def test_an_aligned_map_is_kept_and_is_found_by_its_key(table, maps, monkeypatch):
    first, second = maps
    embedding, drawn = aligned_map(table, second, first)
    assert embedding.name == f"{second.name}, aligned to {first.name}"
    np.testing.assert_array_equal(drawn.rows, embedding.rows)
    np.testing.assert_array_equal(drawn.store.restore(drawn.store.x), embedding.xy[:, 0])
    monkeypatch.setattr(comparing_maps, "aligned_embedding", None)
    key, folder = aligned_folder(table.columns.cache, second, first)
    assert table.columns.cache.get("embeddings", key) == folder
    assert aligned_map(table, second, first)[0].provenance["key"] == key


def test_a_session_takes_an_aligned_map_and_finds_selections_on_it(session):
    (key, first), (_, second) = session.projection.available()[:2]
    _, other = aligned_folder(session.table.columns.cache, second, first)
    session.projection.open(ready=(key + "-aligned", other))
    assert any(one.provenance.get("aligned") for _, one in session.projection.available())
    aligned_key = next(
        one.provenance["key"]
        for _, one in session.projection.available()
        if one.provenance.get("aligned")
    )
    assert session.projection.find_map(aligned_key).name.endswith(f"aligned to {first.name}")


def test_a_cache_that_cannot_be_written_costs_nothing_but_a_warning(
    table, maps, monkeypatch, caplog
):
    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(Cache, "put", full)
    assert explorer.compare_maps(*maps, table, k=3).n_neighbors == 3
    assert "not kept for the next time: disk full" in caplog.text


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "15"])
def test_a_k_that_is_none_is_refused(maps, k):
    with pytest.raises(ComparisonError, match="integer of at least 1"):
        explorer.compare_maps(*maps, k=k)


def test_maps_of_other_tables_are_refused(table, maps, people):
    with pytest.raises(EmbeddingError, match="open the table it was made from"):
        explorer.compare_maps(*maps, people)
    with pytest.raises(EmbeddingError, match="open the table it was made from"):
        explorer.compare_maps(maps[0], people.project(["height", "weight"], "pca"), table)
    with pytest.raises(EmbeddingError, match="open the table it was made from"):
        aligned_map(people, *maps)
    with pytest.raises(EmbeddingError, match="came a str"):
        explorer.compare_maps(maps[0], "umap")


def test_progress_is_told_and_false_cancels(maps):
    seen = []
    assert isinstance(maps[0], Embedding)
    explorer.compare_maps(*maps, progress=lambda *step: seen.append(step))
    assert seen[-1][0] == "change"
    with pytest.raises(explorer.Cancelled):
        explorer.compare_maps(*maps, progress=lambda *_: False)
