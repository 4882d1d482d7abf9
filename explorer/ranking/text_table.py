"""Ranking table: figures of all lists and of segments, the position curve, and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.command_line.text_table import MOST_LINES, aligned
from explorer.core.number_format import NONE, finite, rate
from explorer.experiment.text_table import experiment_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.ranking.list_figures import ListFigures, ListMean
    from explorer.ranking.ranking import Ranking

__all__ = ["ranking_table"]

_DEEPEST = 12  # positions and depths that are written out


def ranking_table(found: Ranking, width: int) -> Iterator[str]:
    """Write a ranking line by line.

    Parameters
    ----------
    found : Ranking
    width : int
        Columns of the terminal, for the words at the end alone.

    Yields
    ------
    str
    """
    yield f"{found.outcome} by {found.position}: {found.words}"
    yield from _figures(found, width)
    yield "position curve" + (
        ": of all lists, since only rows that are played have a position"
        if found.rates_of == "lists"
        else ""
    )
    yield from _curve(found, width)
    yield f"chance of any play within the first {found.deep} (all lists{_but(found)})"
    yield from _chances(found, width)
    if found.examination_words:
        yield f"! {found.examination_words}"
    if found.page:
        yield (
            f"page: share of plays within the first rows of {found.row} (down) "
            f"and columns of {found.column}"
        )
        yield from _recall(found, width)
    if found.comparison is not None:
        yield f"compared on {found.compared_on}" + (
            "" if found.no_hit == "count" else "; any play on all lists"
        )
        if found.comparison_words:
            yield f"! {found.comparison_words}"
        yield from experiment_table(found.comparison, width)
    elif found.comparison_words:
        yield found.comparison_words


def _figures(found: Ranking, width: int) -> Iterator[str]:
    some = [found.figures, *found.segments][: MOST_LINES + 1]
    heads = [
        found.by or "",
        "lists",
        "no hit",
        "any play",
        "MRR",
        *(f"NDCG@{k}" for k in found.k),
        *(f"success@{k}" for k in found.k),
    ]
    yield from aligned([heads, *map(_line, some)], [""] * len(some), width)
    if len(found.segments) > MOST_LINES:
        yield f"… and {len(found.segments) - MOST_LINES:,} more: --json or --out"


def _line(one: ListFigures) -> list[str]:
    means = [one.mrr, *one.ndcg.values(), *one.success.values()]
    return [
        one.segment,
        f"{one.lists:,}",
        f"{one.lists_without_hit:,}",
        _mean(one.played),
        *map(_mean, means),
    ]


def _mean(one: ListMean) -> str:
    return f"{finite(one.value)} ({finite(one.low)} … {finite(one.high)})"


def _curve(found: Ranking, width: int) -> Iterator[str]:
    lines = [
        [
            str(one.position),
            f"{one.n:,}",
            f"{one.hits:,}",
            rate(one.rate),
            f"{rate(one.low)} … {rate(one.high)}",
            rate(one.share) if one.share == one.share else NONE,
        ]
        for one in found.positions[:_DEEPEST]
    ]
    heads = ["position", found.rates_of, "hits", "rate", "95 %", "of all plays"]
    yield from aligned([heads, *lines], [""] * len(lines), width)
    if len(found.positions) > _DEEPEST:
        yield f"… and {len(found.positions) - _DEEPEST:,} more positions: --json or --out"


def _chances(found: Ranking, width: int) -> Iterator[str]:
    some = found.any_play[:_DEEPEST]
    lines = [
        [str(one.depth), f"{one.hits:,}", rate(one.value), f"{rate(one.low)} … {rate(one.high)}"]
        for one in some
    ]
    yield from aligned([[found.deep, "lists", "share", "95 %"], *lines], [""] * len(lines), width)


def _but(found: Ranking) -> str:
    """Say which lists the chances leave out."""
    left = found.lists - (found.any_play[0].lists if found.any_play else found.lists)
    return f" but {left:,} with a play at an unknown place" if left else ""


def _recall(found: Ranking, width: int) -> Iterator[str]:
    columns = sorted({one.columns for one in found.recall})[:_DEEPEST]
    held = {(one.rows, one.columns): one for one in found.recall}
    rows = sorted({one.rows for one in found.recall})[:_DEEPEST]
    lines = [[str(m), *(rate(held[m, n].value) for n in columns)] for m in rows]
    yield from aligned([["rows", *map(str, columns)], *lines], [""] * len(lines), width)
