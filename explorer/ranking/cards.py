"""What the Ranking view shows, as plain values: tiles, segments, verdicts, and the page."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.core.json_values import plain
from explorer.core.number_format import (
    NONE,
    decimals_of_width,
    fraction,
    interval,
    p_value,
    rate,
    signed,
)
from explorer.experiment.analysis.experiment_verdict import style_of
from explorer.ui.repeated_card import other_notes, repeated_card

if TYPE_CHECKING:
    from explorer.experiment.analysis.cell import Cell
    from explorer.ranking.list_figures import ListFigures, ListMean
    from explorer.ranking.ranking import Ranking

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "page_card", "ranking_card"]

_written = partial(fraction, digits=4)  # figures between 0 and 1, as is usual
MOST_ROWS, MOST_COLUMNS = 40, 24
"""Rows and columns of a page that are drawn; the files have all."""


def ranking_card(ranking: Ranking) -> dict[str, Any]:
    """Return the figures of all lists and of segments, and what is to be minded; JSON."""
    n = f"{ranking.mrr.n:,} {'lists' if ranking.no_hit == 'count' else 'lists with a hit'}" + (
        (" · " + _("{n_units:,} units ({unit})").format(n_units=ranking.n_units, unit=ranking.unit))
        if ranking.unit
        else ""
    )
    tiles = [_tile("MRR", ranking.mrr, n, _("Mean of 1 / position of the highest play of a list"))]
    tiles += [
        _tile(
            f"NDCG@{k}",
            mean,
            "",
            _("Discounted gain down to this position, beside the best order of the list"),
        )
        for k, mean in ranking.ndcg.items()
    ]
    tiles += [
        _tile(f"success@{k}", mean, "", _("Share of lists with a play down to this position"))
        for k, mean in ranking.success.items()
    ]
    tiles.append(
        _tile(
            _("any play"),
            ranking.played,
            _("all {lists:,} lists").format(lists=ranking.lists),
            _("Share of all lists in which anything was played"),
        )
    )
    return {
        "tiles": tiles,
        "words": (
            _("{lists:,} lists · {n_rows:,} rows · exact · {seconds:.1f} s").format(
                lists=ranking.lists, n_rows=ranking.n_rows, seconds=ranking.seconds
            )
        ),
        "told": ranking.words,
        "notes": other_notes(ranking.notes, ranking.repeated),
        "repeated": repeated_card(ranking.repeated),
        "method": ranking.method,
        "by": ranking.by,
        "deep": ranking.deep,
        "rates_of": ranking.rates_of,
        "examination": ranking.examination_words,
        "heads": [tile["name"] for tile in tiles],
        "segments": [_segment(segment) for segment in ranking.segments],
        "page": page_card(ranking),
        "corrected": _corrected(ranking),
        "comparison": _comparison(ranking),
        "comparison_words": ranking.comparison_words,
        "compared_on": ranking.compared_on,
        "no_hit": ranking.no_hit,
    }


def _corrected(ranking: Ranking) -> str:
    """Say by what rates by position are corrected, and how many are not drawn."""
    weak = sum(not position.ranked for position in ranking.examination)
    how = (
        _("weighted by {propensity}").format(propensity=ranking.propensity)
        if ranking.propensity
        else _("positions having been drawn at random")
    )
    if ranking.examination and all(
        position.share != position.share for position in ranking.examination
    ):
        return _("{how}. The first position has no play: nothing can be compared with it.").format(
            how=how
        )
    few = " " + _(
        "{weak:,} positions rest on too few effective rows and are not drawn; the files have them."
    ).format(weak=weak)
    return f"{how}.{few if weak else ''}"


def page_card(ranking: Ranking) -> dict[str, Any]:
    """Return the cells of the page that are drawn, with what is written in each, if any."""
    if not ranking.page:
        return {}
    rows, columns = (
        max(cell.row for cell in ranking.page),
        max(cell.column for cell in ranking.page),
    )
    recall = {(depth.rows, depth.columns): depth.value for depth in ranking.recall}
    cells = [
        {
            "row": cell.row,
            "column": cell.column,
            "n": cell.n,
            "hits": cell.hits,
            "values": [
                plain(cell.rate),
                plain(cell.share),
                plain(recall.get((cell.row, cell.column), math.nan)),
                cell.n,
            ],
            "shown": [
                rate(cell.rate),
                rate(cell.share),
                rate(recall.get((cell.row, cell.column))),
                f"{cell.n:,}",
            ],
            "interval": f"{rate(cell.low)} … {rate(cell.high)}",
        }
        for cell in ranking.page
        if cell.row <= MOST_ROWS and cell.column <= MOST_COLUMNS
    ]
    cut = (
        ""
        if rows <= MOST_ROWS and columns <= MOST_COLUMNS
        else _(
            "the first {most_rows} rows and {most_columns} columns of {rows:,} × "
            "{columns:,} are drawn"
        ).format(most_rows=MOST_ROWS, most_columns=MOST_COLUMNS, rows=rows, columns=columns)
    )
    return {
        "rows": min(rows, MOST_ROWS),
        "columns": min(columns, MOST_COLUMNS),
        "cells": cells,
        "cut": cut,
    }


def _comparison(ranking: Ranking) -> dict[str, Any] | None:
    compared = ranking.comparison
    if compared is None:
        return None
    lines = [_verdict(compared.cells[i]) for i in range(len(compared.cells))]
    return {
        "control": compared.control,
        "arms": list(compared.arms),
        "lines": lines,
        "ledger": compared.ledger,
        "notes": compared.notes,
    }


def _verdict(cell: Cell) -> dict[str, Any]:
    look = style_of(cell.verdict, cell.strength)
    half = (cell.high - cell.low) / 2
    write = partial(fraction, digits=min(max(decimals_of_width(half), 3), 6) if half > 0 else 4)
    return {
        "metric": cell.metric.replace("mrr", "MRR").replace("ndcg", "NDCG"),
        "arm": cell.arm,
        "control": write(cell.control),
        "treatment": write(cell.treatment),
        "difference": signed(cell.difference, write),
        "interval": f"{signed(cell.low, write)} … {signed(cell.high, write)}",
        "p": p_value(cell.p_adjusted) or NONE,
        "verdict": {**look._asdict(), "short": cell.verdict, "words": cell.words},
    }


def _segment(figures: ListFigures) -> dict[str, Any]:
    means = [figures.mrr, *figures.ndcg.values(), *figures.success.values(), figures.played]
    return {
        "segment": figures.segment,
        "lists": f"{figures.lists:,}",
        "without": f"{figures.lists_without_hit:,}",
        "figures": [[_written(mean.value), _interval(mean)] for mean in means],
    }


def _tile(name: str, mean: ListMean, note: str, title: str) -> dict[str, str]:
    return {
        "name": name,
        "value": _written(mean.value),
        "interval": _interval(mean),
        "note": note,
        "title": title,
    }


def _interval(mean: ListMean) -> str:
    return interval(mean.low, mean.high, _written)
