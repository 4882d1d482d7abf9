"""How long a projection will take and how much memory it needs, before it starts and while it runs.

The built-in costs are those of a machine with two cores; the measured stages of finished jobs scale
them to this one.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.core.documents import DocumentStore
from explorer.core.errors import StoreError
from explorer.embedding.projection_methods import METHODS
from projections.cost import score_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.core.documents import Transaction

__all__ = ["CostTable", "Forecast", "forecast", "latest_costs"]

logger = logging.getLogger(__name__)

_BASE_BYTES = 350e6  # a worker with everything imported
_SHORTEST_LESSON = 1.0  # seconds: a shorter stage says more about imports than about the machine
_LARGEST_FACTOR = 10.0  # beyond, something else was measured than the machine
_FILE = "costs.db"
_COLLECTION, _KEY = "costs", "factors"
_NEWEST_WEIGHT = 0.3  # of the newest measurement, once there are several
_SETTLED_NS = 1e9  # two changes this close to each other may bear the same time


@dataclass(frozen=True)
class Forecast:
    """What a projection will cost.

    Parameters
    ----------
    seconds : float
        All stages together.
    bytes : float
        Memory of the worker at its peak.
    stages : mapping of str to float
        Seconds of each stage, in order.
    """

    seconds: float
    bytes: float
    stages: Mapping[str, float]

    @property
    def words(self) -> str:
        """The forecast for a button: "≈ 9 s, 0.3 GB"."""
        return f"≈ {_duration(self.seconds)}, {self.bytes / 1e9:.1f} GB"


def forecast(
    n_rows: int,
    n_features: int,
    method: str,
    parameters: Mapping[str, Any] | None = None,
    costs: CostTable | None = None,
) -> Forecast:
    """Forecast a projection.

    Parameters
    ----------
    n_rows, n_features : int
        Shape of the feature matrix.
    method : str
        One of `explorer.embedding.projection_methods`.
    parameters : mapping, optional
        ``n_neighbors``, ``n_epochs``, ``landmarks`` of a UMAP.
    costs : CostTable, optional
        What this machine has taught; without it the built-in costs stand.

    Returns
    -------
    Forecast
    """
    projection_method = METHODS[method]
    stages = {
        "matrix": 0.1 + 1.5e-7 * n_rows * n_features,
        **projection_method.stage_seconds(n_rows, n_features, parameters or {}),
        "scores": score_seconds(n_rows, n_features),
        "map": 0.02 + 3e-7 * n_rows,
    }
    if costs is not None:
        stages = {stage: seconds * costs.factor(method, stage) for stage, seconds in stages.items()}
    most = (
        _BASE_BYTES
        + 8.0 * n_rows * n_features
        + projection_method.peak_bytes(n_rows, n_features, parameters or {})
    )
    return Forecast(sum(stages.values()), most, stages)


class CostTable:
    """How much slower or faster than the built-in costs this machine is, by method and stage.

    Parameters
    ----------
    folder : Path
        The cache folder; the table is in ``costs.db`` in it. A table that cannot be read counts as
        empty.
    """

    def __init__(self, folder: Path) -> None:
        self._store = DocumentStore(Path(folder) / _FILE)
        self._factors: dict[str, float] = {}
        try:
            with self._store.reading() as documents:
                self._factors = _factors(documents)
        except StoreError:
            logger.warning(
                "%s cannot be read: forecasts start from the built-in costs", self._store.path
            )

    def factor(self, method: str, stage: str) -> float:
        """Return by how much to multiply the built-in seconds of a stage."""
        return self._factors.get(f"{method}/{stage}", 1.0)

    def learn(self, plain: Mapping[str, float], method: str, measured: Mapping[str, float]) -> None:
        """Take the measured seconds of a finished job into account and store the table.

        Parameters
        ----------
        plain : mapping of str to float
            The stages of `forecast` without a table.
        method : str
            One of `explorer.embedding.projection_methods`.
        measured : mapping of str to float
            Seconds of each stage.
        """
        ratios = {
            f"{method}/{stage}": min(
                max(seconds / plain[stage], 1 / _LARGEST_FACTOR), _LARGEST_FACTOR
            )
            for stage, seconds in measured.items()
            if seconds >= _SHORTEST_LESSON and plain.get(stage, 0.0) > 0
        }
        if not ratios:
            return
        try:
            self._merge(ratios)
        except StoreError:  # damaged: what the machine has taught is soon learned again
            try:
                self._store.path.unlink(missing_ok=True)
                self._merge(ratios)
            except OSError:  # a forecast is not worth failing a finished projection
                logger.warning("%s cannot be written: forecasts do not learn", self._store.path)

    def _merge(self, ratios: Mapping[str, float]) -> None:
        with self._store.writing() as documents:
            factors = _factors(documents)  # as other processes have left them
            for name, ratio in ratios.items():
                factor = factors.get(name)
                # The geometric mean: twice as slow and twice as fast cancel.
                factors[name] = (
                    ratio if factor is None else factor * (ratio / factor) ** _NEWEST_WEIGHT
                )
            documents.put(_COLLECTION, _KEY, {"factors": factors})
        self._factors = factors


_latest: dict[Path, tuple[tuple[tuple[int, ...], ...], CostTable]] = {}


def latest_costs(folder: Path) -> CostTable:
    """Return the costs in a cache folder as they are now, to be read only.

    The file is opened only where it has changed, by this process or another.
    """
    change = DocumentStore(folder / _FILE).last_change()
    if folder in _latest and _latest[folder][0] == change:
        return _latest[folder][1]
    costs = CostTable(folder)
    if all(time.time_ns() - changed > _SETTLED_NS for changed, *_ in change):
        _latest[folder] = change, costs
    return costs


def _factors(documents: Transaction) -> dict[str, float]:
    stored_document = documents.get(_COLLECTION, _KEY)
    stored = stored_document.body.get("factors") if stored_document else None
    if not isinstance(stored, dict):
        return {}
    return {
        str(name): float(factor)
        for name, factor in stored.items()
        if isinstance(factor, int | float)
    }


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
