import json
import subprocess
import sys

import numpy as np
import pytest

import projections.errors
from explorer.core.errors import EmbeddingError
from explorer.map.map_store import build_store, checksum, open_store
from explorer.map.tiles import TILE_ROWS


def stored(store):
    """Coordinates in data units, in the order of xy; NaN without."""
    xy = np.full((store.n_rows, 2), np.nan)
    xy[store.order, 0] = store.origin[0] + store.x.astype(np.float64)
    xy[store.order, 1] = store.origin[1] + store.y.astype(np.float64)
    return xy


def test_float32_is_kept_bit_for_bit(store_of, blobs):
    blobs[5] = (-0.0, 1e-45)
    store = store_of(blobs)
    assert store.origin == (0.0, 0.0)
    assert np.array_equal(store.x.view(np.uint32), blobs[store.order, 0].view(np.uint32))
    assert np.array_equal(store.y.view(np.uint32), blobs[store.order, 1].view(np.uint32))


def test_float64_that_holds_float32_is_kept_bit_for_bit(store_of, blobs):
    store = store_of(blobs.astype(np.float64))
    assert store.origin == (0.0, 0.0)
    assert np.array_equal(stored(store), blobs)


def test_float64_far_from_zero_keeps_the_precision_of_its_extent(store_of):
    xy = np.random.default_rng(0).standard_normal((5000, 2)) + np.array([4.5e8, -1e7])
    store = store_of(xy)
    assert np.abs(stored(store) - xy).max() < 5 * np.finfo(np.float32).eps
    assert store.extent == pytest.approx(
        (xy[:, 0].min(), xy[:, 0].max(), xy[:, 1].min(), xy[:, 1].max())
    )


def test_extent_holds_exactly_the_stored_coordinates(store_of, blobs):
    store = store_of(blobs + np.float64(0.1))
    xy = stored(store)
    assert store.extent == (xy[:, 0].min(), xy[:, 0].max(), xy[:, 1].min(), xy[:, 1].max())


def test_rows_without_coordinates_are_counted_not_stored(store_of, blobs):
    blobs[::7, 0] = np.nan
    blobs[3] = (np.inf, 0)
    blobs[4, 1] = -np.inf
    store = store_of(blobs)
    finite = np.isfinite(blobs).all(axis=1)
    assert (store.n, store.n_without) == (finite.sum(), (~finite).sum())
    assert np.array_equal(np.sort(store.order), np.flatnonzero(finite))


def test_order_arrange_restore_and_positions_are_one_permutation(store_of, blobs):
    blobs[::3] = np.nan
    store = store_of(blobs)
    values = np.arange(len(blobs), dtype=np.int64)
    assert np.array_equal(store.arrange(values), store.order)
    back = store.restore(store.arrange(values))
    assert np.array_equal(back, np.where(store.positions >= 0, values, 0))
    assert np.array_equal(store.positions[store.order], np.arange(store.n))
    assert store.arrange(values[::-1]).flags.c_contiguous
    with pytest.raises(EmbeddingError, match=r"\(20000,\)"):
        store.arrange(values[:-1])
    with pytest.raises(EmbeddingError, match="tile order"):
        store.restore(values)


def test_bounds_are_the_bounding_boxes_of_consecutive_rows(store_of, blobs):
    store = store_of(blobs)
    assert len(store.bounds) == -(-store.n // TILE_ROWS)
    for t, (left, right, low, high) in enumerate(store.bounds):
        rows = slice(t * TILE_ROWS, (t + 1) * TILE_ROWS)
        assert (left, right) == (store.x[rows].min(), store.x[rows].max())
        assert (low, high) == (store.y[rows].min(), store.y[rows].max())


@pytest.mark.parametrize("outliers", [0, 3])
def test_tiles_are_small_and_few_outliers_do_not_change_that(store_of, outliers):
    xy = np.random.default_rng(0).random((64 * TILE_ROWS, 2)).astype(np.float32)
    xy[:outliers] = 1e6
    bounds = np.asarray(store_of(xy).bounds)
    areas = (bounds[:, 1] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 2])
    # 64 equal squares would have 1/64 each; the curve's pieces are at most a few times as large
    assert np.median(areas) < 2.5 / 64


