"""Ranking table: figures of all lists and of segments, the position curve, and the page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, Column, text_table
from explorer.core.number_format import interval, rate, small
from explorer.experiment.text_table import experiment_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.ranking.list_figures import Depth, ListFigures, ListMean
    from explorer.ranking.page_places import Position
    from explorer.ranking.ranking import Ranking

__all__ = ["ranking_table"]

_DEEPEST = 12  # positions and depths that are written out


def ranking_table(ranking: Ranking, width: int) -> Iterator[str]:
    """Write a ranking."""
    yield f"{ranking.outcome} by {ranking.position}: {ranking.words}"
    yield from _figure_table(ranking, width)
    yield "position curve" + (
        ": of all lists, since only rows that are played have a position"
        if ranking.rates_of == "lists"
        else ""
    )
    yield from _position_table(ranking, width)
    yield f"chance of any play within the first {ranking.deep} (all lists{_left_out(ranking)})"
    yield from _chance_table(ranking, width)
    if ranking.examination_words:
        yield f"! {ranking.examination_words}"
    if ranking.page:
        yield (
            f"page: share of plays within the first rows of {ranking.row} (down) "
            f"and columns of {ranking.column}"
        )
        yield from _page_table(ranking, width)
    if ranking.comparison is not None:
        yield f"compared on {ranking.compared_on}" + (
            "" if ranking.no_hit == "count" else "; any play on all lists"
        )
        if ranking.comparison_words:
            yield f"! {ranking.comparison_words}"
        yield from experiment_table(ranking.comparison, width)
    elif ranking.comparison_words:
        yield ranking.comparison_words


def _figure_table(ranking: Ranking, width: int) -> Iterator[str]:
    columns: list[Column[ListFigures]] = [
        Column(ranking.by or "", lambda row: row.segment, is_text=True),
        Column("lists", lambda row: f"{row.lists:,}"),
        Column("no hit", lambda row: f"{row.lists_without_hit:,}"),
        Column("any play", lambda row: _mean(row.played)),
        Column("MRR", lambda row: _mean(row.mrr)),
        *(Column(f"NDCG@{k}", partial(_ndcg, k=k)) for k in ranking.k),
        *(Column(f"success@{k}", partial(_success, k=k)) for k in ranking.k),
    ]
    rows = [ranking.figures, *ranking.segments]
    return text_table(columns, rows, width, most=MOST_LINES + 1)


def _ndcg(row: ListFigures, k: int) -> str:
    return _mean(row.ndcg[k])


def _success(row: ListFigures, k: int) -> str:
    return _mean(row.success[k])


def _mean(mean: ListMean) -> str:
    return f"{small(mean.value)} ({small(mean.low)} … {small(mean.high)})"


def _position_table(ranking: Ranking, width: int) -> Iterator[str]:
    columns: list[Column[Position]] = [
        Column("position", lambda row: str(row.position), is_text=True),
        Column(ranking.rates_of, lambda row: f"{row.n:,}"),
        Column("hits", lambda row: f"{row.hits:,}"),
        Column("rate", lambda row: rate(row.rate)),
        Column("95 %", lambda row: interval(row.low, row.high, rate)),
        Column("of all plays", lambda row: rate(row.share)),
    ]
    more = "more positions: --json or --out"
    return text_table(columns, ranking.positions, width, most=_DEEPEST, more=more)


def _chance_table(ranking: Ranking, width: int) -> Iterator[str]:
    columns: list[Column[Depth]] = [
        Column(ranking.deep, lambda row: str(row.depth), is_text=True),
        Column("lists", lambda row: f"{row.hits:,}"),
        Column("share", lambda row: rate(row.value)),
        Column("95 %", lambda row: interval(row.low, row.high, rate)),
    ]
    return text_table(columns, ranking.any_play[:_DEEPEST], width)


def _left_out(ranking: Ranking) -> str:
    """Say which lists the chances leave out."""
    lists = ranking.any_play[0].lists if ranking.any_play else ranking.lists
    left = ranking.lists - lists
    return f" but {left:,} with a play at an unknown place" if left else ""


def _page_table(ranking: Ranking, width: int) -> Iterator[str]:
    shares = {(part.rows, part.columns): rate(part.value) for part in ranking.recall}
    rows, columns = (sorted(set(places))[:_DEEPEST] for places in zip(*shares, strict=True))

    def column(number: int) -> Column[int]:
        return Column(str(number), lambda row: shares[row, number])

    return text_table([Column("rows", str, is_text=True), *map(column, columns)], rows, width)
