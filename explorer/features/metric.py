"""Metric: what is measured of a unit, how arms are compared in it, and which way is better."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from explorer.core.errors import ExperimentError, shown

__all__ = ["Aggregate", "Goal", "Kind", "Metric", "parse_metric"]

Kind = Literal["mean", "proportion", "ratio", "quantile"]
Goal = Literal["increase", "decrease"]
Aggregate = Literal["mean", "sum", "min", "max", "count", "rows"]

_WRITTEN = re.compile(r"(?P<name>[^=]+)=(?P<kind>\w+)\((?P<columns>.*)\)(?P<flags>(?::\w+)*)")
_FORM = (
    "NAME=KIND(COLUMN), ratio(COLUMN,COLUMN) or quantile(COLUMN,Q), then :increase or :decrease, "
    "and :primary"
)


@dataclass(frozen=True)
class Metric:
    """A metric of an experiment.

    Parameters
    ----------
    name : str
        What tables and plots call it.
    kind : {"mean", "proportion", "ratio", "quantile"}
        Mean: Welch's difference. Proportion: of values 0 and 1, Newcombe's. Ratio: sum of `column`
        over sum of `denominator`, by the delta method. Quantile: by order statistics.
    column : str
        Numeric, boolean or temporal.
    denominator : str, optional
        Of a ratio.
    quantile : float, optional
        Of a quantile, in (0, 1); 0.5 is the median.
    goal : {"increase", "decrease"}, optional
        Which way is better; None: neither, a difference is then "changed".
    primary : bool
        Decided by: corrected with the other primary metrics by Holm's method, apart from the rest.
    pre : str, optional
        Column with the same unit's value from before the assignment: the difference is adjusted for
        it (CUPED). Not for quantiles.
    aggregate : {"mean", "sum", "min", "max", "count", "rows"}
        What a unit with several rows has as its value; a ratio sums both columns over the rows of a
        unit. "count" counts the rows that have a value. "rows", of quantiles only: each row counts,
        and the error takes into account that rows of a unit are alike.
    cap : float, optional
        Larger values of a unit count as this one.
    variance, squares : str, optional
        Of a mean in a table of aggregates (``count`` of `explorer.experiment`): the column with the
        variance of a row's units (ddof = 1), where `column` has their mean; or with the sum of
        their squares, where it has their sum. A proportion's column has the hits.
    """

    name: str
    kind: Kind
    column: str
    denominator: str | None = None
    quantile: float | None = None
    goal: Goal | None = None
    primary: bool = False
    pre: str | None = None
    aggregate: Aggregate = "mean"
    cap: float | None = None
    variance: str | None = None
    squares: str | None = None

    def __post_init__(self) -> None:
        self._one_of("kind", self.kind, get_args(Kind))
        self._one_of("aggregate", self.aggregate, get_args(Aggregate))
        if self.goal is not None:
            self._one_of("goal", self.goal, get_args(Goal))
        if not self.name or not self.column:
            raise ExperimentError(
                f"a metric needs a name and a column, came {self.name!r} and {self.column!r}"
            )
        if (self.kind == "ratio") != (self.denominator is not None):
            raise self._wrong("a ratio, and nothing else, has a denominator", self.denominator)
        if (self.kind == "quantile") != (self.quantile is not None):
            raise self._wrong(
                "a quantile, and nothing else, has quantile=, as in 0.5", self.quantile
            )
        if self.quantile is not None and not 0 < self.quantile < 1:
            raise self._wrong("quantile lies between 0 and 1, both left out", self.quantile)
        if self.kind == "quantile" and self.pre is not None:
            raise self._wrong(
                "a quantile cannot be adjusted for a value from before: leave out pre", self.pre
            )
        if self.aggregate == "rows" and self.kind != "quantile":
            raise self._wrong(
                'only a quantile has aggregate "rows"; a mean of rows is a ratio of a sum over a '
                "count",
                self.kind,
            )
        if self.kind != "mean" and (self.variance or self.squares):
            raise self._wrong("variance and squares belong to a mean", self.kind)
        if self.variance and self.squares:
            raise self._wrong(
                "give variance, beside means, or squares, beside sums, not both",
                (self.variance, self.squares),
            )
        if self.cap is not None and not math.isfinite(self.cap):
            raise self._wrong("cap is a number that is finite", self.cap)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return tuple(
            name
            for name in (self.column, self.denominator, self.pre, self.variance, self.squares)
            if name is not None
        )

    @property
    def written(self) -> str:
        """The metric as `parse_metric` reads it.

        Without what has no word there: pre, aggregate, cap, variance, squares.
        """
        second = {"ratio": self.denominator, "quantile": self.quantile}.get(self.kind)
        inside = self.column if second is None else f"{self.column},{second}"
        flags = [self.goal or "", "primary" if self.primary else ""]
        return ":".join([f"{self.name}={self.kind}({inside})", *(flag for flag in flags if flag)])

    def _one_of(self, what: str, value: str, allowed: tuple[str, ...]) -> None:
        if value not in allowed:
            raise self._wrong(f"{what} is one of {', '.join(allowed)}", value)

    def _wrong(self, expected: str, value: object) -> ExperimentError:
        return ExperimentError(f"metric {shown(self.name)}: {expected}; came {shown(value)}")


def parse_metric(text: str) -> Metric:
    """Read a metric as the command line writes it.

    Parameters
    ----------
    text : str
        ``NAME=KIND(COLUMN[,COLUMN|,Q])[:increase|:decrease][:primary]``, as in
        ``play rate=proportion(played):increase:primary``. Of two arguments the last comma parts
        them.

    Raises
    ------
    ExperimentError
        Where the text has another form.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ExperimentError(f"a metric is written {_FORM}; came {text!r}")
    column, second = match["columns"].strip(), None
    if match["kind"] in ("ratio", "quantile"):
        column, comma, second = (part.strip() for part in column.rpartition(","))
        if not comma:
            raise ExperimentError(f"{match['kind']} takes two arguments, {_FORM}; came {text!r}")
    flags = [flag for flag in match["flags"].split(":") if flag]
    unknown = set(flags) - {*get_args(Goal), "neither", "primary"}
    if unknown or {"increase", "decrease"} <= set(flags):
        raise ExperimentError(
            f"after a metric come :increase or :decrease or :neither, and :primary; came {text!r}"
        )
    return Metric(
        match["name"].strip(),
        _kind(match["kind"]),
        column,
        denominator=second if match["kind"] == "ratio" else None,
        quantile=_number(second, text) if match["kind"] == "quantile" else None,
        goal=next((goal for goal in get_args(Goal) if goal in flags), None),
        primary="primary" in flags,
    )


def _kind(text: str) -> Kind:
    for kind in get_args(Kind):
        if text == kind:
            result: Kind = kind
            return result
    raise ExperimentError(f"a metric is a {', '.join(get_args(Kind))}; came {text!r}")


def _number(text: str | None, whole: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise ExperimentError(
            f"the second argument of a quantile is a number, as in 0.9; came {whole!r}"
        ) from None
