"""Cell: one metric, one arm, one group of units, as plain values; and all cells in a sequence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.experiment_verdict import CellVerdict, style_of

if TYPE_CHECKING:
    import pyarrow as pa

    from explorer.experiment.analysis.block import CellBlock

__all__ = ["Cell", "Cells"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The effect of one arm on one metric in one group of units.

    Parameters
    ----------
    metric, arm : str
    by : str
        Column of the segment; "" for the whole and for regions.
    segment : str
        Level of that column; "all" for the whole and for regions.
    region : str
        Region of a map; "" else.
    n_control, n_treatment : int
        Units with a value.
    control, treatment : float
        Mean, share, ratio or quantile of each arm, adjusted where the metric has a value from
        before.
    difference, low, high : float
        Treatment less control, and the ends of its interval at 95 %. Of a running experiment every
        interval and p-value of a cell holds however often one looks; where none can be had they are
        NaN, and the words say why.
    low_fcr, high_fcr : float
        Ends at the level at which, of the intervals of coloured cells of a family, 5 % or fewer
        miss (Benjamini & Yekutieli 2005).
    lift, lift_low, lift_high : float
        Treatment over control less 1; NaN where the control cannot be told from 0.
    p_value, p_adjusted : float
        Of no difference; corrected within the family. `p_adjusted` is NaN where the cell was not
        tested in its family: it has not enough data, or it is "as the whole".
    verdict : {"better", "worse", "changed", "inconclusive", "as the whole", "not enough data",
    "untrusted"}
        As the whole: a segment or region of a family that was not opened, since nothing tells the
        effect apart between its groups. The whole's verdict holds for it.
    strength : int
        0, 1 or 2: how many levels of significance are reached.
    colour, glyph, words : str
        How the verdict looks, and what it rests on.
    method : str
        What p-value and interval come from; empty without a test.
    family : str
    error, detectable : float
        Standard error of the difference, and the smallest one that would be found with a power of
        .8.
    unadjusted, unadjusted_low, unadjusted_high, unadjusted_p : float
        Without the value from before; NaN where the metric has none.
    deviation, deviation_low, deviation_high, deviation_p_adjusted, shrunk : float
        Of a segment or region: its effect less that of the whole, and the same shrunk towards 0 by
        how alike they all are (Stephens 2017).
    low_always, high_always : float
        The interval at 95 % of a running experiment, which holds at every moment; NaN where no such
        sequence is valid, and of a final one.
    arms_p : float
        Of the whole, and of an experiment of a grid: that no arm of this metric differs from
        another, whichever is the control. NaN with two arms, and in segments and regions.
    """

    metric: str
    arm: str
    by: str
    segment: str
    region: str
    n_control: int
    n_treatment: int
    control: float
    treatment: float
    difference: float
    low: float
    high: float
    low_fcr: float
    high_fcr: float
    lift: float
    lift_low: float
    lift_high: float
    p_value: float
    p_adjusted: float
    verdict: CellVerdict
    strength: int
    colour: str
    glyph: str
    words: str
    method: str
    family: str
    error: float
    detectable: float
    unadjusted: float = math.nan
    unadjusted_low: float = math.nan
    unadjusted_high: float = math.nan
    unadjusted_p: float = math.nan
    deviation: float = math.nan
    deviation_low: float = math.nan
    deviation_high: float = math.nan
    deviation_p_adjusted: float = math.nan
    shrunk: float = math.nan
    low_always: float = math.nan
    high_always: float = math.nan
    arms_p: float = math.nan


