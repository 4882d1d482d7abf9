"""Truth and the predictions of several models for the same rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from explorer.stats.classification.confusion import Confusion, confusion
from explorer.stats.classification.score_counts import score_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts
    from explorer.stats.repeated import RepeatedRows

__all__ = ["KINDS", "Form", "Kind", "ModelPredictions"]

Kind = Literal["binary", "multiclass", "regression"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Form = Literal["probability", "score", "label", "number"]
"""What a prediction is: in [0, 1]; a score that only orders rows; a called class; a number."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelPredictions:
    """The rows that are compared: those where truth and every prediction are there.

    Parameters
    ----------
    kind : {"binary", "multiclass", "regression"}
    rows : ndarray of shape (n,), int64
        Row of the table, ascending.
    truth : ndarray of shape (n,)
        bool; codes of classes, int32; or float64.
    values : dict of str to ndarray of shape (n,)
        By model: scores or numbers, float64; codes of called classes, int32, for several classes.
    forms : dict of str to str
        What each model's prediction is.
    probabilities : dict of str to ndarray of shape (n, k), float64
        Of each class, for several classes; of models that state them.
    levels : tuple of str
        Names of the classes; of two the one that is 0 first.
    unit : ndarray of shape (n,), int32, optional
        Code of each row's unit, from 0.
    threshold : float
        From which probability on a row is called 1.
    repeated : RepeatedRows, optional
        Why rows seem to belong together, where nobody has named their unit or said that there is
        none: verdicts then wait.
    """

    kind: Kind
    rows: NDArray[np.int64]
    truth: NDArray[Any]
    values: Mapping[str, NDArray[Any]]
    forms: Mapping[str, Form]
    probabilities: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    levels: tuple[str, ...] = ()
    unit: NDArray[np.int32] | None = None
    threshold: float = 0.5
    repeated: RepeatedRows | None = None

    @property
    def n(self) -> int:
        """Rows that are compared."""
        return int(self.rows.size)

    @property
    def names(self) -> tuple[str, ...]:
        """The models, as they were given."""
        return tuple(self.values)

    @cached_property
    def n_units(self) -> int:
        """Different units; rows without a column of units."""
        return self.n if self.unit is None else int(np.count_nonzero(np.bincount(self.unit)))

    @cached_property
    def true_codes(self) -> NDArray[Any]:
        """Class of each row's truth, (n,), integer; of classes only."""
        return self.truth.view(np.int8) if self.kind == "binary" else self.truth

    def called(self, name: str, threshold: float | None = None) -> NDArray[Any]:
        """Return the class that a model calls for each row, (n,), integer.

        Parameters
        ----------
        name : str
        threshold : float, optional
            Of two classes only: from which score on a row is called 1. Default: the threshold for
            probabilities, and what was called.
        """
        if self.kind != "binary":
            return self.values[name]
        least = self.threshold if threshold is None else threshold
        return np.asarray(self.values[name] >= least).view(np.int8)

    def confusion(self, name: str, threshold: float | None = None) -> Confusion:
        """Count rows by true and by called class, of shape (k, k); parameters as in `called`."""
        return confusion(self.true_codes, self.called(name, threshold), max(len(self.levels), 2))

    def counts(self, name: str) -> ScoreCounts:
        """Return how many rows of either truth have each score of a model; counted once."""
        if name not in self._counts:
            self._counts[name] = score_counts(self.truth, self.values[name])
        return self._counts[name]

    @cached_property
    def _counts(self) -> dict[str, ScoreCounts]:
        return {}
