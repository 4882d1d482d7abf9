import numpy as np
import pytest
from scipy.sparse import random as random_matrix

from projections.layout.edge_blocks import EdgeBlocks
from projections.layout.fuzzy_graph import Graph


@pytest.fixture
def graph(rng):
    half = random_matrix(200, 200, density=0.05, random_state=3, format="csr", dtype=np.float32)
    matrix = (half + half.T).tocsr()
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return Graph(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data / matrix.data.max(),
    )


def edges_of(blocks):
    heads = np.repeat(blocks.heads, np.diff(blocks.run_starts))
    return heads, blocks.ends, blocks.rates


@pytest.mark.parametrize("pieces", [1, 4, 16])
def test_blocks_hold_every_edge_that_is_strong_enough_once(graph, pieces, monkeypatch):
    monkeypatch.setattr("projections.layout.edge_blocks._PIECES", ((10**9, pieces),))
    blocks = EdgeBlocks.of(graph, 5)
    heads = np.repeat(np.arange(200), np.diff(graph.indptr))
    kept = graph.weights >= 0.2
    expected = sorted(zip(heads[kept], graph.indices[kept], graph.weights[kept], strict=True))
    assert sorted(zip(*edges_of(blocks), strict=True)) == expected
    totals = np.bincount(heads[kept], weights=graph.weights[kept], minlength=200)
    np.testing.assert_allclose(blocks.totals, totals, rtol=1e-5)
    assert blocks.longest >= 1


def test_every_block_joins_its_two_pieces_and_a_round_touches_no_piece_twice(graph, monkeypatch):
    monkeypatch.setattr("projections.layout.edge_blocks._PIECES", ((10**9, 8),))
    blocks = EdgeBlocks.of(graph, 200)
    piece = np.searchsorted(blocks.bounds, np.arange(200), side="right") - 1
    heads, ends, _rates = edges_of(blocks)
    for block in range(64):
        first, stop = blocks.run_starts[blocks.block_starts[block : block + 2]]
        joined = {
            tuple(sorted((piece[a], piece[b])))
            for a, b in zip(heads[first:stop], ends[first:stop], strict=True)
        }
        assert joined <= {divmod(block, 8)}
    seen = []
    for blocks_of_round in blocks.rounds():
        pieces = [one for block in blocks_of_round for one in divmod(block, 8)]
        assert len(pieces) == len(set(pieces))
        seen += blocks_of_round
    within = [piece * 9 for piece in range(8)]
    assert sorted(seen + within) == [
        b for b in range(64) if blocks.block_starts[b] < blocks.block_starts[b + 1]
    ]
