"""What a projection costs: rows laid out, seconds of each stage on two cores, peak memory.

The seconds were fitted to `tests/benchmarks/bench_scale.py --only growth` on two cores; who
measures jobs of his own scales them to the machine at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.errors import ProjectionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "anchors_for",
    "check_memory",
    "pca_bytes",
    "pca_seconds",
    "score_seconds",
    "umap_bytes",
    "umap_seconds",
]

_AUTO_ABOVE, _AUTO_LANDMARKS = 150_000, 100_000  # as `projections.UMAP` does with landmarks="auto"
# as in `projections.neighbors.nearest_neighbors`: up to so many rows² × columns all pairs
_EXACT_CELLS = 1e10
_SMALL, _EPOCHS_SMALL, _EPOCHS = 10_000, 500, 200
_FINISHING = 0.4  # share of the epochs that are left after a start from landmarks
_SPARE = 0.9  # of the free memory: others need some too
_COMPARED_PAIRS = 3e7  # of rows, when a map is scored: a tenth of the time of a layout
_FEWEST_ANCHORS, _MOST_ANCHORS = 250, 2000


def anchors_for(n: int) -> int:
    """Return how many of `n` rows are compared with all others to score a map."""
    return int(min(max(_COMPARED_PAIRS / max(n, 1), _FEWEST_ANCHORS), _MOST_ANCHORS))


def pca_seconds(n: int, d: int) -> dict[str, float]:
    """Return the seconds of the one stage of a PCA of `n` rows and `d` columns."""
    return {"pca": 0.05 + 1e-8 * n * d}


def umap_seconds(n: int, d: int, parameters: Mapping[str, Any]) -> dict[str, float]:
    """Return the seconds of each stage of a UMAP of `n` rows and `d` columns, in order."""
    k, landmarks = int(parameters.get("n_neighbors", 15)), parameters.get("landmarks", "auto")
    first = {"prepare": 0.02 + 3e-7 * n + 4e-8 * n * d}
    if landmarks == "auto" and n > _AUTO_ABOVE:
        landmark_seconds = sum(_layout_seconds(_AUTO_LANDMARKS, d, k, parameters, 1.0).values())
        start = {"landmarks": landmark_seconds, "place": (n - _AUTO_LANDMARKS) * (2e-6 + 9e-8 * d)}
        return {**first, **start, **_layout_seconds(n, d, k, parameters, _FINISHING)}
    laid_out = n if landmarks in ("auto", None) else min(n, int(landmarks))
    place = {"place": (n - laid_out) * (2e-6 + 9e-8 * d)} if laid_out < n else {}
    return {**first, **_layout_seconds(laid_out, d, k, parameters, 1.0), **place}


def _layout_seconds(
    n: int, d: int, k: int, parameters: Mapping[str, Any], share: float
) -> dict[str, float]:
    pairs = n**2 * d
    search = (
        0.02 + pairs * 8e-11 if pairs <= _EXACT_CELLS else 0.2 + n * (4e-6 + 1.6e-7 * d) * k / 15
    )
    epochs = share * (parameters.get("n_epochs") or (_EPOCHS_SMALL if n <= _SMALL else _EPOCHS))
    # few rows are worked on by one thread, or by threads that wait for each other
    pace = 1.1e-7 if n > 32_768 else 1.6e-7
    return {
        "neighbors": search,
        "graph": 0.01 + 1.1e-6 * n * k / 15,
        "layout": 0.02 + pace * n * k / 15 * epochs,
    }


def score_seconds(n: int, d: int) -> float:
    """Return the seconds that scoring a map of `n` rows of `d` columns takes."""
    return 0.1 + n * (2e-7 + 3e-9 * d) + anchors_for(n) * n * (5e-9 + 6e-11 * d)


def pca_bytes(n: int) -> float:
    """Return the bytes that a PCA needs at its peak beside the matrix itself."""
    return 24.0 * n + 5e7


def umap_bytes(n: int, d: int, parameters: Mapping[str, Any]) -> float:
    """Return the bytes that a UMAP needs at its peak beside the matrix itself."""
    k, landmarks = int(parameters.get("n_neighbors", 15)), parameters.get("landmarks", "auto")
    laid_out = n if landmarks in ("auto", None) else min(n, int(landmarks))
    # The rows in canonical form, and those laid out once in the order of their cells and once in
    # tiles to be searched; neighbours with distances, twice while they are improved; the graph and
    # its edges in blocks.
    searched = laid_out * (8.0 * d + 16 * k)
    joined = laid_out * (4.0 * d + 24 * k + 22 * k)
    return 8.0 * n * d + 60 * n + max(searched, joined) + 1e8


def check_memory(
    n: int,
    d: int,
    label: str,
    peak_bytes: Callable[[int, int, Mapping[str, Any]], float],
    parameters: Mapping[str, Any],
    *,
    free: int | None,
) -> None:
    """Refuse what cannot fit into memory.

    Parameters
    ----------
    n, d : int
        Shape of the feature matrix.
    label : str
        The name of the method.
    peak_bytes : callable
        From rows, columns and parameters to bytes.
    parameters : mapping
    free : int or None
        Bytes; None where nobody knows.

    Raises
    ------
    projections.ProjectionError
        Says what is needed, what is free, and whether landmarks would do.
    """
    needed = peak_bytes(n, d, parameters)
    if free is None or needed <= _SPARE * free:
        return
    ways = ["fewer rows (where) or features"]
    fewer = peak_bytes(n, d, {**parameters, "landmarks": _AUTO_LANDMARKS})
    if "landmarks" in parameters and fewer <= _SPARE * free:
        advice = (
            f"landmarks={_AUTO_LANDMARKS} (so many rows laid out, the others placed among them: "
            f"{fewer / 1e9:.1f} GB)"
        )
        ways.insert(0, advice)
    raise ProjectionError(
        f"{label} of {n:,} rows × {d:,} columns needs about {needed / 1e9:.1f} GB of "
        f"memory, {free / 1e9:.1f} GB are "
        f"free: project with {', or with '.join(ways)}"
    )
