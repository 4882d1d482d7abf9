"""Terms of an expression, evaluated on a batch of rows in the three-valued logic of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import ExpressionError, UnknownName, unknown_name
from explorer.expressions.values import (
    Value,
    common_type,
    comparable,
    decoded,
    kind_of,
    missing_as_null,
    numbers,
    without_nan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "FUNCTIONS",
    "Arithmetic",
    "BinaryComparison",
    "Call",
    "Case",
    "ColumnReference",
    "Connective",
    "In",
    "IsMissing",
    "Like",
    "Literal",
    "Not",
    "Term",
]

_BOOLEAN = pa.bool_()
_COMPARE = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_NUMERIC_FUNCTIONS = {
    "log": pc.ln,
    "log1p": pc.log1p,
    "exp": pc.exp,
    "sqrt": pc.sqrt,
    "abs": pc.abs,
}
_TIME_FUNCTIONS = {
    "year": pc.year,
    "month": pc.month,
    "day": pc.day,
    "hour": pc.hour,
    "weekday": pc.day_of_week,
    "dayofyear": pc.day_of_year,
}
FUNCTIONS = tuple(sorted((*_NUMERIC_FUNCTIONS, *_TIME_FUNCTIONS)))
"""Names of the functions of one argument that an expression may call."""


class Term(Protocol):
    """A part of an expression: how it is written, its parts, and its values on a batch."""

    @property
    def text(self) -> str:
        """The SQL of the term."""

    @property
    def parts(self) -> tuple[Term, ...]:
        """The terms it consists of."""

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return an array of one value a row, or a scalar when all rows have the same.

        Null where unknown.
        """


@dataclass(frozen=True)
class ColumnReference:
    """A column, by its name."""

    text: str
    name: str
    quoted: bool = False
    parts: tuple[Term, ...] = ()

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return the column of the batch."""
        index = batch.schema.get_field_index(self.name)
        if index < 0:
            raise self.unknown(batch.schema.names)
        return missing_as_null(batch.column(index))

    def unknown(self, names: list[str]) -> UnknownName:
        """Build the error for a table that has no such column."""
        error = unknown_name("column", self.name, names)
        return (
            UnknownName(f"{error}; text is written in single quotes: '{self.name}'")
            if self.quoted
            else error
        )


@dataclass(frozen=True)
class Literal:
    """A number, a text, true, false or null."""

    text: str
    value: bool | int | float | str | None
    parts: tuple[Term, ...] = ()

    def evaluate(self, batch: pa.RecordBatch) -> Value:  # noqa: ARG002 - every term is asked in the same way
        """Return the value as a scalar."""
        beyond_int64 = type(self.value) is int and self.value >= 2**63
        return pa.scalar(self.value, pa.uint64() if beyond_int64 else None)


@dataclass(frozen=True)
class _OneValue:
    """A term made of one other term."""

    text: str
    value: Term

    @property
    def parts(self) -> tuple[Term, ...]:
        """The value."""
        return (self.value,)


@dataclass(frozen=True)
class _TwoSides:
    """A term made of an operator between two other terms."""

    text: str
    operator: str
    left: Term
    right: Term

    @property
    def parts(self) -> tuple[Term, ...]:
        """Both sides."""
        return self.left, self.right


@dataclass(frozen=True)
class Arithmetic(_TwoSides):
    """Two numbers added, subtracted, multiplied or divided, in float64.

    A division by zero is null.
    """

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return numbers."""
        left = numbers(self.left.evaluate(batch), self.left.text)
        right = numbers(self.right.evaluate(batch), self.right.text)
        if self.operator == "/":
            right = pc.if_else(pc.equal(right, 0.0), pa.scalar(None, pa.float64()), right)
        functions = {"+": pc.add, "-": pc.subtract, "*": pc.multiply, "/": pc.divide}
        return without_nan(functions[self.operator](left, right))


@dataclass(frozen=True)
class Call(_OneValue):
    """A function of one argument: of a number (in float64), or a part of a date."""

    function: str

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return numbers."""
        value = self.value.evaluate(batch)
        if self.function in _NUMERIC_FUNCTIONS:
            return without_nan(_NUMERIC_FUNCTIONS[self.function](numbers(value, self.value.text)))
        kind = value.type
        if kind_of(value) == "nothing":
            return pa.scalar(None, pa.int64())
        if kind_of(value) != "time":
            raise ExpressionError(
                f"{self.text}: {self.value.text} is not a date or time but {kind_of(value)}"
            )
        lacks_date = pa.types.is_time(kind) and self.function != "hour"
        if lacks_date or (pa.types.is_date(kind) and self.function == "hour"):
            raise ExpressionError(
                f"{self.text}: {self.value.text} holds {kind}, which has no {self.function}"
            )
        return _TIME_FUNCTIONS[self.function](value)


@dataclass(frozen=True)
class BinaryComparison(_TwoSides):
    """Two values compared; null where one of them is missing."""

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return booleans."""
        texts = (self.left.text, self.right.text)
        return _compare(self.operator, self.left.evaluate(batch), self.right.evaluate(batch), texts)


