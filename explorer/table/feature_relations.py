"""Relations: how the columns of a table compare with each other, and chosen rows with the others; kept for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from explorer.profile.relations.contrast import Contrast
from explorer.profile.relations.relevance import Relevance, relevance
from explorer.table.profiling import kept_redundancy
from explorer.table.row_sample import RowSample, kept_sample
from explorer.table.table_cells import Cells

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from explorer.profile.counting.steps import Steps, StepStore
    from explorer.profile.relations.redundancy import Redundancy
    from explorer.sources.source import ArrowSource
    from projections.errors import Progress

__all__ = ["Relations"]

Result = TypeVar("Result")


class Relations(Cells):
    """What a `Table` knows of its columns together."""

    lasting: ArrowSource

    @property
    def redundancy(self) -> Redundancy:
        """Numeric features whose ranks correlate with |r| ≥ .9, on a stated sample."""
        return self.related()

    def related(self, progress: Callable[[str, int, int], object] | None = None) -> Redundancy:
        """Return `redundancy`, with progress while it is computed for the first time."""
        return self._keep.once("redundancy", lambda: kept_redundancy(self, progress))

    @property
    def known_redundancy(self) -> Redundancy | None:
        """The same once somebody has asked for it; None until then."""
        found: Redundancy | None = self._keep.made("redundancy")
        return found

    def relevance(self, target: str) -> Relevance:
        """Say how much each feature tells of a target, with intervals and false discovery rate; kept for the next time.

        Parameters
        ----------
        target : str
            A numeric, boolean or categorical feature.
        """
        self.feature(target)
        return self._keep.once(
            f"relevance {target}", lambda: relevance(self.source, self.features, target)
        )

    def differences(self, mask: NDArray[np.bool_]) -> tuple[dict[str, float], str]:
        """Say by how much chosen rows, (num_rows,) bool, differ from the others in each feature; see `Contrast`."""
        return self._keep.once("contrast", lambda: Contrast(self.source, self.features)).of(mask)

    @property
    def steps(self) -> StepStore:
        """Columns of numbers as codes in the order of their values, for counting any group of rows in one pass."""
        from explorer.profile.counting.steps import StepStore

        return self._keep.once("steps", lambda: StepStore(self.cache, self.source.identity()))

    def steps_of(self, name: str) -> Steps | None:
        """Return a column's steps as it is read now; None while there are none."""
        return self.steps.get(name, self.step_settings(name))

    def step_settings(self, name: str) -> list[Any]:
        """Return what the steps of a column depend on beside the data."""
        feature = self.feature(name)
        return [feature.kind, list(map(str, feature.sentinels)), list(feature.notes)]

    def once_explained(self, names: Sequence[str], make: Callable[[], Result]) -> Result:
        """Keep what was made of how far the other columns follow from these features, until one of them is read in another way."""
        return self._keep.once("explained " + "\n".join(names), make)

    def sample(self, progress: Progress | None = None) -> RowSample:
        """Return random rows of the table, the same all the time, without row labels; see `explorer.table.row_sample.kept_sample`."""
        return self._keep.once("sample", lambda: kept_sample(self.lasting, progress))
