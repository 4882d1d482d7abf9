"""Engagement: how often, or how long, each item was taken up, and how under another policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.json_values import result_document
from explorer.engagement.item_figures import ItemLog, item_figures, policy_figures
from explorer.engagement.item_rows import ItemRow, ItemRows
from explorer.stats.ranking.propensity import FEWEST_CARRYING, FEWEST_EFFECTIVE, LARGEST_SHARE
from projections.errors import report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.features.segments import Segments
    from explorer.stats.repeated import RepeatedRows
    from projections.errors import Progress

__all__ = ["ALL_ITEMS", "Engagement", "engagement_of"]

ALL_ITEMS = _("(all items)")
_COVER_ERRORS, _COVER_SHARE = (
    4.0,
    0.1,
)  # of a sum of weights, beyond which it is said that it is not that of the rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Engagement:
    """Engagement with each item.

    Parameters
    ----------
    item, outcome : str
    rows : ItemRows
        A row per item in the whole, the largest lower end first.
    segments : ItemRows
        A row per segment and item; the column, its segments in their order, then as in `rows`.
    totals : ItemRows
        All items together in each segment, and what the target policy would earn there.
    policy : ItemRow
        The same in the whole.
    share : bool
        The outcome is yes or no; else it is an amount, and described as a distribution.
    propensity, unit, target : str or None
    clip : float or None
        Largest weight allowed.
    by, reward : tuple of str
        Columns of the segments; columns of the context in the model of the outcome.
    where : str
    notes : list of str
        What was left out, and what is to be minded.
    n_rows, n_items, n_units : int
        Rows that are counted, items in them, and units where there are any, else rows.
    n_unusable : int
        Rows left out since their propensity is missing, 0 or less, or above 1.
    repeated : RepeatedRows, optional
        Rows that seem to belong together, where nobody has named or declined their unit.
    fingerprint : str
    seconds : float
    """

    item: str
    outcome: str
    rows: ItemRows
    segments: ItemRows
    totals: ItemRows
    policy: ItemRow
    share: bool
    propensity: str | None = None
    unit: str | None = None
    target: str | None = None
    clip: float | None = None
    by: tuple[str, ...] = ()
    reward: tuple[str, ...] = ()
    where: str = ""
    notes: list[str] = field(default_factory=list)
    n_rows: int = 0
    n_items: int = 0
    n_units: int = 0
    n_unusable: int = 0
    repeated: RepeatedRows | None = None
    fingerprint: str = ""
    seconds: float = 0.0

    @property
    def figure(self) -> str:
        """The field by which items are put in order: "snips" with propensities, else "mean"."""
        return "snips" if self.propensity is not None else "mean"

    @property
    def warning(self) -> str:
        """How many items may not be ranked, and why; empty where all may."""
        ranked = self.rows.column("ranked")
        left = int((~ranked).sum())
        if not left:
            return ""
        who = (
            _("no item is")
            if left == len(ranked)
            else _("{left:,} of {count:,} items are not").format(left=left, count=len(ranked))
        )
        return _(
            "{who} ranked: by their weights they rest on fewer than "
            "{fewest_effective:.0f} effective rows, on one row with more than "
            "{largest_share:.0%} of the weight, or their error on fewer than "
            "{fewest_carrying:.0f} rows by squared weights"
        ).format(
            who=who,
            fewest_effective=FEWEST_EFFECTIVE,
            largest_share=LARGEST_SHARE,
            fewest_carrying=FEWEST_CARRYING,
        )

    def find(self, item: str, by: str = "", segment: str = "all") -> ItemRow:
        """Return the row of an item.

        Raises
        ------
        KeyError
            Where there is none.
        """
        rows = self.segments if by else self.rows
        same = (
            (rows.column("item") == item)
            & (rows.column("by") == by)
            & (rows.column("segment") == segment)
        )
        if not same.any():
            raise KeyError((item, by, segment))
        return rows[int(np.argmax(same))]

    @property
    def method(self) -> str:
        """Sentences for the methods section."""
        between = (
            _(", with the error between units ({unit})").format(unit=self.unit) if self.unit else ""
        )
        own = (
            (
                _(
                    "Rates of {outcome} by {item} have Wilson's interval (1927){between}; they "
                    "are shrunk by a beta-binomial model fitted by moments (Kleinman 1973)."
                ).format(outcome=self.outcome, item=self.item, between=between)
                + " "
            )
            if self.share
            else (
                _(
                    "Means of {outcome} by {item} have Student's interval{between}; they are "
                    "shrunk by adaptive shrinkage (Stephens 2017); quantiles are linear."
                ).format(outcome=self.outcome, item=self.item, between=between)
                + " "
            )
        )
        if self.propensity is None:
            return _("{own}Items are ordered by the lower end of their interval.").format(own=own)
        target = (
            _("every item shown equally often")
            if self.target is None
            else _("the policy whose probabilities are in {target}").format(target=self.target)
        )
        clip = (
            _("no weight was clipped")
            if self.clip is None
            else _("weights were clipped at {clip:g}").format(clip=self.clip)
        )
        return (
            (
                _(
                    "{own}What an item would earn if it were always shown, and what a target "
                    "policy would earn ({target}), was estimated by inverse propensities "
                    "({propensity}; Horvitz and Thompson 1952) and self-normalised (Swaminathan "
                    "and Joachims 2015); {clip}."
                ).format(own=own, target=target, propensity=self.propensity, clip=clip)
                + " "
            )
            + (
                (
                    _(
                        "Doubly robust values (Dudík, Langford and Li 2011) use mean outcomes by "
                        "{reward} and item, of five cross-fitted folds."
                    ).format(reward=", ".join(self.reward))
                    + " "
                )
                if self.reward
                else ""
            )
            + (
                _(
                    "Items with fewer than {fewest_effective:.0f} effective rows (Kish 1965), a "
                    "row with more than {largest_share:.0%} of the weight, or fewer than "
                    "{fewest_carrying:.0f} rows that carry the error ((Σw²)² / Σw⁴, Owen 2013), "
                    "were not ranked."
                ).format(
                    fewest_effective=FEWEST_EFFECTIVE,
                    largest_share=LARGEST_SHARE,
                    fewest_carrying=FEWEST_CARRYING,
                )
                + " "
            )
            + (
                _(
                    "Intervals of SNIPS are Wilson's for as many rows as have its error, "
                    "at most the "
                    "effective ones, by Student's t; of IPS Fay and Feuer's (1997)."
                )
                if self.share
                else _("Their intervals are Student's, with as many degrees of freedom.")
            )
        )

    def to_arrow(self) -> pa.Table:
        """Return a row per item in the whole, then per segment and item."""
        import pyarrow as pa

        return pa.concat_tables([self.rows.to_arrow(), self.segments.to_arrow()])

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null."""
        return result_document(
            self,
            (
                "item outcome share propensity unit target clip by reward where notes n_rows "
                "n_items n_units n_unusable fingerprint seconds warning method repeated policy"
            ),
            rows=list(self.rows),
            segments=list(self.segments),
            totals=list(self.totals),
        )