@dataclass(frozen=True)
class In:
    """Whether a value is one of several; null when it is not and one of them is null."""

    text: str
    value: Term
    members: tuple[Term, ...]

    @property
    def parts(self) -> tuple[Term, ...]:
        """The value, then the members."""
        return self.value, *self.members

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return booleans."""
        value = self.value.evaluate(batch)
        members = [member.evaluate(batch) for member in self.members]
        if kind_of(value) == "text" and all(
            isinstance(member, pa.Scalar) and kind_of(member) == "text" for member in members
        ):
            wanted = pa.array([member.as_py() for member in members])
            return _on_dictionary(
                value,
                lambda cells: _null_where_missing(pc.is_in(cells, wanted.cast(cells.type)), cells),
            )
        texts = [(self.value.text, member.text) for member in self.members]
        result = [
            _compare("=", value, member, pair) for member, pair in zip(members, texts, strict=True)
        ]
        return _fold(pc.or_kleene, result)


@dataclass(frozen=True)
class Like(_OneValue):
    """Whether a text has a pattern: % stands for any characters, _ for one; ILIKE ignores case."""

    pattern: str
    ignore_case: bool = False

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return booleans."""
        value = self.value.evaluate(batch)
        if kind_of(value) == "nothing":
            return pa.scalar(None, _BOOLEAN)
        if kind_of(value) != "text":
            raise ExpressionError(
                f"{self.text}: {self.value.text} is not text but {kind_of(value)}"
            )
        return _on_dictionary(
            value, lambda texts: pc.match_like(texts, self.pattern, ignore_case=self.ignore_case)
        )


@dataclass(frozen=True)
class IsMissing(_OneValue):
    """Whether a value is missing: null or NaN."""

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return booleans, never null."""
        return pc.is_null(self.value.evaluate(batch))


@dataclass(frozen=True)
class Not(_OneValue):
    """The opposite of a condition; null stays null."""

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return booleans."""
        return pc.invert(_condition(self.value, batch))


@dataclass(frozen=True)
class Connective:
    """Conditions joined by "and" or by "or"."""

    text: str
    operator: str
    parts: tuple[Term, ...]

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return booleans."""
        function = pc.and_kleene if self.operator == "and" else pc.or_kleene
        return _fold(function, (_condition(term, batch) for term in self.parts))


@dataclass(frozen=True)
class Case:
    """The value of the first condition that is true, else the default."""

    text: str
    conditions: tuple[Term, ...]
    values: tuple[Term, ...]
    default: Term

    @property
    def parts(self) -> tuple[Term, ...]:
        """Conditions, values, default."""
        return *self.conditions, *self.values, self.default

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return values of one type."""
        values = [decoded(term.evaluate(batch)) for term in (*self.values, self.default)]
        kind = common_type(values, self.text)
        *branches, result = [branch.cast(kind) for branch in values]
        for term, value in reversed(list(zip(self.conditions, branches, strict=True))):
            result = pc.if_else(pc.fill_null(_condition(term, batch), False), value, result)
        return result


def _condition(term: Term, batch: pa.RecordBatch) -> Value:
    value = term.evaluate(batch)
    if kind_of(value) == "nothing":
        return pa.scalar(None, _BOOLEAN)
    if kind_of(value) != "boolean":
        raise ExpressionError(
            f"{term.text} is {kind_of(value)}, expected a condition such as {term.text} is not null"
        )
    return decoded(value)


def _compare(operator: str, left: Value, right: Value, texts: tuple[str, str]) -> Value:
    if "nothing" in (kind_of(left), kind_of(right)):
        return pa.scalar(None, _BOOLEAN)
    left, right = comparable(left, right, texts)
    function = _COMPARE[operator]
    if isinstance(right, pa.Scalar):
        return _on_dictionary(left, lambda cells: function(cells, right))
    if isinstance(left, pa.Scalar):
        return _on_dictionary(right, lambda cells: function(left, cells))
    return function(decoded(left), decoded(right))


def _on_dictionary(value: Value, function: Callable[[Value], Value]) -> Value:
    """Apply a function to the distinct values only, where an array is dictionary-encoded."""
    if isinstance(value, pa.DictionaryArray):
        return function(value.dictionary).take(value.indices)
    return function(value)


def _null_where_missing(result: Value, value: Value) -> Value:
    return pc.if_else(pc.is_null(value), pa.scalar(None, _BOOLEAN), result)


def _fold(
    function: Callable[[Value, Value], Value], values: Iterator[Value] | list[Value]
) -> Value:
    first, *others = values
    for other in others:
        first = function(first, other)
    return first
