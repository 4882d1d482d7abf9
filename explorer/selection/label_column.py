"""A label column: rows that people have named, each row with at most one of the column's levels."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import LabelError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["LabelColumn", "LabelLevel", "Labelling", "checked_name"]

_MOST_LEVELS = 1_000
_LONGEST = 120  # characters of a name


@dataclass(frozen=True)
class Labelling:
    """One time somebody gave rows a level.

    Attributes
    ----------
    author : str
    time : float
        Seconds since 1970-01-01 UTC.
    definition : mapping
        How the rows were selected, as `Selection.definition` says it.
    count : int
        Rows at that moment.
    seen : mapping of str to str
        Columns that had a part in the selection, and which: see `Selection.seen`.
    """

    author: str
    time: float
    definition: Mapping[str, Any]
    count: int
    seen: Mapping[str, str]


@dataclass(frozen=True)
class LabelLevel:
    """A level and its rows.

    Attributes
    ----------
    name : str
    packed : bytes
        zlib of the rows as packed bits, as `numpy.packbits` packs them.
    count : int
        Rows that have the level now.
    made : tuple of Labelling
        How it came about, oldest first.
    """

    name: str
    packed: bytes
    count: int
    made: tuple[Labelling, ...]

    def mask(self, num_rows: int) -> NDArray[np.bool_]:
        """Return which rows have the level, (num_rows,) bool.

        Raises
        ------
        LabelError
            When what is packed is damaged, or belongs to a table of another length.
        """
        try:
            bits = zlib.decompress(self.packed)
        except zlib.error as error:
            raise LabelError(
                f"the rows of {self.name!r} are damaged ({error}): label them again"
            ) from error
        if len(bits) != (num_rows + 7) // 8:
            raise LabelError(f"the rows of {self.name!r} belong to a table of another length")
        return np.unpackbits(np.frombuffer(bits, np.uint8), count=num_rows).astype(bool)

    def holding(self, mask: NDArray[np.bool_]) -> LabelLevel:
        """Return the level with other rows."""
        packed = zlib.compress(np.packbits(mask).tobytes(), 1)
        return replace(self, packed=packed, count=int(np.count_nonzero(mask)))


@dataclass(frozen=True)
class LabelColumn:
    """A column of labels; immutable: each change returns another one.

    Parameters
    ----------
    name : str
    num_rows : int
        Of the table.
    levels : tuple of LabelLevel
        In the order they were made; no row has two of them.
    """

    name: str
    num_rows: int
    levels: tuple[LabelLevel, ...] = ()

    @property
    def count(self) -> int:
        """Rows that have a level."""
        return sum(level.count for level in self.levels)

    @property
    def seen(self) -> dict[str, str]:
        """Columns that had a part in choosing the rows of any level, and which."""
        labellings = [labelling for level in self.levels for labelling in level.made]
        return {
            column: value for labelling in labellings for column, value in labelling.seen.items()
        }

    def level(self, name: str) -> LabelLevel:
        """Return a level by its name; an `UnknownName` with the nearest one when there is none."""
        for level in self.levels:
            if level.name == name:
                return level
        raise unknown_name(f"level of {self.name!r}", name, [level.name for level in self.levels])

    def labelled(self, mask: NDArray[np.bool_], name: str, labelling: Labelling) -> LabelColumn:
        """Give rows a level: they join those that have it, and lose the one they had.

        Parameters
        ----------
        mask : ndarray of shape (num_rows,), bool
        name : str
            Of the level, new or present.
        labelling : Labelling
        """
        name = checked_name(name, "level")
        existing = [level.name for level in self.levels]
        if name not in existing and len(existing) >= _MOST_LEVELS:
            raise LabelError(
                f"{self.name!r} has {_MOST_LEVELS:,} levels, the most a label may have: rename or "
                "clear some"
            )
        present = (
            self.levels
            if name in existing
            else (*self.levels, LabelLevel(name, b"", 0, ()).holding(mask))
        )
        return replace(
            self, levels=tuple(self._given(level, name, mask, labelling) for level in present)
        )

    def renamed(self, old: str, new: str) -> LabelColumn:
        """Give a level another name.

        Raises
        ------
        LabelError
            When there is a level of that name already.
        """
        new = checked_name(new, "level")
        self.level(old)
        if new != old and new in [level.name for level in self.levels]:
            raise LabelError(
                f"{self.name!r} has a level {new!r} already: label these rows as {new!r} instead"
            )
        levels = (replace(level, name=new) if level.name == old else level for level in self.levels)
        return replace(self, levels=tuple(levels))

    def cleared(self, name: str) -> LabelColumn:
        """Take a level away: its rows have none."""
        gone = self.level(name)
        return replace(self, levels=tuple(level for level in self.levels if level is not gone))

    def codes(self) -> NDArray[np.int32]:
        """Return each row's place among the levels, (num_rows,) int32; −1 without one."""
        codes = np.full(self.num_rows, -1, np.int32)
        for place, level in enumerate(self.levels):
            codes[level.mask(self.num_rows)] = place
        return codes

    def cells(self) -> pa.DictionaryArray:
        """Return the names of the rows' levels as a column of num_rows cells, null without one."""
        codes = self.codes()
        names = pa.array([level.name for level in self.levels], pa.large_string())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), names)

    def _given(
        self, level: LabelLevel, name: str, mask: NDArray[np.bool_], labelling: Labelling
    ) -> LabelLevel:
        has = level.mask(self.num_rows)
        if level.name == name:
            return replace(level.holding(has | mask), made=(*level.made, labelling))
        return level.holding(has & ~mask) if (has & mask).any() else level


def checked_name(name: object, what: str) -> str:
    """Return a name without blanks around it.

    One that is empty, long or unprintable is refused in words.
    """
    plain = " ".join(name.split()) if isinstance(name, str) else ""
    if not plain or len(plain) > _LONGEST or not plain.isprintable():
        shown = repr(name) if len(repr(name)) <= 40 else f"{len(str(name)):,} characters"
        raise LabelError(
            f"the name of a {what} must be a text of 1 to {_LONGEST} characters, came {shown}"
        )
    return plain
