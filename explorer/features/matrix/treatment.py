"""Treatment: all that is done to one feature on its way into the matrix.

It can be done again to new rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from explorer.core.errors import FeatureError
from explorer.core.number_format import percent
from explorer.features.categories import CategoryBlock
from explorer.features.matrix.cycle import CycleBlock
from explorer.features.matrix.encode import EncodingRequest, missing_of, read_cells
from explorer.features.matrix.numeric import NumericBlock
from explorer.features.matrix.spec import CYCLES, MOST_MISSING
from explorer.features.matrix.vector import VectorBlock
from explorer.features.spread import mean_and_std

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.features.matrix.encode import Cells

__all__ = ["Indicator", "MatrixColumn", "Treatment", "fit_treatment"]

_BLOCKS: dict[str, Any] = {
    "number": NumericBlock,
    "text": NumericBlock,
    "category": CategoryBlock,
    "vector": VectorBlock,
    **dict.fromkeys(CYCLES, CycleBlock),
}


class _FeatureBlock(Protocol):
    """The columns that one feature becomes, with all that was learned to make them."""

    @property
    def parts(self) -> tuple[tuple[str, str], ...]: ...

    def write(self, cells: Cells, out: NDArray[np.float32]) -> None: ...

    def document(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class MatrixColumn:
    """A column of the matrix.

    Parameters
    ----------
    feature : str
        The feature it was made of.
    role : {"value", "level", "other", "missing", "sine", "cosine", "element", "indicator"}
    label : str
        The level, the cycle, or the position in the vector; else empty.
    """

    feature: str
    role: str
    label: str = ""

    @property
    def name(self) -> str:
        """Words for the column: "year", "genre = Drama", "released (sine of month)"."""
        names = {
            "value": self.feature,
            "level": f"{self.feature} = {self.label}",
            "other": f"{self.feature} = (other levels)",
            "missing": f"{self.feature} = (missing)",
            "element": f"{self.feature}[{self.label}]",
            "indicator": f"{self.feature} (is missing)",
        }
        return names.get(self.role, f"{self.feature} ({self.role} of {self.label})")


@dataclass(frozen=True)
class Indicator:
    """A 0/1 column of missingness, standardised, times half the feature's weight.

    With scale "none" it is only centred.
    """

    centre: float
    scale: float
    weight: float

    @classmethod
    def fit(cls, missing: NDArray[np.bool_], request: EncodingRequest) -> Indicator:
        """Learn from rows that are partly missing."""
        mean, std = mean_and_std(missing.astype(np.float64))
        return cls(mean, 1.0 if request.scale == "none" else std, request.weight / 2)

    def write(self, missing: NDArray[np.bool_], out: NDArray[np.float32]) -> None:
        """Write the column, shape (m,)."""
        out[:] = (missing - self.centre) / self.scale * self.weight


@dataclass(frozen=True, eq=False)
class Treatment:
    """One feature's way into the matrix.

    Parameters
    ----------
    request : EncodingRequest
    block : NumericBlock, Categories, Cycle or VectorBlock
    indicator : Indicator or None
    missing : int
        Rows of the fit without a value.
    note : str
        What a reader should know of it; empty when nothing.
    """

    request: EncodingRequest
    block: _FeatureBlock
    indicator: Indicator | None
    missing: int
    note: str = ""

    @property
    def columns(self) -> list[MatrixColumn]:
        """The matrix columns it makes."""
        name = self.request.name
        result = [MatrixColumn(name, role, label) for role, label in self.block.parts]
        return [*result, MatrixColumn(name, "indicator")] if self.indicator else result

    def write(
        self, column: pa.ChunkedArray, out: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Write a column of m cells into ``out`` of shape (m, len(columns)).

        Returns
        -------
        imputed : ndarray of shape (m,), bool
            Rows whose value was filled in; never those of a category, where missing is a level.
        """
        cells = read_cells(column, self.request, rows)
        missing = missing_of(cells)
        width = len(self.block.parts)
        self.block.write(cells, out[:, :width])
        if self.indicator:
            self.indicator.write(missing, out[:, width])
        return np.zeros_like(missing) if self.request.encoding == "category" else missing

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "name": self.request.name,
            "request": self.request.document(),
            "block": self.block.document(),
            "indicator": vars(self.indicator) if self.indicator else None,
            "missing": self.missing,
            "columns": [column.name for column in self.columns],
            "note": self.note,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Treatment:
        """Build it from `document`."""
        request = EncodingRequest.from_document(document["request"])
        block = _BLOCKS[request.encoding].from_document(document["block"])
        indicator = Indicator(**document["indicator"]) if document["indicator"] else None
        return cls(request, block, indicator, document["missing"], document["note"])


def fit_treatment(
    column: pa.ChunkedArray, request: EncodingRequest, rows: NDArray[np.int64]
) -> Treatment | None:
    """Learn the treatment of a feature from m cells, m ≥ 2.

    Returns
    -------
    treatment : Treatment, or None when every present value is the same

    Raises
    ------
    FeatureError
        All missing, too much missing, too many levels, or values that the transform cannot take.
    """
    cells = read_cells(column, request, rows)
    missing = missing_of(cells)
    count = int(missing.sum())
    _check_missing(count, missing.size, request)
    block = _BLOCKS[request.encoding].fit(cells, request)
    if block is None:
        return None
    indicated = request.missing == "indicator" and request.encoding != "category" and count > 0
    unread = count - int(column.null_count)
    note = (
        f"{unread:,} texts are no numbers and count as missing"
        if request.encoding == "text" and unread
        else ""
    )
    return Treatment(
        request, block, Indicator.fit(missing, request) if indicated else None, count, note
    )


def _check_missing(count: int, rows: int, request: EncodingRequest) -> None:
    if count == rows:
        raise FeatureError(
            f"feature {request.name!r} is missing in all of {rows:,} rows: untick it"
        )
    filled = request.encoding != "category" and request.missing == "median" and not request.fill_any
    if filled and count > MOST_MISSING * rows:
        raise FeatureError(
            f"feature {request.name!r} is {percent(count / rows)} missing, and filling more than "
            f"{percent(MOST_MISSING)} with a median is refused: untick it, choose 'indicator' or "
            "'drop', or ask for it "
            f'by name, missing={{"{request.name}": "median"}}'
        )
