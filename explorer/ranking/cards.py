"""What the Ranking view shows, as plain values: tiles, segments, verdicts, and the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core.number_format import NONE, probability, rate
from explorer.experiment.analysis.experiment_verdict import style_of
from explorer.ui.repeated_card import notes_beside, repeated_card

if TYPE_CHECKING:
    from explorer.experiment.analysis.cell import Cell
    from explorer.ranking.list_figures import ListFigures, ListMean
    from explorer.ranking.ranking import Ranking

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "page_card", "ranking_card"]

MOST_ROWS, MOST_COLUMNS = 40, 24
"""Rows and columns of a page that are drawn; the files have all."""


def ranking_card(found: Ranking) -> dict[str, Any]:
    """Return the figures of all lists and of segments, and what is to be minded; JSON."""
    n = f"{found.mrr.n:,} {'lists' if found.no_hit == 'count' else 'lists with a hit'}" + (
        f" · {found.n_units:,} units ({found.unit})" if found.unit else ""
    )
    tiles = [_tile("MRR", found.mrr, n, "Mean of 1 / position of the highest play of a list")]
    tiles += [
        _tile(
            f"NDCG@{k}",
            one,
            "",
            "Discounted gain down to this position, beside the best order of the list",
        )
        for k, one in found.ndcg.items()
    ]
    tiles += [
        _tile(f"success@{k}", one, "", "Share of lists with a play down to this position")
        for k, one in found.success.items()
    ]
    tiles.append(
        _tile(
            "any play",
            found.played,
            f"all {found.lists:,} lists",
            "Share of all lists in which anything was played",
        )
    )
    return {
        "tiles": tiles,
        "words": f"{found.lists:,} lists · {found.n_rows:,} rows · exact · {found.seconds:.1f} s",
        "told": found.words,
        "notes": notes_beside(found.notes, found.repeated),
        "repeated": repeated_card(found.repeated),
        "method": found.method,
        "by": found.by,
        "deep": found.deep,
        "rates_of": found.rates_of,
        "examination": found.examination_words,
        "heads": [tile["name"] for tile in tiles],
        "segments": [_segment(one) for one in found.segments],
        "page": page_card(found),
        "corrected": _corrected(found),
        "comparison": _comparison(found),
        "comparison_words": found.comparison_words,
        "compared_on": found.compared_on,
        "no_hit": found.no_hit,
    }


def _corrected(found: Ranking) -> str:
    """Say by what rates by position are corrected, and how many are not drawn."""
    weak = sum(not one.ranked for one in found.examination)
    how = (
        f"weighted by {found.propensity}"
        if found.propensity
        else "positions having been drawn at random"
    )
    if found.examination and all(one.share != one.share for one in found.examination):
        return f"{how}. The first position has no play: nothing can be compared with it."
    few = (
        f" {weak:,} positions rest on too few effective rows and are not drawn; "
        "the files have them."
    )
    return f"{how}.{few if weak else ''}"


def page_card(found: Ranking) -> dict[str, Any]:
    """Return the cells of the page that are drawn, with what is written in each, if any."""
    if not found.page:
        return {}
    rows, columns = max(one.row for one in found.page), max(one.column for one in found.page)
    recall = {(one.rows, one.columns): one.value for one in found.recall}
    cells = [
        {
            "row": one.row,
            "column": one.column,
            "n": one.n,
            "hits": one.hits,
            "values": [
                _json(one.rate),
                _json(one.share),
                _json(recall.get((one.row, one.column), math.nan)),
                one.n,
            ],
            "shown": [
                rate(one.rate),
                rate(one.share) if one.share == one.share else NONE,
                rate(recall.get((one.row, one.column))),
                f"{one.n:,}",
            ],
            "interval": f"{rate(one.low)} … {rate(one.high)}",
        }
        for one in found.page
        if one.row <= MOST_ROWS and one.column <= MOST_COLUMNS
    ]
    cut = (
        ""
        if rows <= MOST_ROWS and columns <= MOST_COLUMNS
        else f"the first {MOST_ROWS} rows and {MOST_COLUMNS} columns of {rows:,} × {columns:,} "
        "are drawn"
    )
    return {
        "rows": min(rows, MOST_ROWS),
        "columns": min(columns, MOST_COLUMNS),
        "cells": cells,
        "cut": cut,
    }


def _comparison(found: Ranking) -> dict[str, Any] | None:
    compared = found.comparison
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
    look = style_of(cell.verdict, cell.strength)  # type: ignore[arg-type]
    half = (cell.high - cell.low) / 2
    digits = min(max(1 - math.floor(math.log10(half)), 3), 6) if half > 0 else 4
    return {
        "metric": cell.metric.replace("mrr", "MRR").replace("ndcg", "NDCG"),
        "arm": cell.arm,
        "control": _written(cell.control, digits),
        "treatment": _written(cell.treatment, digits),
        "difference": _signed(cell.difference, digits),
        "interval": f"{_signed(cell.low, digits)} … {_signed(cell.high, digits)}",
        "p": probability(cell.p_adjusted) or NONE,
        "verdict": {**look._asdict(), "short": cell.verdict, "words": cell.words},
    }


def _segment(one: ListFigures) -> dict[str, Any]:
    means = [one.mrr, *one.ndcg.values(), *one.success.values(), one.played]
    return {
        "segment": one.segment,
        "lists": f"{one.lists:,}",
        "without": f"{one.lists_without_hit:,}",
        "figures": [[_written(mean.value), _interval(mean)] for mean in means],
    }


def _tile(name: str, one: ListMean, note: str, title: str) -> dict[str, str]:
    return {
        "name": name,
        "value": _written(one.value),
        "interval": _interval(one),
        "note": note,
        "title": title,
    }


def _interval(one: ListMean) -> str:
    return f"{_written(one.low)} … {_written(one.high)}" if math.isfinite(one.low) else ""


def _written(value: float, digits: int = 4) -> str:
    """Write a figure between 0 and 1 with four decimals, as is usual, or with more."""
    return f"{value:.{digits}f}".removeprefix("0") if math.isfinite(value) else NONE


def _signed(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return NONE
    return f"{value:+.{digits}f}".replace("-", "−").replace("+0.", "+.").replace("−0.", "−.")


def _json(value: float) -> float | None:
    return value if math.isfinite(value) else None