def engagement_of(
    log: ItemLog,
    labels: Sequence[str],
    segments: Mapping[str, Segments],
    progress: Progress | None = None,
) -> tuple[ItemRows, ItemRows, ItemRows, ItemRow, list[str]]:
    """Compute the rows of the whole and of segments, all items together, and the target policy.

    With what is to be said of them.

    Parameters
    ----------
    log : ItemLog
    labels : sequence of str
        Names of the items.
    segments : mapping of str to Segments
        By column, codes of the log's rows.
    progress : callable, optional
        Called with "items", 0 and the whole and segments to do, and again after each.

    Returns
    -------
    rows, segments, totals : ItemRows
    policy : ItemRow
    notes : list of str
    """
    names = np.array(labels, object)
    done, total = 0, 1 + sum(len(some.labels) for some in segments.values())
    report(progress, "items", 0, total)
    whole = policy_figures(log)
    notes = [*_clip_notes(log, whole), *_zero_notes(log)]
    main = _sorted(log, names, "", "all")
    if len(main) > 1 and np.ptp(main.column("shrunk")) == 0:
        notes.append(
            _("items differ no more than by chance: after shrinkage all have the overall mean")
        )
    notes += _cover_notes(log, main)
    rows, totals = [], []
    for by, some in segments.items():
        for code, segment in enumerate(some.labels):
            done += 1
            report(progress, "items", done, total)
            inside = np.flatnonzero(some.codes == code)
            if inside.size:
                part = log.taken(inside)
                rows.append(_sorted(part, names, by, segment))
                totals.append(_total(policy_figures(part), by, segment))
    policy = _total(whole, "", "all")[0]
    return main, _joined(rows), _joined(totals), policy, notes


