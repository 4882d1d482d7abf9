"""umap-learn as an engine of `projections.UMAP`: what the native one does not know."""

from __future__ import annotations

import io
import re
import time
import warnings
from importlib import metadata
from typing import TYPE_CHECKING, Any

from projections.errors import Progress, ProjectionError, nearest_name, report
from projections.validation import is_sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["epochs_told_to", "fit_umap_learn", "imported_umap", "umap_learn_version"]


def umap_learn_version() -> str:
    """Return the release of umap-learn that is installed."""
    return metadata.version("umap-learn")


def imported_umap() -> Any:
    """Import umap-learn, which takes seconds; say what to install where it is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of TensorFlow, which is not needed
            import umap
    except ImportError as error:
        raise ProjectionError(
            f"the engine 'umap-learn' needs the package umap-learn, which cannot be imported "
            f"({error}); install it with: pip install umap-learn"
        ) from error
    return umap


class _ProgressFile(io.TextIOBase):
    """What tqdm writes its bar to: passes on epochs done and in all."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def write(self, text: str) -> int:
        if numbers := re.search(r"(\d+) of (\d+)", text):
            report(self._progress, "layout", int(numbers[1]), int(numbers[2]))
        return len(text)


def epochs_told_to(progress: Progress | None) -> dict[str, Any]:
    """Return ``tqdm_kwds`` of ``umap.UMAP`` by which its epochs reach `progress`."""
    return {
        "file": _ProgressFile(progress),
        "bar_format": "{n_fmt} of {total_fmt}",
        "mininterval": 0.2,
        "disable": False,
    }


def fit_umap_learn(
    X: Any, y: NDArray[Any] | None, parameters: dict[str, Any], progress: Progress | None
) -> tuple[Any, float]:
    """Fit ``umap.UMAP`` of umap-learn.

    Parameters
    ----------
    X : ndarray or csr_array of shape (n_samples, n_features)
        Finite.
    y : ndarray of shape (n_samples,), optional
        Classes as integers, -1 where unknown, or numbers, as ``target_metric`` says.
    parameters : dict
        Of ``umap.UMAP``; with a seed ``n_jobs`` must be 1.
    progress : callable, optional
        ``progress("layout", epochs_done, epochs)``; returning False stops between two epochs.

    Returns
    -------
    fitted : umap.UMAP
    seconds : float

    Raises
    ------
    ProjectionError
        Where umap-learn is missing or refuses data or parameters.
    """
    umap = imported_umap()
    report(progress, "umap-learn", 0, 0)
    if isinstance(metric := parameters["metric"], str):
        _check_metric(metric, umap)
    fitted = umap.UMAP(
        **parameters,
        tqdm_kwds=epochs_told_to(progress),
    )
    if is_sparse(X):
        from scipy.sparse import csr_matrix

        X = csr_matrix(X)  # umap-learn takes sparse arrays for dense ones
    started = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted.fit(X, y)
    except (ValueError, TypeError) as error:
        raise ProjectionError(f"umap-learn refuses this: {error}") from error
    fitted.tqdm_kwds = None  # the file cannot be pickled
    return fitted, time.perf_counter() - started


def _check_metric(metric: str, umap: Any) -> None:
    known = sorted(umap.distances.named_distances)
    if metric not in known:
        raise ProjectionError(
            f"metric must be one that umap-learn knows ({', '.join(known)}), "
            f"got {metric!r}{nearest_name(metric, known)}"
        )
