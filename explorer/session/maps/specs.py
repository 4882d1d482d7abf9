"""What is to be computed for a choice of features, policy and method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.embedding.projection_spec import ProjectionSpec

if TYPE_CHECKING:
    from explorer.table.table import Table

__all__ = ["specs_of"]


def specs_of(table: Table, projected: dict[str, Any]) -> list[ProjectionSpec]:
    """Say what is to be computed: PCA, then the chosen method.

    Raises
    ------
    ExplorerError
        In words, when it cannot be.
    """
    policy, method = projected["policy"], projected["method"]
    matrix = table.matrix_spec(projected["features"], **policy)
    pca = ProjectionSpec(matrix, "pca", {}, method["random_state"])
    if method["name"] == "pca":
        return [pca]
    return [
        pca,
        ProjectionSpec(matrix, method["name"], method["parameters"], method["random_state"]),
    ]
