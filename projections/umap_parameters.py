"""What the parameters of a UMAP may be; loads nothing that computes."""

from __future__ import annotations

from projections.errors import ProjectionError
from projections.validation import check_integer, check_number

__all__ = ["ENGINES", "check_umap_parameters"]

ENGINES = ("auto", "native", "umap-learn")


def check_umap_parameters(
    n_components: object = 2,
    n_neighbors: object = 15,
    min_dist: object = 0.1,
    n_epochs: object = None,
    landmarks: object = "auto",
    random_state: object = 0,
    *,
    engine: object = "auto",
    metric: object = "euclidean",
    densmap: object = False,
    target_weight: object = 0.5,
) -> None:
    """Refuse parameters that `projections.UMAP` cannot use.

    Raises
    ------
    ProjectionError
        Names the first that is wrong, what it may be, and what came.
    """
    check_integer("n_components", n_components, 1)
    check_integer("n_neighbors", n_neighbors, 2)
    check_number("min_dist", min_dist, 0.0, 1.0)
    if n_epochs is not None:
        check_integer("n_epochs (or None)", n_epochs, 1)
    if random_state is not None:
        check_integer("random_state (or None)", random_state, 0)
    if landmarks is not None and not (isinstance(landmarks, str) and landmarks == "auto"):
        check_integer('landmarks (or "auto", or None)', landmarks, 4)
    if engine not in ENGINES:
        raise ProjectionError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
    if not (isinstance(metric, str) or callable(metric)):
        raise ProjectionError(f"metric must be a name or a function, got {metric!r}")
    if not isinstance(densmap, bool):
        raise ProjectionError(f"densmap must be True or False, got {densmap!r}")
    check_number("target_weight", target_weight, 0.0, 1.0)
