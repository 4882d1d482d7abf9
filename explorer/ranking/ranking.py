"""Ranking: how high up on the page the played title was."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.core.json_values import result_document

if TYPE_CHECKING:
    import pyarrow as pa

    from explorer.experiment.analysis.experiment import Experiment
    from explorer.ranking.examination import ExaminedPosition
    from explorer.ranking.list_figures import Depth, ListFigures, ListMean
    from explorer.ranking.page_places import PageCell, Position, Recall
    from explorer.stats.repeated import RepeatedRows

__all__ = ["Ranking"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranking:
    """Where on lists, and on the page, titles were played.

    Parameters
    ----------
    position, outcome : str
    figures : ListFigures
        Of all lists.
    positions : list of Position
        The position curve: a row per position that occurs.
    any_play : list of Depth
        Chance of any play within the first rows of the page, or the first positions where no row is
        named: of all lists, also those without one.
    page : list of PageCell
        A row per row and column in which something was shown; empty where these are not named.
    recall : list of Recall
        Share of all plays in the first rows and columns.
    examination : list of ExaminedPosition
        How often each position is looked at; empty where nothing tells it, and `examination_words`
        says why.
    examination_words : str
    segments : list of ListFigures
        By segment of `by`.
    segment_positions : list of Position
    comparison : Experiment or None
        Segments as arms against one of them, in the lists that `compared_on` says.
    comparison_words : str
        Why there is none; or what is to be minded of it.
    list, unit, row, column, by, propensity : str or None
        Columns.
    k : tuple of int
    no_hit : {"count", "drop"}
        Whether lists without a hit count as 0 in `mrr`, `ndcg` and `success`, or are left out; arms
        are compared alike.
    starts : dict of str to int
        From what `position`, `row` and `column` count in the table, 0 or 1; here they count from 1.
    rates_of : str
        What rates by position are of: "rows" that were shown there, or all "lists", where the log
        has only what was played.
    deep : str
        What depths of `any_play` are: "rows" or "positions".
    where : str
    notes : list of str
        What was left out, and what is to be minded.
    n_rows, n_units : int
        Rows that are counted, and units, which are lists where none are named.
    repeated : RepeatedRows, optional
        Lists that seem to belong together, where nobody has named or declined their unit.
    fingerprint : str
    seconds : float
    """

    position: str
    outcome: str
    figures: ListFigures
    positions: list[Position]
    any_play: list[Depth]
    page: list[PageCell] = field(default_factory=list)
    recall: list[Recall] = field(default_factory=list)
    examination: list[ExaminedPosition] = field(default_factory=list)
    examination_words: str = ""
    segments: list[ListFigures] = field(default_factory=list)
    segment_positions: list[Position] = field(default_factory=list)
    comparison: Experiment | None = None
    comparison_words: str = ""
    unit: str | None = None
    row: str | None = None
    column: str | None = None
    by: str | None = None
    propensity: str | None = None
    k: tuple[int, ...] = (1, 5, 10)
    no_hit: str = "count"
    starts: dict[str, int] = field(default_factory=dict)
    rates_of: str = "rows"
    deep: str = "positions"
    where: str = ""
    notes: list[str] = field(default_factory=list)
    n_rows: int = 0
    n_units: int = 0
    repeated: RepeatedRows | None = None
    fingerprint: str = ""
    seconds: float = 0.0
    list: str | None = None

    @property
    def mrr(self) -> ListMean:
        """Mean of 1 / position of the highest hit of a list."""
        return self.figures.mrr

    @property
    def ndcg(self) -> dict[int, ListMean]:
        """Normalised discounted cumulative gain by depth."""
        return self.figures.ndcg

    @property
    def success(self) -> dict[int, ListMean]:
        """Share of lists with a hit within each depth."""
        return self.figures.success

    @property
    def lists(self) -> int:
        """All lists."""
        return self.figures.lists

    @property
    def lists_without_hit(self) -> int:
        """Lists in which nothing was played."""
        return self.figures.lists_without_hit

    @property
    def lists_unplaced(self) -> int:
        """Lists with a play that has no position; left out of MRR, NDCG and success."""
        return self.figures.lists_unplaced

    @property
    def played(self) -> ListMean:
        """Share of all lists in which anything was played, whatever `no_hit` is."""
        return self.figures.played

    @property
    def compared_on(self) -> str:
        """The lists in which arms are compared: "all lists", or "lists with a hit"."""
        return _("all lists") if self.no_hit == "count" else _("lists with a hit")

    @property
    def words(self) -> str:
        """How lists without a hit count."""
        without, all_lists = self.lists_without_hit, self.lists
        lost = self.lists_unplaced
        unplaced = (
            _("; {lost:,} have a hit without a position and are left out").format(lost=lost)
            if lost
            else ""
        )
        if without == all_lists:
            text = (
                _("none of the {all_lists:,} lists has a hit: MRR, NDCG and success are 0")
                if self.no_hit == "count"
                else _(
                    "none of the {all_lists:,} lists has a hit: there is no MRR, NDCG or success"
                )
            )
            return text.format(all_lists=all_lists)
        text = (
            _(
                "{without:,} of {all_lists:,} lists ({percent:.1f} %) have no hit; they count as 0"
                "{unplaced}"
            )
            if self.no_hit == "count"
            else _(
                "{without:,} of {all_lists:,} lists ({percent:.1f} %) have no hit; they are left "
                "out: the figures say at which position a hit is, not how many lists have one"
                "{unplaced}"
            )
        )
        return text.format(
            without=without,
            all_lists=all_lists,
            percent=100 * without / all_lists,
            unplaced=unplaced,
        )

    @property
    def method(self) -> str:
        """Sentences for the methods section."""
        errors = _("units ({unit})").format(unit=self.unit) if self.unit else "lists"
        return (
            (
                _(
                    "Lists were ranked by {position}, hits by {outcome}. MRR is the mean of 1 / "
                    "position of the highest hit, NDCG has gain / log₂(1 + position) and the "
                    "ideal order of all of a list's gains (Järvelin and Kekäläinen 2002); "
                    "{words}. Intervals are between {errors}: Student's of means, Wilson's "
                    "(1927) for as many rows as have the same error of shares (Korn and Graubard "
                    "1998)."
                ).format(
                    position=self.position, outcome=self.outcome, words=self.words, errors=errors
                )
                + " "
            )
            + (
                _(
                    "Segments were compared by the delta method over units, {primary} as the "
                    "primary metric, the others by Benjamini and Hochberg; MRR, NDCG and success "
                    "of {lists}, the chance of any play of all lists."
                ).format(
                    primary="MRR" if self.no_hit == "count" else _("the chance of any play"),
                    lists=self.compared_on,
                )
                + " "
                if self.comparison is not None
                else ""
            )
            + (
                ""
                if self.examination
                else _("Rates by position are {partition}.").format(
                    partition=self.examination_words.partition(":")[0]
                )
            )
        )

    def to_arrow(self) -> pa.Table:
        """Return every figure as a row.

        Figure, by, segment, depth or position or row, column, n, hits, value, low, high.
        """
        import pyarrow as pa

        names = ("figure", "by", "segment", "at", "column", "n", "hits", "value", "low", "high")
        rows = [row for figures in (self.figures, *self.segments) for row in _figure_rows(figures)]
        rows += [
            (
                "played",
                figures.by,
                figures.segment,
                None,
                None,
                figures.lists,
                figures.lists - figures.lists_without_hit,
                *figures.played[:3],
            )
            for figures in (self.figures, *self.segments)
        ]
        rows += [
            ("rate", p.by, p.segment, p.position, None, p.n, p.hits, p.rate, p.low, p.high)
            for p in (*self.positions, *self.segment_positions)
        ]
        rows += [
            ("any_play", "", "all", d.depth, None, d.lists, d.hits, d.value, d.low, d.high)
            for d in self.any_play
        ]
        rows += [
            ("page", "", "all", p.row, p.column, p.n, p.hits, p.rate, p.low, p.high)
            for p in self.page
        ]
        rows += [
            ("recall", "", "all", r.rows, r.columns, None, r.hits, r.value, None, None)
            for r in self.recall
        ]
        rows += [
            ("examination", "", "all", e.position, None, e.n, None, e.share, e.low, e.high)
            for e in self.examination
        ]
        types = (pa.string(),) * 3 + (pa.int64(),) * 4 + (pa.float64(),) * 3
        columns = zip(*rows, strict=True)
        return pa.table(
            {
                name: pa.array(values, kind)
                for name, values, kind in zip(names, columns, types, strict=True)
            }
        )

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null."""
        figures = {
            name: _means(getattr(self, name)) for name in ("mrr", "ndcg", "success", "played")
        }
        parts = {
            name: [row._asdict() for row in getattr(self, name)]
            for name in (
                "positions",
                "any_play",
                "page",
                "recall",
                "examination",
                "segment_positions",
            )
        }
        segments = [
            {
                **asdict(segment),
                **{
                    name: _means(getattr(segment, name))
                    for name in ("mrr", "ndcg", "success", "played")
                },
            }
            for segment in self.segments
        ]
        return result_document(
            self,
            "position outcome list unit row column by propensity k no_hit starts rates_of "
            "deep where notes n_rows n_units fingerprint seconds lists lists_without_hit "
            "lists_unplaced words examination_words compared_on comparison_words method",
            repeated=self.repeated,
            **figures,
            **parts,
            segments=segments,
            comparison=self.comparison,
        )


def _means(value: Any) -> Any:
    return (
        {key: mean._asdict() for key, mean in value.items()}
        if isinstance(value, dict)
        else value._asdict()
    )


def _figure_rows(figures: ListFigures) -> list[tuple[Any, ...]]:
    """Return the figures of some lists as rows of the table."""
    rows: list[tuple[Any, ...]] = []
    for name, at, mean in (
        ("mrr", None, figures.mrr),
        *(("ndcg", k, mean) for k, mean in figures.ndcg.items()),
        *(("success", k, mean) for k, mean in figures.success.items()),
    ):
        rows.append(
            (
                name,
                figures.by,
                figures.segment,
                at,
                None,
                mean.n,
                None,
                mean.value,
                mean.low,
                mean.high,
            )
        )
    return rows