class Cells(Sequence[Cell]):
    """The cells of some blocks, each made when it is looked at.

    Parameters
    ----------
    blocks : sequence of CellBlock
        Judged.
    """

    def __init__(self, blocks: Sequence[CellBlock]) -> None:
        self._blocks = blocks
        self._starts = np.cumsum([0, *(block.size for block in blocks)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> list[Cell]: ...
    def __getitem__(self, index: int | slice) -> Cell | list[Cell]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"cell {index} of {len(self)}")
        block = int(np.searchsorted(self._starts, place, side="right")) - 1
        columns, i = self._columns[block], place - int(self._starts[block])
        return Cell(**{name: values[i] for name, values in columns.items()})

    def find(
        self, metric: str, arm: str, by: str = "", segment: str = "all", region: str = ""
    ) -> Cell:
        """Return one cell.

        Raises
        ------
        KeyError
            Where there is none.
        """
        wanted = (metric, arm, by, segment, region)
        for cell in self:
            if (cell.metric, cell.arm, cell.by, cell.segment, cell.region) == wanted:
                return cell
        raise KeyError(wanted)

    def to_arrow(self) -> pa.Table:
        """Return a row per cell."""
        import pyarrow as pa

        names = [field.name for field in fields(Cell)]
        types = {"n_control": pa.int64(), "n_treatment": pa.int64(), "strength": pa.int8()}
        text = {name for name in names if Cell.__annotations__[name] in ("str", "CellVerdict")}
        return pa.table(
            {
                name: pa.array(
                    [value for columns in self._columns for value in columns[name]],
                    types.get(name, pa.string() if name in text else pa.float64()),
                )
                for name in names
            }
        )

    @cached_property
    def _columns(self) -> list[dict[str, list[Any]]]:
        return [_columns_of(block) for block in self._blocks]


def _columns_of(block: CellBlock) -> dict[str, list[Any]]:
    effects, size = block.effects, block.size
    arms, t = effects.arms, effects.treatment
    low, high = block.interval(0.95)
    low_fcr, high_fcr = block.interval(block.coverage)
    lift, lift_low, lift_high = block.lift(0.95)
    looks = [style_of(verdict, strength) for verdict, strength in block.verdicts]
    labels = list(block.labels)
    columns: dict[str, Any] = {
        "metric": [block.measured.metric.name] * size,
        "arm": [block.arm] * size,
        "by": [block.by] * size,
        "segment": ["all"] * size if block.on_map else labels,
        "region": labels if block.on_map else [""] * size,
        "n_control": arms.n[:, 0].astype(np.int64),
        "n_treatment": arms.n[:, t].astype(np.int64),
        "control": arms.value[:, 0],
        "treatment": arms.value[:, t],
        "difference": effects.estimate.value,
        "low": low,
        "high": high,
        "low_fcr": low_fcr,
        "high_fcr": high_fcr,
        "lift": lift,
        "lift_low": lift_low,
        "lift_high": lift_high,
        "p_value": block.p_value,
        "p_adjusted": block.p_adjusted,
        "verdict": [verdict for verdict, _ in block.verdicts],
        "strength": [strength for _, strength in block.verdicts],
        "colour": [look.colour for look in looks],
        "glyph": [look.glyph for look in looks],
        "words": [
            wrong or few or _words(block, i, look.words)
            for i, (wrong, few, look) in enumerate(
                zip(block.distrust, block.reasons, looks, strict=True)
            )
        ],
        "method": [_method(block, i) for i in range(size)],
        "family": [block.family] * size,
        "error": block.error,
        "detectable": block.detectable,
    }
    columns |= _unadjusted(block) | _deviations(block)
    ends = (np.full(size, np.nan),) * 2 if block.looks is None else (low, high)
    columns |= {"low_always": ends[0], "high_always": ends[1]}
    columns["arms_p"] = np.full(size, np.nan) if block.arms_p is None else block.arms_p
    return {
        name: values.tolist() if isinstance(values, np.ndarray) else values
        for name, values in columns.items()
    }


_METHODS = {
    "mean": _("Welch's t-test"),
    "proportion": _("score test, Newcombe's interval"),
    "ratio": _("delta method, normal distribution"),
    "quantile": _("order statistics, normal distribution"),
}


def _method(block: CellBlock, i: int) -> str:
    """Say what the test of a cell is; empty where it has none."""
    if block.reasons[i] or block.waiting:
        return ""
    if block.looks is not None:
        return _("asymptotic confidence sequence")
    if i in block.effects.own:
        return block.effects.own[i].method
    adjusted = (
        "" if block.plain is None else _(", adjusted for the value from before by regression")
    )
    kind = (
        "mean"
        if block.plain is not None and block.measured.kind == "proportion"
        else block.measured.kind
    )
    return _METHODS[kind] + adjusted


def _words(block: CellBlock, i: int, text: str) -> str:
    """Return the words of a cell that has enough data and is trusted."""
    if block.waiting:
        return block.waiting
    together = np.nan if block.arms_p is None else block.arms_p[i]
    if block.verdicts[i][0] == "inconclusive" and together == together:
        text = _("{text} (all arms together: p = {together:.2g})").format(
            text=text, together=together
        )
    if block.opened:
        return f"{text} ({block.effects.own[i].short})" if i in block.effects.own else text
    what = "regions" if block.on_map else "segments"
    if block.omnibus == block.omnibus:
        why = _("no sign that the effect differs between {what} (p = {omnibus:.2g})").format(
            what=what, omnibus=block.omnibus
        )
    elif block.effects.own:
        own = next(iter(block.effects.own.values())).why
        why = _("{own}, and the effects of {what} are not compared").format(own=own, what=what)
    else:
        why = _("fewer than two {what} have enough data to be compared").format(what=what)
    return _("as the whole: not tested on its own, since {why}").format(why=why)


def _unadjusted(block: CellBlock) -> dict[str, Any]:
    if block.plain is None:
        nothing = np.full(block.size, np.nan)
        return dict.fromkeys(
            ("unadjusted", "unadjusted_low", "unadjusted_high", "unadjusted_p"), nothing.tolist()
        )
    low, high = block.interval(0.95, block.plain)
    estimate, p_value = block.plain.estimate, block.plain.estimate.p_value
    if block.looks is not None:
        p_value = block.looks.p_value(estimate.value, block.plain.error)
    return {
        "unadjusted": estimate.value,
        "unadjusted_low": low,
        "unadjusted_high": high,
        "unadjusted_p": np.where(block.waiting != "", np.nan, p_value),
    }


def _deviations(block: CellBlock) -> dict[str, Any]:
    names = ("deviation", "deviation_low", "deviation_high", "deviation_p_adjusted", "shrunk")
    if block.deviation is None or block.deviation_error is None:
        return dict.fromkeys(names, np.full(block.size, np.nan))
    values = block.deviation, *block.deviation_interval(), block.deviation_adjusted, block.shrunk
    return dict(zip(names, values, strict=True))