def _sorted(log: ItemLog, names: NDArray[Any], by: str, segment: str) -> ItemRows:
    """Return the items that have rows, the largest lower end first.

    Ties by more rows, then by name.
    """
    figures = item_figures(log)
    there = np.flatnonzero(figures["n"] > 0)
    columns = {name: np.asarray(values)[there] for name, values in figures.items()}
    low = columns["low"]
    order = np.lexsort(
        (names[there].astype(str), -columns["n"], -np.where(np.isnan(low), -np.inf, low))
    )
    ranked = columns.get("ranked", np.ones(there.size, np.bool_))
    key = columns.get("snips_low", low)
    best = np.lexsort((names[there].astype(str), -np.where(ranked & ~np.isnan(key), key, -np.inf)))
    rank = np.empty(there.size, np.int64)
    rank[best] = np.arange(1, there.size + 1)
    where = {"item": names[there], "by": [by] * there.size, "segment": [segment] * there.size}
    return ItemRows({**columns, **where, "rank": np.where(ranked, rank, 0)}).taken(order)


def _total(figures: dict[str, Any], by: str, segment: str) -> ItemRows:
    unclipped = {name: values for name, values in figures.items() if not name.startswith("clipped")}
    return ItemRows({**unclipped, "item": [ALL_ITEMS], "by": [by], "segment": [segment]})


def _joined(parts: list[ItemRows]) -> ItemRows:
    if not parts:
        return ItemRows({"item": []})
    names = ItemRow.__dataclass_fields__
    return ItemRows({name: np.concatenate([part.column(name) for part in parts]) for name in names})


def _zero_notes(log: ItemLog) -> list[str]:
    """Say where an amount is 0 in most rows: its quantiles then say little."""
    zeros = int((log.outcome == 0).sum())
    if log.share or 2 * zeros <= log.outcome.size:
        return []
    return [
        _(
            "{zeros:.1%} of the rows have an outcome of 0: filter them out to see how "
            "the others are distributed"
        ).format(zeros=zeros / log.outcome.size)
    ]


def _cover_notes(log: ItemLog, rows: ItemRows) -> list[str]:
    """Say where the weights of an item do not add up to the rows.

    By the propensities an item's weights add up to all rows, within chance. Where they do not, it
    could not be shown in some rows, or the propensities are not those by which the log came about;
    in both cases it cannot be said what it would earn if always shown.
    """
    if log.propensity is None or log.clip is not None:
        return []
    n = log.item.size
    with np.errstate(all="ignore"):
        weight = rows.column("max_weight") / rows.column("largest_share")
        squares = weight**2 / rows.column("ess")
        error = np.sqrt(np.maximum(squares - weight**2 / n, 0)) / n
        off = np.abs(weight / n - 1)
        wrong = np.flatnonzero(
            rows.column("ranked") & (off > _COVER_ERRORS * error) & (off > _COVER_SHARE)
        )
    if not wrong.size:
        return []
    worst = int(wrong[np.argmax(off[wrong])])
    return [
        _(
            "the weights of {size:,} items do not add up to the rows (those of {item!r} to "
            "{weight:.0%}): they could not be shown everywhere, or these are not the "
            "propensities of the log; what they would earn if always shown is estimated "
            "for part of the rows only"
        ).format(size=wrong.size, item=rows[worst].item, weight=weight[worst] / n)
    ]


def _clip_notes(log: ItemLog, whole: dict[str, Any]) -> list[str]:
    if log.clip is None or "clipped" not in whole:
        return []
    cut = whole["clipped_share"]
    share = (
        _(", {cut:.1%} of the target policy's weight is cut off").format(cut=cut)
        if np.isfinite(cut)
        else ""
    )
    return [
        _("weights are clipped at {clip:g}: {clipped:,} rows{share}").format(
            clip=log.clip, clipped=whole["clipped"], share=share
        )
    ]
