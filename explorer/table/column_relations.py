"""ColumnRelations: how columns of a table go together, and chosen rows differ from the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from explorer.core.cache import key_of
from explorer.profile.profile_store import ProfileStore
from explorer.profile.relations.contrast import Contrast
from explorer.profile.relations.redundancy import Redundancy, correlations
from explorer.profile.relations.relevance import Relevance, relevance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from explorer.table.table_columns import TableColumns
    from projections.errors import Progress

__all__ = ["ColumnRelations"]

Result = TypeVar("Result")


class ColumnRelations:
    """What is known of the columns of a table together; each result is computed once.

    Parameters
    ----------
    columns : TableColumns
    """

    def __init__(self, columns: TableColumns) -> None:
        self._columns = columns
        self._results = columns.results

    def redundancy(self, progress: Progress | None = None) -> Redundancy:
        """Return numeric features whose ranks correlate with |r| ≥ .9, on a stated sample.

        Parameters
        ----------
        progress : callable, optional
            Called while it is computed for the first time.
        """
        return self._results.get("redundancy", lambda: _redundancy(self._columns, progress))

    @property
    def known_redundancy(self) -> Redundancy | None:
        """The same once somebody has asked for it; None until then."""
        redundancy: Redundancy | None = self._results.peek("redundancy")
        return redundancy

    def relevance(self, target: str) -> Relevance:
        """Say how much each feature tells of a target, with intervals and false discovery rate.

        Parameters
        ----------
        target : str
            A numeric, boolean or categorical feature.
        """
        source, features = self._columns.source, self._columns.features
        self._columns.feature(target)
        return self._results.get(f"relevance {target}", lambda: relevance(source, features, target))

    def differences(self, mask: NDArray[np.bool_]) -> tuple[dict[str, float], str]:
        """Say by how much chosen rows differ from the others in each feature; see `Contrast`.

        Parameters
        ----------
        mask : ndarray of shape (num_rows,), bool
        """
        columns = self._columns
        contrast = self._results.get("contrast", lambda: Contrast(columns.source, columns.features))
        return contrast.of(mask)

    def explained(self, names: Sequence[str], make: Callable[[], Result]) -> Result:
        """Return how far the other columns follow from these features, made once.

        It is made again after one of the columns is read in another way.
        """
        return self._results.get("explained " + "\n".join(names), make)

    def related(self, seen: Mapping[str, str], make: Callable[[], Result]) -> Result:
        """Return what goes together with features that made a group, made once as `explained`.

        Parameters
        ----------
        seen : mapping of str to str
            Feature: how it took part.
        make : callable
        """
        return self._results.get(_related_key(seen), make)

    def known_related(self, seen: Mapping[str, str]) -> bool:
        """Tell whether `related` was made for these features."""
        return self._results.peek(_related_key(seen)) is not None


def _related_key(seen: Mapping[str, str]) -> str:
    return f"related {key_of(sorted(seen.items()))}"


def _redundancy(columns: TableColumns, progress: Progress | None) -> Redundancy:
    """Return which numeric features say the same, as it was kept or computed now."""
    features = {
        name: feature
        for name, feature in columns.features.items()
        if feature.kind in ("numeric", "boolean")
    }
    store = ProfileStore(columns.cache, columns.source.identity())
    stored = store.relation("redundancy", features.values())
    if stored is not None:
        return Redundancy.from_document(stored)
    result = correlations(columns.source, list(features), features=features, progress=progress)
    store.put_relation("redundancy", features.values(), result.document())
    return result
