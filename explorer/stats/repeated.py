"""RepeatedRows: rows that belong together and were read as if each stood alone."""

from __future__ import annotations

import math
import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["INDEPENDENT", "INDEPENDENT_TOO", "NEEDS_UNIT", "RepeatedRows"]

INDEPENDENT = "none"
"""What is given for a unit where rows are said to be independent."""

INDEPENDENT_TOO = "(none)"
"""The same, for a table that has a column called "none"."""

NEEDS_UNIT = "evidence needs a unit"
"""What a verdict says until the unit is chosen or declined."""

_WORTH_SAYING = 1.05  # design effect
_WHOLE = 9.95  # from which its tenths say nothing


def _rounded(effect: float) -> str:
    return f"{effect:,.0f}" if effect >= _WHOLE else f"{effect:.1f}"


@dataclass(frozen=True, kw_only=True)
class RepeatedRows:
    """Rows that seem to belong together, and what they would be taken for.

    Parameters
    ----------
    unit : str, optional
        Column that is proposed as the unit; None where only the order of the rows speaks.
    reason : str
        What was seen, in words.
    correlation : float
        Intraclass correlation of the outcome within the unit; of rows that follow each other
        without one.
    design_effect : float
        So many rows say about as much as one that stands alone (Kish 1965); NaN without a unit.
    units, rows : int
        Levels of the column, and rows that are read and have one.
    matters : bool
        Whether evidence is withheld. False: a key comes again, and its rows are no more alike than
        others.
    sampled : int, optional
        Rows that were looked at, where these are not all.
    withheld : bool
        Whether there are p-values or verdicts to withhold. False: there are intervals alone, and
        these are given.
    each : str
        What belongs together: "rows", or "lists".
    decline : str
        What is given for the unit to say that rows are independent.
    """

    unit: str | None
    reason: str
    correlation: float
    design_effect: float
    units: int
    rows: int
    matters: bool = True
    sampled: int | None = None
    withheld: bool = True
    each: str = "rows"
    decline: str = INDEPENDENT

    @property
    def words(self) -> str:
        """What was seen, and what to do in Python."""
        return self._text(lambda name: f"unit={name!r}")

    @property
    def terminal_words(self) -> str:
        """The same for the command line."""
        return self._text(lambda name: f"--unit {shlex.quote(name)}")

    @property
    def seen(self) -> str:
        """What was seen."""
        text = self.reason
        if self.sampled:
            text = _("{reason} (seen in {count:,} of the {rows})").format(
                reason=text, count=self.sampled, rows=self._each
            )
        if not self.matters:
            return _("{reason}, and its {rows} are no more alike than others").format(
                reason=text, rows=self._each
            )
        if self.design_effect >= _WORTH_SAYING:
            return _(
                "{reason}, up to {count} {rows} may carry no more information than one"
            ).format(reason=text, count=_rounded(self.design_effect), rows=self._each)
        return text

    @property
    def _each(self) -> str:
        return _("lists") if self.each == "lists" else _("rows")

    def document(self) -> dict[str, Any]:
        """Return it as JSON, with its words."""
        return {**asdict(self), "words": self.words}

    @property
    def until(self) -> str:
        """What is withheld, or not to be trusted, until the unit is named or declined."""
        if self.withheld:
            return _("No result is called strong evidence")
        if self.design_effect >= _WORTH_SAYING:
            return _(
                "Intervals treat them as independent and may be up to {factor:.1f} times too narrow"
            ).format(factor=math.sqrt(self.design_effect))
        return _("Intervals treat them as independent and may be too narrow")

    def _text(self, option: Callable[[str], str]) -> str:
        values = {
            "seen": self.seen,
            "until": self.until,
            "rows": self._each,
            "decline": option(self.decline),
        }
        if self.unit is None:
            text = _(
                "{seen}. {until} until a unit is named, such as a day or a device, or {rows} are "
                "said to be independent ({decline})"
            )
        elif not self.matters:
            text = _("{seen}; if they do belong together, name the unit ({unit})")
        else:
            text = _(
                "{seen}. {until} until the unit is named ({unit}) or {rows} are said to be "
                "independent ({decline})"
            )
        return text.format(**values, unit="" if self.unit is None else option(self.unit))
