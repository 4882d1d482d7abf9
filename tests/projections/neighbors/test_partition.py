import numpy as np
import pytest

from projections.neighbors.partition import Partition


@pytest.fixture(autouse=True)
def small_cells(monkeypatch):
    """Lets few rows fill many cells."""
    monkeypatch.setattr("projections.neighbors.partition.ROWS_PER_CELL", 12)


def test_every_row_stands_in_one_cell(clusters):
    partition = Partition.of(clusters, 0)
    np.testing.assert_array_equal(np.sort(partition.order), np.arange(len(clusters)))
    assert partition.starts[0] == 0
    assert partition.starts[-1] == len(clusters)
    assert (np.diff(partition.starts) >= 0).all()
    assert len(partition.centroids) == len(partition.starts) - 1 == partition.group_starts[-1]
    cells = partition.cells_of_rows()
    for cell, (first, stop) in enumerate(
        zip(partition.starts[:-1], partition.starts[1:], strict=True)
    ):
        assert (cells[partition.order[first:stop]] == cell).all()


def test_rows_of_one_cluster_share_cells(clusters):
    partition = Partition.of(clusters, 0)
    label = (np.arange(len(clusters)) % 6)[partition.order]
    cells = partition.cells_of_rows()[partition.order]
    pure = [len(set(label[cells == cell])) == 1 for cell in np.unique(cells)]
    assert np.mean(pure) > 0.9


def test_the_rows_parted_belong_to_their_own_cells(clusters):
    partition = Partition.of(clusters, 0)
    np.testing.assert_array_equal(partition.cells_for(clusters), partition.cells_of_rows())


def test_an_arranged_partition_is_that_of_rows_in_its_order(clusters):
    partition = Partition.of(clusters, 0)
    arranged = partition.arranged()
    np.testing.assert_array_equal(
        arranged.cells_for(clusters[partition.order]), partition.cells_of_rows()[partition.order]
    )
    np.testing.assert_array_equal(arranged.order, np.arange(len(clusters)))


def test_the_number_of_threads_changes_nothing_and_the_seed_does(clusters):
    one, two, other = (
        Partition.of(clusters, 0, n_jobs=1),
        Partition.of(clusters, 0, n_jobs=2),
        Partition.of(clusters, 1),
    )
    np.testing.assert_array_equal(one.order, two.order)
    assert not np.array_equal(one.order, other.order)


@pytest.mark.parametrize("n", [1, 2, 13, 40])
def test_few_rows_equal_rows_and_an_outlier_are_parted(n, rng):
    for X in (rng.normal(size=(n, 3)), np.zeros((n, 3)), np.r_[np.zeros((n, 3)), [[1e15, 0, 0]]]):
        partition = Partition.of(X.astype(np.float32), 0)
        np.testing.assert_array_equal(np.sort(partition.order), np.arange(len(X)))
        assert np.isfinite(partition.centroids).all()
