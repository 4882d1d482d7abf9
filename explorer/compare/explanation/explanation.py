"""Explanation: how chosen rows differ from the others, as sentences and as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.core.gettext import _, ngettext
from explorer.core.json_values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from explorer.compare.explanation.clauses import Clause

__all__ = ["ExampleRow", "Explanation", "SentencePart", "rows_text"]

_NO_TESTED = _(
    "Nothing else can be tested: every other column was used to define the group, "
    "or follows from those that were."
)
_UNKNOWN_MAP = _("Nothing can be tested: it is not known which features made this map.")


class ExampleRow(NamedTuple):
    """A row of the group, and what it is called."""

    row: int
    title: str


class SentencePart(NamedTuple):
    """A part of the sentence; `clause` is the place of its clause, or None."""

    text: str
    clause: int | None


def rows_text(count: int) -> str:
    """Write how many rows: "1 row", "352 rows"."""
    return ngettext("{count:,} row", "{count:,} rows", count).format(count=count)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """How chosen rows differ from the others.

    Parameters
    ----------
    count, others : int
        Rows of the group, and those it is compared with.
    clauses : tuple of Clause
        At most four: of features that defined the group, then of others; in both the largest lower
        end of an effect first.
    tested, differing, used : int
        Features that were tested, those of them that differ, and features that were not tested,
        since they defined the group or follow from those that did.
    untested : dict of str to str
        Label of each of the latter: why.
    drawn : bool
        Whether the group was drawn on a map.
    unknown : bool
        Whether that map was made of features that are not known: none can be tested then.
    typical, edge : tuple of ExampleRow
        Rows nearest to the middle of the group, and farthest from it.
    examples_by : str
        What near means, and on how many rows.
    sample : tuple of int, optional
        Rows of both groups that were drawn at random, where figures are theirs.
    complete : bool
        Whether nothing better will follow.
    why_not : str
        Why nothing is said; empty where something is.
    unit : str, optional
        Column that names the unit of a row.
    notes : list of str
    """

    count: int
    others: int
    clauses: tuple[Clause, ...] = ()
    tested: int = 0
    differing: int = 0
    used: int = 0
    untested: dict[str, str] = field(default_factory=dict)
    drawn: bool = False
    unknown: bool = False
    typical: tuple[ExampleRow, ...] = ()
    edge: tuple[ExampleRow, ...] = ()
    examples_by: str = ""
    sample: tuple[int, int] | None = None
    complete: bool = True
    why_not: str = ""
    unit: str | None = None
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """All of it, to be read."""
        return "".join(part.text for part in self.parts)

    @property
    def parts(self) -> list[SentencePart]:
        """The sentence in parts, so that each clause can be shown with its figures."""
        count = rows_text(self.count)
        if self.why_not:
            return [SentencePart(f"{count}: {self.why_not}", None)]
        used = [place for place, clause in enumerate(self.clauses) if clause.used]
        tested = [place for place, clause in enumerate(self.clauses) if not clause.used]
        parts = [SentencePart(f"{count}: ", None)]
        if used:
            parts += self._joined(used)
        if tested:
            if used:
                lead = (
                    _("Beyond what drew the map:")
                    if self.drawn
                    else _("Beyond what defined the group:")
                )
                parts.append(SentencePart(f" {lead} ", None))
            parts += self._joined(tested)
        elif self.checked:
            lead = " " if used else ""
            untested = _UNKNOWN_MAP if self.unknown else _NO_TESTED
            text = _("No independent feature differs detectably.") if self.tested else untested
            parts.append(SentencePart(lead + text, None))
        elif not used:
            parts.append(SentencePart(_("looking for differences."), None))
        if self.sample is not None:
            rows = rows_text(self.sample[0] + self.sample[1])
            parts.append(
                SentencePart((" " + _("From a sample of {rows}.").format(rows=rows)), None)
            )
        return parts

    @property
    def checked(self) -> bool:
        """Whether it is known which features can be tested."""
        return bool(self.tested or self.used)

    def _joined(self, places: list[int]) -> list[SentencePart]:
        parts: list[SentencePart] = []
        for number, place in enumerate(places):
            if number:
                parts.append(SentencePart("; ", None))
            parts.append(SentencePart(self.clauses[place].text, place))
        return [*parts, SentencePart(".", None)]

    def to_arrow(self) -> pa.Table:
        """Return a row per clause."""
        import pyarrow as pa

        rows = [{**asdict(clause), "same": ", ".join(clause.same)} for clause in self.clauses]
        return pa.Table.from_pylist(rows)

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null, with the sentence."""
        document: dict[str, Any] = plain(
            {
                **asdict(self),
                "typical": [row._asdict() for row in self.typical],
                "edge": [row._asdict() for row in self.edge],
            }
        )
        return {"sentence": self.sentence, **document}
