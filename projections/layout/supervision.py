"""Classes of the rows, which weaken the edges between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from projections.layout.fuzzy_graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UNKNOWN", "with_classes"]

UNKNOWN = -1
"""Class of a row whose class is not known."""

# The constants are those of umap-learn 0.5.
_UNKNOWN_DISTANCE = 1.0
_FAR = 2.5
_FARTHEST = 1e12


def with_classes(graph: Graph, classes: NDArray[np.int64], target_weight: float) -> Graph:
    """Return the graph of rows with classes: joined are above all rows of one class.

    Parameters
    ----------
    graph : Graph
    classes : ndarray of shape (n_samples,), int64
        `UNKNOWN` where the class of a row is not known.
    target_weight : float
        From 0, where the features count most, to 1, where edges between classes vanish.

    Returns
    -------
    Graph
        Edges between two classes are weakened, the strongest of each row is made 1 again, and both
        ends are united, as in umap-learn.

    References
    ----------
    McInnes, Healy and Melville 2018, arXiv:1802.03426, and umap-learn 0.5
    (`discrete_metric_simplicial_set_intersection`, `reset_local_connectivity`).
    """
    from scipy.sparse import csr_array

    far = _FAR / (1 - target_weight) if target_weight < 1 else _FARTHEST
    n = len(classes)
    row = np.repeat(np.arange(n), np.diff(graph.indptr))
    mine, other = classes[row], classes[graph.indices]
    distance = np.where(mine == other, 0.0, far)
    distance[(mine == UNKNOWN) | (other == UNKNOWN)] = _UNKNOWN_DISTANCE
    weights = graph.weights.astype(np.float64) * np.exp(-distance)
    strongest = np.zeros(n)
    np.maximum.at(strongest, row, weights)
    seen = weights > 0
    weights = weights[seen] / strongest[row[seen]]
    directed = csr_array((weights, (row[seen], graph.indices[seen])), shape=(n, n))
    reverse = directed.T.tocsr()
    united = (directed + reverse - directed * reverse).tocsr()
    return Graph(
        united.indptr.astype(np.int64),
        united.indices.astype(np.int32),
        united.data.astype(np.float32),
    )
