from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import EmbeddingError, FeatureError
from explorer.embedding.aligned import laid_onto
from explorer.embedding.cached import EMBEDDING_FILE, cached_embedding, find_embedding
from explorer.embedding.embedding import open_embedding
from explorer.embedding.embedding_columns import embedding_from_columns
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.spec import MatrixSpec
from explorer.jobs.task import MAP_FOLDER, map_error, project_into, store_embedding
from explorer.map.map import open_map
from explorer.map.map_store import open_store
from explorer.selection.row_subset import RowSubset, keep_rows
from explorer.selection.selection import Selection
from explorer.sources.source import open_source
from explorer.table.table import open_table
from projections import Cancelled


class Silent:
    """Counts what it is told, and cancels at a stage."""

    def __init__(self, stop=None):
        self.stop = stop
        self.steps = []
        self.stages = []

    def expect(self, steps):
        self.steps = steps

    def __call__(self, stage, *_):
        self.stages.append(stage)
        return stage != self.stop


@pytest.fixture
def source(cache):
    rng = np.random.default_rng(0)
    return open_source(pd.DataFrame(rng.normal(size=(200, 3)), columns=list("abc")), cache)


def spec(method="pca", features="abc", **options):
    return ProjectionSpec(
        MatrixSpec(tuple(features), **options), method, {} if method == "pca" else {"n_epochs": 5}
    )


def test_the_expected_steps_are_the_stages_that_come(cache, source):
    progress = Silent()
    list(project_into(cache, source, [spec(), spec("umap"), spec(features="ab")], progress))
    expected = [step.stage for step in progress.steps if step.stage != "place"]
    came = [
        stage
        for i, stage in enumerate(progress.stages)
        if i == 0 or stage != progress.stages[i - 1]
    ]
    assert came == expected
    assert all(step.seconds > 0 for step in progress.steps if step.stage != "place")


def test_previews_have_the_coordinates_of_the_finished_embedding(cache, source):
    preview, finished = project_into(cache, source, [spec("umap")], Silent())
    assert (preview.preview, finished.preview) == (True, False)
    one, other = (open_embedding(event.folder / EMBEDDING_FILE) for event in (preview, finished))
    assert one.xy.tobytes() == other.xy.tobytes()
    assert one.scores == {} != other.scores
    assert (
        open_store(preview.folder / MAP_FOLDER).checksum
        == open_store(finished.folder / MAP_FOLDER).checksum
    )


def test_the_map_of_landmarks_can_be_drawn_while_all_rows_are_laid_out(cache, source, monkeypatch):
    for name in ("umap.LANDMARKS_ABOVE", "cost._AUTO_ABOVE"):
        monkeypatch.setattr(f"projections.{name}", 150)
    for name in ("umap.N_LANDMARKS", "cost._AUTO_LANDMARKS"):
        monkeypatch.setattr(f"projections.{name}", 100)
    progress, early = Silent(), []
    for event in project_into(cache, source, [spec("umap")], progress, early.append):
        early.append(event)
    first, laid_out, finished = (open_embedding(event.folder / EMBEDDING_FILE) for event in early)
    assert [event.preview for event in early] == [True, True, False]
    assert len({event.key for event in early}) == 1
    assert len(first.rows) == open_store(early[0].folder / MAP_FOLDER).n == 200
    assert first.optimised.sum() == 100
    assert finished.optimised.all()
    assert np.isfinite(first.xy).all()
    assert first.xy.tobytes() != finished.xy.tobytes() == laid_out.xy.tobytes()
    came = [
        stage
        for i, stage in enumerate(progress.stages)
        if i == 0 or stage != progress.stages[i - 1]
    ]
    assert came == [step.stage for step in progress.steps]


def test_a_cancel_in_any_stage_keeps_nothing_unfinished(cache, source):
    for stage in ("matrix", "neighbors", "layout", "scores"):
        with pytest.raises(Cancelled):
            list(project_into(cache, source, [spec("umap")], Silent(stop=stage)))
        assert cache.get("embeddings", spec("umap").key(source.fingerprint)) is None
    assert not list((cache.folder / "tmp").glob("*"))


def test_an_embedding_computed_without_a_map_gets_one_and_is_not_computed_again(cache, source):
    made = cached_embedding(source, spec(), cache)
    progress = Silent()
    (event,) = project_into(cache, source, [spec()], progress)
    assert set(progress.stages) == {"map"}
    assert open_embedding(event.folder / EMBEDDING_FILE).xy.tobytes() == made.xy.tobytes()


