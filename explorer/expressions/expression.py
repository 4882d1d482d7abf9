"""Expressions: the WHERE part of SQL over columns and literals, evaluated on batches of rows."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.core.errors import ExpressionError
from explorer.expressions.terms import ColumnReference
from explorer.expressions.values import decoded, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from explorer.expressions.terms import Term
    from explorer.expressions.values import Value

__all__ = ["Expression", "cell_test", "parse_expression", "quoted"]


@dataclass(frozen=True)
class Expression:
    """A parsed expression; made by `parse_expression`.

    Missing (null or NaN) makes a comparison unknown, and unknown goes through and, or, not as in
    SQL.

    Attributes
    ----------
    text : str
        As it was written.
    columns : tuple of str
        The columns it needs, each once, in the order they are met.
    """

    text: str
    columns: tuple[str, ...]
    _root: Term

    def mask(self, batch: pa.RecordBatch) -> NDArray[np.bool_]:
        """Return which rows of a batch meet the condition; a row of which it is unknown does not.

        Returns
        -------
        ndarray of shape (k,), bool

        Raises
        ------
        UnknownName
            When the batch lacks a column.
        ExpressionError
            When the expression is no condition, or compares what cannot be compared.
        """
        value = self._evaluate(batch)
        if kind_of(value) not in ("boolean", "nothing"):
            raise ExpressionError(
                f"{self.text!r} is {kind_of(value)}, expected a condition that is true or false, "
                "such as year >= 1990"
            )
        if isinstance(value, pa.Scalar):
            return np.full(batch.num_rows, value.as_py() is True)
        met: NDArray[np.bool_] = value.fill_null(False).to_numpy(zero_copy_only=False)
        return met

    def values(self, batch: pa.RecordBatch) -> pa.Array:
        """Return the expression's value for each row of a batch, as an array of length k."""
        value = self._evaluate(batch)
        return pa.repeat(value, batch.num_rows) if isinstance(value, pa.Scalar) else value

    def check(self, schema: pa.Schema) -> None:
        """Raise what `mask` would raise on a table of this schema.

        An unknown column, or types that do not fit.
        """
        self.mask(
            pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)
        )

    def _evaluate(self, batch: pa.RecordBatch) -> Value:
        try:
            return decoded(self._root.evaluate(batch))
        except (pa.ArrowException, NotImplementedError) as error:
            reason = str(error).split("\n", 1)[0]
            raise ExpressionError(f"{self.text!r} cannot be evaluated: {reason}") from error


def quoted(name: str) -> str:
    """Write a column's name for an expression, in double quotes: right for any name."""
    return '"' + name.replace('"', '""') + '"'


def cell_test(name: str, cell: float) -> str:
    """Write the test for one number of a column, missing or infinite ones too, as an expression."""
    if math.isnan(cell):
        return f"{quoted(name)} is null"
    if math.isinf(cell):  # an expression has no word for it
        return (
            f"{quoted(name)} {'>' if cell > 0 else '<'} {math.copysign(sys.float_info.max, cell)!r}"
        )
    return f"{quoted(name)} = {cell!r}"


def parse_expression(text: str) -> Expression:
    """Parse the WHERE part of a SQL query, over columns and literals only.

    Comparisons, and, or, not, in, between, like, ilike (like, whatever the case), is [not] null,
    parentheses, + - * / (in float64; a division by zero is null, log(0) is −infinity), case when,
    the functions log (natural), log1p, exp, sqrt, abs, year, month, day, hour, weekday (Monday =
    0), dayofyear (from 1), and cut(number, edge, ...), which gives a range's name. Names are
    case-sensitive; a name that is no plain word is written in double quotes, text in single quotes.
    A number compared with a float32 column counts as float32. Columns of times compare with
    '2001-12-31' and '2001-12-31 23:59:59', local to the column's zone.

    Raises
    ------
    ExpressionError
        When it cannot be parsed or holds anything else; says what came and what is allowed.
    """
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError(f"expected an expression such as year >= 1990, got {text!r}")
    from explorer.expressions.grammar import parse_terms  # sqlglot loads at the first expression

    root = parse_terms(text)
    return Expression(text, tuple(dict.fromkeys(_columns(root))), root)


def _columns(term: Term) -> Iterator[str]:
    if isinstance(term, ColumnReference):
        yield term.name
    for part in term.parts:
        yield from _columns(part)
