"""What is to be computed for a choice of features, policy, method and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.embedding.projection_spec import ProjectionSpec
from explorer.state.convert import as_json

if TYPE_CHECKING:
    from explorer.state.document import ProjectionSettings
    from explorer.table.table import Table

__all__ = ["specs_of"]


def specs_of(table: Table, settings: ProjectionSettings) -> list[ProjectionSpec]:
    """Say what is to be computed: PCA, then the chosen method.

    Raises
    ------
    ExplorerError
        In words, when it cannot be.
    """
    method, policy = settings.method, as_json(settings.policy, "policy")
    if settings.rows is not None:
        policy["rows"] = settings.rows
    matrix = table.matrix_spec(list(settings.features), **policy)
    seed, onto = method.random_state, settings.aligned_to
    pca = ProjectionSpec(matrix, "pca", {}, seed, onto)
    if method.name == "pca":
        return [pca]
    return [pca, ProjectionSpec(matrix, method.name, dict(method.parameters), seed, onto)]
