"""Effect map: an experiment in the regions of a map, each read against the whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _, ngettext
from explorer.core.json_values import plain
from explorer.core.name_list import list_names
from explorer.experiment.analysis.aggregates import refuse_rows
from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.effect_map_regions import MapLike, map_regions
from explorer.experiment.analysis.family import Family, judge_groups
from explorer.features.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.experiment.analysis.block import CellBlock
    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.effect_map_regions import Labelled
    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
    from explorer.experiment.analysis.hexagons import Hexagons
    from explorer.map.regions.region import Regions

__all__ = ["EffectMap", "MapLike", "check_measured_before", "effect_map", "unsure_columns"]


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectMap:
    """An experiment in the regions of a map.

    A sequence of cells, one for each region, metric and arm.

    Parameters
    ----------
    cells : Cells
        By metric and arm, in each the regions in their order.
    families : list of Family
        One for each metric and arm.
    labels : sequence of str
        Of the regions.
    codes : ndarray of shape (rows of the table,), int32
        Region of each row, -1 in none.
    hexagons : Hexagons, optional
        Where the regions are.
    owners : ndarray of shape (hexagons,), int32, optional
        Region that each hexagon is drawn for, -1 for none, where regions have other shapes; None: a
        hexagon is a region.
    n_without : int
        Rows of the table that lie in no region.
    alpha : tuple of 2 float
    notes : list of str
    """

    cells: Cells
    families: list[Family]
    labels: Sequence[str]
    codes: NDArray[np.int32]
    hexagons: Hexagons | None
    owners: NDArray[np.int32] | None = None
    n_without: int
    alpha: tuple[float, float] = (0.05, 0.001)
    notes: list[str]
    blocks: tuple[CellBlock, ...] = ()

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, index: int) -> Cell:
        return self.cells[index]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Rows of the table in each region, (regions,) int64: of the experiment or not."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))

    def rows_of(self, region: str) -> NDArray[np.int64]:
        """Return the rows of the table that lie in a region, ascending."""
        return np.flatnonzero(self.codes == list(self.labels).index(region))

    def block(self, metric: str, arm: str) -> CellBlock:
        """Return the cells of one metric and arm as arrays.

        Raises
        ------
        KeyError
            Where there are none.
        """
        return self.blocks[self._place(metric, arm)]

    def part(self, metric: str, arm: str) -> list[Cell]:
        """Return the cells of one metric and arm, in the order of the regions.

        Raises
        ------
        KeyError
            Where there are none.
        """
        return Cells([self.block(metric, arm)])[:]

    def differing(self, metric: str, arm: str) -> NDArray[np.bool_]:
        """Return which regions differ from the whole, (regions,) bool.

        Trusted, tested, and below the first level.

        None is where the family was not opened: without heterogeneity there is nothing to be looked
        for.
        """
        block = self.block(metric, arm)
        if block.deviation_adjusted is None:
            return np.zeros(block.size, np.bool_)
        trusted = np.array([not reason for reason in block.distrust], np.bool_)
        return trusted & block.testable & (block.deviation_adjusted <= self.alpha[0])

    def words(self, metric: str, arm: str) -> str:
        """Say what one metric and arm show on the map, with every number that it rests on."""
        family, waiting = self.families[self._place(metric, arm)], self.block(metric, arm).waiting
        if waiting:
            return waiting
        differing = int(self.differing(metric, arm).sum())
        text = _("{differing:,} of {tests:,} regions differ from the whole").format(
            differing=differing, tests=family.tests
        )
        if any(self.block(metric, arm).distrust):
            text += " " + _("(none is counted where units are not to be trusted)")
        if not family.opened:
            text = _(
                "no sign that the effect differs between {tests:,} regions: none is tested "
                "on its own"
            ).format(tests=family.tests)
        if not np.isfinite(family.omnibus_p):
            return _(
                "fewer than two regions have enough units: "
                "nothing says whether the effect differs between regions"
            )
        turned = (
            _("; the sign changes: Gail–Simon p = {turned_p:.2g}").format(turned_p=family.turned_p)
            if np.isfinite(family.turned_p)
            else ""
        )
        return _(
            "{text}; expected by chance at {alpha:.3g}, without correction: "
            "{expected:.1f}; Q p = {omnibus_p:.2g}{turned}"
        ).format(
            text=text,
            alpha=self.alpha[0],
            expected=family.expected,
            omnibus_p=family.omnibus_p,
            turned=turned,
        )

    def to_arrow(self) -> pa.Table:
        """Return a row per cell, with the rows of the table in its region.

        And, of hexagons, the centre in data units.
        """
        import pyarrow as pa

        table, times = self.cells.to_arrow(), len(self.blocks)
        own = {"rows": pa.array(np.tile(self.counts, times))}
        if self.hexagons is not None and self.owners is None:
            own |= {
                "x": pa.array(np.tile(self.hexagons.x, times)),
                "y": pa.array(np.tile(self.hexagons.y, times)),
            }
        for name, values in own.items():
            table = table.append_column(name, values)
        return table

    def document(self) -> dict[str, Any]:
        """Return everything but the region of each row as JSON, NaN as null."""
        document: dict[str, Any] = plain(
            {
                "cells": [asdict(cell) for cell in self.cells],
                "families": [asdict(family) for family in self.families],
                "regions": [
                    {"label": label, "rows": int(n)}
                    for label, n in zip(self.labels, self.counts, strict=True)
                ],
                "notes": self.notes,
                "n_without": self.n_without,
                "alpha": self.alpha,
            }
        )
        return document

    def _place(self, metric: str, arm: str) -> int:
        for place, block in enumerate(self.blocks):
            if (block.measured.metric.name, block.arm) == (metric, arm):
                return place
        raise KeyError((metric, arm))


def effect_map(
    analysis: ExperimentAnalysis,
    m: MapLike,
    regions: int | Labelled | Regions = 100,
    before: Iterable[str] = (),
    *,
    fingerprint: str,
    assignment: Callable[[str], str],
) -> EffectMap:
    """Compute an experiment's cells in the regions of a map.

    Parameters
    ----------
    analysis : ExperimentAnalysis
    m : Map
        Of the experiment's table.
    regions : int, (ndarray of shape (rows of the map,), sequence of str), or Regions
        About how many hexagons; or the region of each row of the map (negative: none) and the
        regions' names; or the map's named regions, at the level of about 30 (`named_regions` takes
        another).
    before : iterable of str
        Columns of the map that were measured before the assignment, beside those of which the
        catalogue says so.
    fingerprint : str
        Of the experiment's table.
    assignment : callable
        From a column to "before" or "after" the assignment, "" where the catalogue says neither.

    Raises
    ------
    ExperimentError
        Where the map belongs to another table, or was made from columns that may have been measured
        after the assignment.
    """
    refuse_rows(analysis.log, _("an effect on a map"))
    if m.fingerprint != fingerprint:
        raise ExperimentError(
            f"the map belongs to another table ({m.fingerprint[:12]}…, "
            f"the experiment's is {fingerprint[:12]}…): project this table"
        )
    notes = check_measured_before(assignment, m, frozenset(before))
    assigned = map_regions(m, regions)
    codes = np.full(len(analysis.log.arm), -1, np.int32)
    codes[m.rows] = assigned.codes
    n_without = int((codes < 0).sum())
    if n_without:
        notes.append(
            _(
                "{n_without:,} of {count:,} rows have no place on the map and are in no region"
            ).format(n_without=n_without, count=len(codes))
        )
    blocks = analysis.grouped("", Segments(codes, assigned.labels), on_map=True)
    families = judge_groups(blocks, analysis.whole[: len(blocks)], analysis.alpha)
    return EffectMap(
        cells=Cells(blocks),
        families=families,
        labels=assigned.labels,
        codes=codes,
        hexagons=assigned.hexagons,
        owners=assigned.owners,
        n_without=n_without,
        alpha=analysis.alpha,
        notes=notes,
        blocks=tuple(blocks),
    )


def unsure_columns(
    assignment: Callable[[str], str], m: MapLike, before: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Return the columns of a map that may have been measured after the assignment.

    Each with "after" or, where nobody said, "".
    """
    names = [name for name in m.features or () if name not in before]
    return {name: said for name in names if (said := assignment(name)) != "before"}


def check_measured_before(
    assignment: Callable[[str], str], m: MapLike, before: frozenset[str]
) -> list[str]:
    """Refuse a map of columns that the treatment may have changed; else return what to say.

    Raises
    ------
    ExperimentError
        Where the catalogue does not say of a column of the map that it was measured before the
        assignment.
    """
    if m.features is None:
        return [
            _(
                "it is not known what these coordinates were made from: "
                "read them only if no column from after the assignment took part"
            )
        ]
    unsure = unsure_columns(assignment, m, before)
    if not unsure:
        return []
    after = [name for name, said in unsure.items() if said == "after"]
    named = list_names(list(unsure), 5)
    why = (
        ngettext(
            "{after} was measured after the assignment",
            "{after} were measured after the assignment",
            len(after),
        ).format(after=list_names(after, 5))
        if after
        else ngettext(
            "it is not known whether {named} was measured before the assignment",
            "it is not known whether {named} were measured before the assignment",
            len(unsure),
        ).format(named=named)
    )
    raise ExperimentError(
        f"no effect map: {why}; "
        "if the treatment changes where rows lie on the map, a region compares rows that differ "
        "between arms for that reason. "
        f"Say in the catalogue which were (assignment: before), or project columns from before"
    )