def test_rows_on_one_point_stay_in_row_order(store_of):
    store = store_of(np.full((5000, 2), 7, np.float32))
    assert np.array_equal(store.order, np.arange(5000))
    assert store.extent == (7, 7, 7, 7)


@pytest.mark.parametrize(
    ("xy", "n"),
    [
        (np.empty((0, 2), np.float32), 0),
        (np.full((3, 2), np.nan), 0),
        (np.zeros((1, 2)), 1),
        (np.array([[0, 0], [1e6, 1e6]], np.float32), 2),
        (np.array([[0, 0], [5e-324, 0]]), 2),
        (np.array([[1, 2], [3, 4]]), 2),
        (np.array([[-3e38, 0], [3e38, 0]], np.float32), 2),
    ],
)
def test_small_and_strange_embeddings_are_stored(store_of, xy, n):
    store = store_of(xy)
    assert store.n == len(store.x) == n
    assert store.n_rows == len(xy)


def test_the_caller_s_array_is_not_written_to(store_of, blobs):
    before = blobs.copy()
    blobs.flags.writeable = False
    store_of(blobs)
    assert np.array_equal(blobs, before)


def test_views_and_other_layouts_give_the_same_store(store_of, blobs):
    wide = np.zeros((len(blobs), 5), np.float32)
    wide[:, [1, 3]] = blobs
    a, b, c = store_of(blobs), store_of(wide[:, 1::2]), store_of(np.asfortranarray(blobs))
    assert a.checksum == b.checksum == c.checksum == checksum(blobs)
    assert np.array_equal(a.order, b.order)
    assert checksum(blobs) != checksum(blobs[::-1])


@pytest.mark.parametrize(
    ("xy", "words"),
    [
        (np.zeros(4), "shape"),
        (np.zeros((4, 3)), "shape"),
        (np.array([["a", "b"]]), "numbers"),
        (np.array([[0, 0], [1e300, 1]]), "does not fit float32"),
    ],
)
def test_what_is_no_embedding_is_refused(tmp_path, xy, words):
    with pytest.raises(EmbeddingError, match=words):
        build_store(xy, tmp_path / "map")
    assert list(tmp_path.iterdir()) == []


def test_a_map_is_replaced_and_a_foreign_folder_is_not(tmp_path, blobs):
    build_store(blobs, tmp_path / "map")
    (tmp_path / "map" / "of_the_old_one").touch()
    assert build_store(blobs[:10], tmp_path / "map").n == 10
    assert not (tmp_path / "map" / "of_the_old_one").exists()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").touch()
    for place in ("thesis", "thesis/chapter1.tex"):
        with pytest.raises(EmbeddingError, match="something else"):
            build_store(blobs, tmp_path / place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["map", "thesis"]


def test_progress_reports_and_cancels_and_leaves_nothing(tmp_path, blobs):
    seen = []
    build_store(blobs, tmp_path / "map", progress=lambda *call: seen.append(call))
    assert {stage for stage, _, _ in seen} == {
        "map: extent",
        "map: order",
        "map: x",
        "map: y",
        "map: done",
    }
    assert seen[-1][1:] == (20_000, 20_000)
    for stop in range(1, len(seen) + 1):
        calls = []
        with pytest.raises(projections.errors.Cancelled):
            build_store(
                blobs,
                tmp_path / "other",
                progress=lambda *call, c=calls, s=stop: c.append(call) or len(c) < s,
            )
    assert [p.name for p in tmp_path.iterdir()] == ["map"]


def test_a_failed_replacement_keeps_the_old_map(tmp_path, blobs):
    build_store(blobs, tmp_path / "map")
    with pytest.raises(projections.errors.Cancelled):
        build_store(blobs[:5], tmp_path / "map", progress=lambda *_: False)
    assert open_store(tmp_path / "map").n == 20_000


def test_reading_is_by_memory_map_and_read_only(tmp_path, blobs):
    build_store(blobs, tmp_path / "map")
    store = open_store(tmp_path / "map")
    assert isinstance(store.x.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        store.x[0] = 1


def _set(folder, **changes):
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, **changes}))


