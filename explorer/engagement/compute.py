"""Read the engagement with ads or items from a table."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.engagement.engagement import Engagement, engagement_of
from explorer.engagement.item_figures import MOST_MODELLED, ItemLog
from explorer.engagement.reward_model import RewardModel, reward_model
from explorer.features.segments import Segments
from explorer.table.units.repeated_rows import chosen_unit, repeated_rows
from explorer.table.units.segments_of import segments_of
from explorer.table.units.unit_codes import filter_text
from explorer.table.units.valid_log_rows import ValidLogRows, check_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from explorer.selection.selection import Selection
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["engagement"]

_MOST_SEGMENTS = 200  # a pass over the rows each
_MOST_CONTEXTS = 10_000


def engagement(
    table: Table,
    item: str,
    outcome: str,
    propensity: str | None = None,
    unit: str | None = None,
    by: str | Iterable[str] | None = None,
    target: str | None = None,
    reward: str | Iterable[str] | None = None,
    clip: float | None = None,
    *,
    where: Selection | ArrayLike | str | None = None,
    progress: Progress | None = None,
) -> Engagement:
    """Compute how each ad or item was taken up.

    Parameters
    ----------
    table : Table
        A row for each time that an item was shown.
    item : str
        Column that names what was shown.
    outcome : str
        Yes and no, or 0 and 1: a rate by item. Any other number, such as minutes: its distribution
        by item.
    propensity : str, optional
        Probability with which the row's item was shown. Then each item has the value that it would
        have if it were always shown, and the whole has the value of a target policy, with the
        effective rows that they rest on.
    unit : str, optional
        Column whose values may have several rows, such as a user: errors are then between units.
        "none": rows are independent. While nothing is said and rows seem to belong together
        (`Engagement.repeated`), the unit is proposed.
    by : str or iterable of str, optional
        Columns of segments, such as a position; at most 200 segments each.
    target : str, optional
        Column with the probability with which the target policy would have shown the row's item;
        default: every item that was shown, equally often.
    reward : str or iterable of str, optional
        Columns of the context, by which the outcome is modelled for doubly robust values.
    clip : float, optional
        Largest weight allowed.
    where : Selection, bool array of shape (num_rows,) or expression, optional
        Rows that are read; default: all.
    progress : callable, optional
        ``progress(stage, done, total)``: "columns" that are read, then "items" in the whole and in
        segments; returning False cancels and raises `explorer.Cancelled`.

    Returns
    -------
    Engagement

    Raises
    ------
    ModelError
        A column that cannot be read as asked, or no row that can.
    UnknownName
        A column that does not exist, with the nearest.
    """
    started = clock.perf_counter()
    unit, said_unit = chosen_unit(table, unit)
    by_names, reward_names = _names(by), _names(reward)
    named = (item, outcome, propensity, unit, target, *by_names, *reward_names)
    columns = [name for name in named if name is not None]
    for name in columns:
        table.columns.feature(name)
    _check(propensity, target, reward_names, clip)
    log_rows = ValidLogRows(table, where, len(columns), progress)
    check_names(table, item, "item")
    items = table.columns.levels(item)
    log_rows.read()
    log_rows.drop(
        items.codes == len(items.labels), _("rows without {item} are left out").format(item=item)
    )
    values = log_rows.numbers(outcome, "outcome")
    units, _unit_names = log_rows.units(unit)
    shown, wanted, unusable = _probabilities(log_rows, propensity, target)
    log_rows.check("engagement")
    rows = np.flatnonzero(log_rows.mask)
    some = values[rows]
    some_units = None if units is None else units[rows]
    log = ItemLog(
        items.codes[rows],
        len(items.labels),
        some,
        share=bool(np.isin(some, (0.0, 1.0)).all()),
        propensity=None if shown is None else shown[rows],
        target=None if wanted is None else wanted[rows],
        unit=some_units,
        clip=clip,
    )
    if reward_names:
        log = _modelled(table, log, reward_names, rows, log_rows)
    segments = {name: _segments(table, name, rows, log_rows) for name in by_names}
    rows_of_items, in_segments, totals, policy, said = engagement_of(
        log, items.labels, segments, progress
    )
    seen = None
    if not said_unit:  # what differs between items is put down to the items
        seen = repeated_rows(
            table, some, rows, without=columns, what=outcome, within=log.item, withheld=False
        )
    notes = [
        *([seen.words] if seen else []),
        *log_rows.notes,
        *said,
        *_target_notes(log, target, len(rows_of_items)),
    ]
    return Engagement(
        item=item,
        outcome=outcome,
        rows=rows_of_items,
        segments=in_segments,
        totals=totals,
        policy=policy,
        share=log.share,
        propensity=propensity,
        unit=unit,
        target=target,
        clip=clip,
        by=by_names,
        reward=reward_names,
        where=filter_text(where),
        notes=notes,
        n_rows=rows.size,
        n_items=len(rows_of_items),
        n_units=rows.size if some_units is None else int(np.count_nonzero(np.bincount(some_units))),
        n_unusable=unusable,
        repeated=seen,
        fingerprint=table.fingerprint,
        seconds=clock.perf_counter() - started,
    )


def _names(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())


def _check(
    propensity: str | None, target: str | None, reward: tuple[str, ...], clip: float | None
) -> None:
    """Refuse what has no meaning without propensities."""
    if propensity is None:
        for name, value in (("target", target), ("reward", reward or None), ("clip", clip)):
            if value is not None:
                raise ModelError(
                    f"{name} needs the propensities with which items were shown: name their column"
                )
    if clip is not None and not clip > 0:
        raise ModelError(f"clip is the largest weight allowed, above 0; came {clip!r}")


def _probabilities(
    log_rows: ValidLogRows, propensity: str | None, target: str | None
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None, int]:
    """Read propensities and target probabilities; leave out rows where they are none."""
    if propensity is None:
        return None, None, 0
    shown = log_rows.values(propensity, "propensity")
    with np.errstate(invalid="ignore"):
        bad = ~((shown > 0) & (shown <= 1))
    missing = np.isnan(shown)
    lost = log_rows.drop(
        missing, _("rows without {propensity} are left out").format(propensity=propensity)
    )
    lost += log_rows.drop(
        bad & ~missing,
        _(
            "rows are left out, since {propensity} is not above 0 and at most 1: what "
            "was shown with probability 0 cannot be weighted"
        ).format(propensity=propensity),
    )
    if target is None:
        return shown, None, lost
    wanted = log_rows.values(target, "target")
    with np.errstate(invalid="ignore"):
        log_rows.drop(
            ~((wanted >= 0) & (wanted <= 1)),
            _("rows are left out, since {target} is missing or not in 0 to 1").format(
                target=target
            ),
        )
    return shown, wanted, lost


def _modelled(
    table: Table, log: ItemLog, names: tuple[str, ...], rows: NDArray[Any], log_rows: ValidLogRows
) -> ItemLog:
    """Fit the model of the outcome to the log."""
    context, size = np.zeros(rows.size, np.int64), 1
    for name in names:
        part = segments_of(table, name)
        log_rows.read()
        context, size = context * len(part.labels) + part.codes[rows], size * len(part.labels)
    if size > _MOST_CONTEXTS:
        raise ModelError(
            f"{' × '.join(names)} have {size:,} combinations; "
            f"a model of the outcome has at most {_MOST_CONTEXTS:,}: name fewer columns"
        )
    model: RewardModel = reward_model(log.outcome, log.item, log.items, context, size, log.unit)
    return ItemLog(
        log.item,
        log.items,
        log.outcome,
        log.share,
        log.propensity,
        log.target,
        log.unit,
        log.clip,
        model,
    )


def _segments(table: Table, name: str, rows: NDArray[Any], log_rows: ValidLogRows) -> Segments:
    segments = segments_of(table, name)
    log_rows.read()
    if len(segments.labels) > _MOST_SEGMENTS:
        raise ModelError(
            f"{name!r} has {len(segments.labels):,} different values; "
            f"segments are at most {_MOST_SEGMENTS}: name another column"
        )
    return Segments(segments.codes[rows], segments.labels)


def _target_notes(log: ItemLog, target: str | None, n_items: int) -> list[str]:
    notes = []
    if log.target is not None and not log.target.any():
        notes.append(
            _(
                "{target} is 0 in every row: the target policy shows none of them, and what "
                "it would earn is not known"
            ).format(target=target)
        )
    if log.propensity is not None and target is None:
        notes.append(
            _(
                "target policy: each of the {n_items:,} items that were shown, equally often "
                "and in every row"
            ).format(n_items=n_items)
        )
    if log.model is not None and target is not None:
        notes.append(
            _(
                "the target policy has no doubly robust value: "
                "that needs its probability of every item, not only of the one shown"
            )
        )
    if log.model is not None and log.item.size * log.items > MOST_MODELLED:
        notes.append(_("items have no doubly robust value of their own: rows × items are too many"))
    return notes
