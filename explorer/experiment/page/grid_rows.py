"""Rows of a grid of experiments: sorted, searched, and handed to the page by windows."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import unknown_name
from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.experiment.analysis.experiment_verdict import PALETTE
from explorer.experiment.page.cards import metric_kind_text, palette, value_format_of
from explorer.experiment.page.value_format import format_lift, format_p
from explorer.ui.repeated_card import other_notes, repeated_card

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.assignment_checks import SampleRatioCheck
    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid

__all__ = ["GRID_SORTS", "GridRows"]

GRID_SORTS = ("table", "name", "coloured", "z", "ratio")
"""As the table has them, by name, most coloured cells, largest |z|, worst sample ratio.

By name, numbers are sorted by size; |z| is that of a metric in an arm.
"""

_NUMBERS = {key: number for number, key in enumerate(PALETTE)}
_ARROWS = {"increase": "↑", "decrease": "↓", None: ""}
_MOST_NOTED = 3  # names of experiments in a line


class GridRows:
    """The experiments of a grid, one row each.

    Sample ratio, units of each arm, and a verdict for each metric and arm.

    Parameters
    ----------
    found : ExperimentGrid
    """

    def __init__(self, grid: ExperimentGrid) -> None:
        self.grid = grid
        self.names = list(grid.srm)
        self._checks = list(grid.srm.values())
        self.arms = tuple(self._checks[0].counts)
        self.pairs = [(metric.name, arm) for metric in grid.metrics for arm in self.arms[1:]]
        """Metric and arm of each column, in order."""
        self._metrics = {metric.name: metric for metric in grid.metrics}

    def card(self) -> dict[str, Any]:
        """Return what stands above the rows: ledger, columns with coloured cells, palette; JSON."""
        grid = self.grid
        columns = [
            {
                "metric": metric,
                "arm": arm,
                "kind": metric_kind_text(self._metrics[metric]),
                "arrow": _ARROWS[self._metrics[metric].goal],
                "primary": self._metrics[metric].primary,
                "shown": self._shown(place),
            }
            for place, (metric, arm) in enumerate(self.pairs)
        ]
        (family,) = grid.families
        return {
            "column": grid.experiment,
            "of": len(self.names),
            "control": grid.control,
            "arms": list(self.arms),
            "columns": columns,
            "ledger": grid.ledger,
            "what": family.what,
            "levels": " and ".join(f"{level:g}" for level in grid.alpha),
            "notes": other_notes(grid.notes, grid.repeated),
            "repeated": repeated_card(grid.repeated),
            "palette": palette(),
            "seen": self._seen,
            "wrong": self._wrong,
            "checked": self._checks[0].p_value is not None,
            "largest": [max(check.counts[arm] for check in self._checks) for arm in self.arms],
        }

    def order(
        self,
        sort: str = "table",
        search: str = "",
        metric: str | None = None,
        arm: str | None = None,
    ) -> NDArray[np.int64]:
        """Return which experiments are listed, in order.

        Parameters
        ----------
        sort : {"table", "name", "coloured", "z", "ratio"}
            What has none comes last; ties as in the table.
        search : str
            Part of an experiment's name, whatever its case.
        metric, arm : str, optional
            Whose |z|; default: of the first column.

        Raises
        ------
        UnknownName
            An order, metric or arm that does not exist.
        """
        if sort not in GRID_SORTS:
            raise unknown_name("order of experiments", sort, GRID_SORTS)
        places = np.arange(len(self.names))
        if wanted := search.strip().casefold():
            places = np.array(
                [i for i in places if wanted in self.names[int(i)].casefold()], np.int64
            )
        keys = self._z(metric, arm) if sort == "z" else self._keys[sort]
        keys = keys[places]
        return places[np.argsort(np.where(np.isnan(keys), np.inf, keys), kind="stable")]

    def window(
        self,
        start: int,
        stop: int,
        sort: str = "table",
        search: str = "",
        metric: str | None = None,
        arm: str | None = None,
    ) -> dict[str, Any]:
        """Return the experiments from `start` up to `stop`, left out, of an order; JSON.

        A cell names its verdict by its number in the card's palette; its words are empty where they
        are the palette's.
        """
        order = self.order(sort, search, metric, arm)
        start = max(min(start, len(order)), 0)
        lines = [self._line(int(place)) for place in order[start : max(stop, start)]]
        request = {"sort": sort, "search": search, "metric": metric, "arm": arm}
        return {
            "start": start,
            "total": len(order),
            "of": len(self.names),
            "lines": lines,
            **request,
        }

    def cell(self, experiment: str, metric: str, arm: str) -> Cell:
        """Return a cell of the grid.

        Raises
        ------
        ValueError
            Where there is none.
        """
        return self.grid.cells[
            self._number(self.pairs.index((metric, arm)), self.names.index(experiment))
        ]

    @property
    def _wrong(self) -> str:
        """Name the experiments whose arms are not as declared."""
        names = [
            name for name, check in zip(self.names, self._checks, strict=True) if check.mismatch
        ]
        return list_names(names, _MOST_NOTED)

    @property
    def _seen(self) -> list[int]:
        """Return the numbers of the verdicts that occur, as the palette has them."""
        occurring = set(zip(self._verdicts.ravel(), self._strength.ravel().tolist(), strict=True))
        return [number for key, number in _NUMBERS.items() if key in occurring]

    def _number(self, column: int, place: int) -> int:
        return column * len(self.names) + place

    def _line(self, place: int) -> dict[str, Any]:
        check = self._checks[place]
        cells = [self.grid.cells[self._number(column, place)] for column in range(len(self.pairs))]
        return {
            "name": self.names[place],
            "n": list(check.counts.values()),
            **_ratio(check),
            "cells": [self._verdict(cell) for cell in cells],
        }

    def _verdict(self, cell: Cell) -> dict[str, Any]:
        key = (cell.verdict, cell.strength)
        value_format = value_format_of(cell, self._metrics[cell.metric])
        return {
            "look": _NUMBERS[key],
            "effect": value_format.change(cell.difference),
            "interval": value_format.interval(cell.low, cell.high),
            "lift": format_lift(cell.lift, cell.lift_low, cell.lift_high)[0],
            "p": format_p(cell.p_adjusted),
            "p_raw": format_p(cell.p_value),
            "values": [value_format.value(cell.control), value_format.value(cell.treatment)],
            "words": "" if cell.words == PALETTE[key].words else cell.words,
        }

    def _shown(self, column: int) -> list[list[Any]]:
        """Return the glyph of each direction with how many cells have it; untrusted ones last."""
        strong, verdicts = self._strength[column] > 0, self._verdicts[column]
        directions = [("▲", "better"), ("▼", "worse"), ("◆", "changed")]
        counted = [
            [glyph, int((strong & (verdicts == name)).sum()), name] for glyph, name in directions
        ]
        counted.append(["!", int((verdicts == "untrusted").sum()), "untrusted"])
        return [entry for entry in counted if entry[1]]

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        """Return some values of all cells, by column and experiment."""
        cells = self.grid.to_arrow()
        shape = len(self.pairs), len(self.names)
        names = ("strength", "difference", "error", "verdict")
        return {name: cells[name].to_numpy(zero_copy_only=False).reshape(shape) for name in names}

    @property
    def _strength(self) -> NDArray[np.int8]:
        return self._columns["strength"]

    @property
    def _verdicts(self) -> NDArray[np.object_]:
        return self._columns["verdict"]

    @cached_property
    def _all_z(self) -> NDArray[np.float64]:
        """Return |difference| / standard error, (columns, experiments)."""
        difference, error = self._columns["difference"], self._columns["error"]
        with np.errstate(invalid="ignore", divide="ignore"):
            z: NDArray[np.float64] = np.where(error > 0, np.abs(difference) / error, np.nan)
        return z

    def _z(self, metric: str | None, arm: str | None) -> NDArray[np.float64]:
        wanted = metric or self.pairs[0][0], arm or self.arms[1]
        if wanted not in self.pairs:
            raise unknown_name(
                "metric and arm", " · ".join(wanted), [" · ".join(pair) for pair in self.pairs]
            )
        z: NDArray[np.float64] = -self._all_z[self.pairs.index(wanted)]
        return z

    @cached_property
    def _keys(self) -> dict[str, NDArray[np.float64]]:
        """Return what each order goes by, ascending."""
        n = len(self.names)
        by_name = np.empty(n)
        by_name[sorted(range(n), key=lambda i: _natural(self.names[i]))] = np.arange(n)
        p = [np.nan if check.p_value is None else check.p_value for check in self._checks]
        return {
            "table": np.arange(n, dtype=np.float64),
            "name": by_name,
            "coloured": -(self._strength > 0).sum(axis=0).astype(np.float64),
            "ratio": np.array(p, np.float64),
        }


def _ratio(check: SampleRatioCheck) -> dict[str, Any]:
    """Return the sample ratio of an experiment: a flag, a few words, and all of them."""
    if check.p_value is None:
        return {"flag": "unchecked", "ratio": _("not checked"), "ratio_words": check.words}
    if check.mismatch:
        return {
            "flag": "wrong",
            "ratio": _("mismatch, p {p_value}").format(p_value=format_p(check.p_value)),
            "ratio_words": check.words,
        }
    return {"flag": "", "ratio": f"p {format_p(check.p_value)}", "ratio_words": check.words}


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Return what sorts names so that numbers within go by size: E2 before E10."""
    parts = re.split(r"(\d+)", name.casefold())
    return [
        (part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts if part
    ]