def _point(folder, **changes):
    said = json.loads((folder / "current.json").read_text())
    (folder / "current.json").write_text(json.dumps({**said, **changes}))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda f: (f / "meta.json").unlink(), "damaged"),
        (lambda f: (f / "meta.json").write_text('{"schema": 1'), "damaged"),
        (lambda f: (f / "meta.json").write_text('{"schema": 2, "tile_rows": 1024}'), "lacks"),
        (lambda f: (f / "meta.json").write_text("[]"), "damaged"),
        (lambda f: _set(f, schema=0), "version 0"),
        (lambda f: _set(f, n=7), "damaged"),
        (lambda f: (f / "x.npy").unlink(), "damaged"),
        (lambda f: (f / "y.npy").write_bytes((f / "y.npy").read_bytes()[:5000]), "damaged"),
        (lambda f: (f / "order.npy").write_bytes(b""), "damaged"),
        (lambda f: np.save(f / "bounds.npy", np.zeros((20, 4))), "damaged"),
    ],
)
def test_a_damaged_or_older_map_is_refused_with_words(tmp_path, blobs, harm, words):
    harm(build_store(blobs, tmp_path / "map").files)
    with pytest.raises(EmbeddingError, match=words) as error:
        open_store(tmp_path / "map")
    assert "build it" in str(error.value)
    assert build_store(blobs, tmp_path / "map").n == len(blobs)  # and that is what helps


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda f: (f / "current.json").unlink(), "is no map"),
        (lambda f: (f / "current.json").write_text("{"), "damaged"),
        (lambda f: (f / "current.json").write_text("[]"), "damaged"),
        (lambda f: _point(f, schema=3), "version 3"),
        (lambda f: _point(f, files="elsewhere"), "damaged"),
        (
            lambda f: ((f / "current.json").unlink(), (f / "meta.json").write_text("{}")),
            "version 1",
        ),
    ],
)
def test_a_folder_that_points_to_no_map_of_this_version_is_refused_with_words(
    tmp_path, blobs, harm, words
):
    build_store(blobs, tmp_path / "map")
    harm(tmp_path / "map")
    with pytest.raises(EmbeddingError, match=words) as error:
        open_store(tmp_path / "map")
    assert "build it" in str(error.value)


def test_a_map_of_the_first_version_is_replaced_and_its_files_go(tmp_path, blobs):
    folder = tmp_path / "map"
    folder.mkdir()
    for name in ("meta.json", "x.npy", "y.npy", "order.npy", "bounds.npy", "about.json"):
        (folder / name).write_text("{}")
    store = build_store(blobs, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["current.json", store.files.name]
    )


def test_a_map_that_is_in_use_goes_on_while_it_is_replaced(tmp_path, blobs):
    used = build_store(blobs, tmp_path / "map")
    newer = build_store(blobs[:10], tmp_path / "map")
    assert used.files != newer.files
    assert float(used.x.sum()) == float(blobs[used.order, 0].sum())
    assert open_store(tmp_path / "map").n == 10


def test_a_killed_build_leaves_the_map_before_it_and_the_next_one_sweeps(tmp_path, blobs):
    script = (
        "import sys, os, numpy as np; from explorer.map.map_store import build_store\n"
        "def die(stage, done, total):\n"
        "    if stage == 'map: y': os.kill(os.getpid(), 9)\n"
        "build_store(np.zeros((50, 2), np.float32), sys.argv[1], progress=die)"
    )
    folder = tmp_path / "map"
    for had in (False, True):
        done = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
        assert done.returncode != 0
        if had:
            assert open_store(folder).n == 10
        assert build_store(blobs[:10], folder).n == 10


def test_what_belongs_to_a_map_is_there_before_anybody_can_open_it(tmp_path, blobs):
    build_store(
        blobs, tmp_path / "map", also=lambda files: (files / "more.txt").write_text("of the first")
    )

    def fail(files):
        assert (files / "meta.json").exists()
        raise OSError(28, "No space left on device")

    with pytest.raises(EmbeddingError, match="No space left"):
        build_store(blobs[:5], tmp_path / "map", also=fail)
    assert (open_store(tmp_path / "map").files / "more.txt").read_text() == "of the first"


def test_a_folder_that_cannot_be_written_is_said(tmp_path, blobs, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(EmbeddingError, match="No space left"):
        build_store(blobs, tmp_path / "map")
    assert list(tmp_path.iterdir()) == []