def test_the_workbench_opens_the_map_of_some_rows_and_of_ready_coordinates(cache, source):
    frame = pd.DataFrame({name: source.numeric(name) for name in "abc"})
    table = open_table(frame, cache=cache)
    *_, event = project_into(cache, table.source, [spec(where="a > 0")], Silent())
    np.testing.assert_array_equal(
        open_map(event.folder / MAP_FOLDER, table).rows, np.flatnonzero(frame["a"] > 0)
    )
    folder = store_embedding(cache, embedding_from_columns(table.source, "a", "b"))
    assert len(open_map(folder / MAP_FOLDER, table).rows) == 200


def test_a_map_of_an_older_version_is_built_again_from_its_coordinates_and_that_is_said(
    cache, source
):
    *_, finished = project_into(cache, source, [spec()], Silent())
    before = open_store(finished.folder / MAP_FOLDER).checksum
    for harm in ('{"schema": 1, "files": "x"}', "{"):
        (finished.folder / MAP_FOLDER / "current.json").write_text(harm)
        assert map_error(finished.folder)
        progress = Silent()
        (event,) = project_into(cache, source, [spec()], progress)
        assert set(progress.stages) == {"map"}
        assert "built again" in event.note
        assert open_store(event.folder / MAP_FOLDER).checksum == before
    (again,) = project_into(cache, source, [spec()], Silent())
    assert again.note == ""


def test_a_worker_projects_chosen_rows_alone(cache, source):
    chosen = Selection.of_rows(np.arange(5, 65), 200, source.fingerprint)
    subset = RowSubset.of(chosen, "60 selected")
    asked = spec(rows=subset)
    with pytest.raises(FeatureError, match=r"60 rows to project \(60 selected\) are not known"):
        list(project_into(cache, source, [asked], Silent()))
    keep_rows(cache, chosen, subset)
    made = open_embedding(
        list(project_into(cache, source, [asked], Silent()))[-1].folder / EMBEDDING_FILE
    )
    np.testing.assert_array_equal(made.rows, np.arange(5, 65))
    np.testing.assert_array_equal(
        made.xy, cached_embedding(source, asked, cache, rows=chosen.mask).xy
    )
    assert made.row_subset == subset
    assert made.provenance["rows"]["left_out"] == 140


def test_a_map_is_laid_onto_another_one_and_made_once(cache, source, monkeypatch):
    (*_, first) = project_into(cache, source, [spec("umap")], Silent())
    shown = open_embedding(first.folder / EMBEDDING_FILE)
    asked = replace(spec("umap", "ab"), aligned_to=first.key)
    plain = open_embedding(
        list(project_into(cache, source, [spec("umap", "ab")], Silent()))[-1].folder
        / EMBEDDING_FILE
    )
    # what is there already is laid onto the other one without being made again
    monkeypatch.setattr("explorer.jobs.task.lay_out", None)
    (made,) = project_into(cache, source, [asked], Silent())
    found = open_embedding(made.folder / EMBEDDING_FILE)
    assert made.key == asked.key(source.fingerprint) != plain.provenance["key"]
    np.testing.assert_array_equal(found.xy, laid_onto(plain, shown, made.key).xy)
    assert np.linalg.norm(found.xy - shown.xy) <= np.linalg.norm(plain.xy - shown.xy)
    assert not map_error(made.folder)


def test_what_is_made_to_be_laid_onto_another_one_is_kept_as_it_came(cache, source):
    (*_, first) = project_into(cache, source, [spec("umap")], Silent())
    asked = replace(spec("umap", "ab"), aligned_to=first.key)
    preview, made = project_into(cache, source, [asked], Silent())
    assert preview.preview
    assert preview.key == made.key
    kept = find_embedding(cache, asked.unaligned.key(source.fingerprint))
    assert kept.provenance["key"] == asked.unaligned.key(source.fingerprint)
    seen = open_embedding(preview.folder / EMBEDDING_FILE)
    np.testing.assert_array_equal(seen.xy, open_embedding(made.folder / EMBEDDING_FILE).xy)


def test_a_map_that_left_the_cache_is_no_reference(cache, source):
    asked = replace(spec("umap", "ab"), aligned_to="gone")
    with pytest.raises(EmbeddingError, match="no longer in the cache: press Project again"):
        list(project_into(cache, source, [asked], Silent()))
