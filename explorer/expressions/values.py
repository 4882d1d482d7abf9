"""Values of expressions: their kinds, and how two of them are brought together."""

from __future__ import annotations

import math
from datetime import time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import ExpressionError
from explorer.sources.columns import column_as_numbers

__all__ = [
    "Value",
    "common_type",
    "comparable",
    "decoded",
    "kind_of",
    "missing_as_null",
    "numbers",
    "without_nan",
]

Value = Any  # pa.Array or pa.Scalar, which pyarrow leaves untyped

_INT64 = pa.int64()
_FLOAT64 = pa.float64()
_MICROSECONDS = pa.timestamp("us")


def missing_as_null(array: pa.Array) -> pa.Array:
    """Bring a column to the types that expressions work on: missing is null, never NaN.

    The values stay the same.
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        return array if kind_of(array) == "text" else missing_as_null(decoded(array))
    if pa.types.is_floating(kind):
        return without_nan(array if kind != pa.float16() else array.cast(pa.float32()))
    if pa.types.is_decimal(kind):
        return pa.array(column_as_numbers(pa.chunked_array([array]), "a decimal"), from_pandas=True)
    if pa.types.is_duration(kind):
        per_second = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        return pc.divide(array.cast(_INT64).cast(_FLOAT64, safe=False), per_second)
    if pa.types.is_string_view(kind):
        return array.cast(pa.large_string())
    return array


def without_nan(value: Value) -> Value:
    """Return numbers with NaN, which counts as missing, made null."""
    if not pa.types.is_floating(value.type):
        return value
    is_nan = pc.is_nan(value)
    result = is_nan.as_py() if isinstance(value, pa.Scalar) else pc.any(is_nan).as_py()
    return pc.if_else(is_nan, pa.scalar(None, value.type), value) if result else value


def kind_of(value: Value) -> str:
    """Return "number", "text", "boolean", "time", "nothing", or the Arrow type.

    "nothing" is a null without a type.
    """
    kind = value.type.value_type if pa.types.is_dictionary(value.type) else value.type
    types = pa.types
    if types.is_integer(kind) or types.is_floating(kind):
        return "number"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "text"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind):
        return "time"
    return "nothing" if types.is_null(kind) else str(kind)


def decoded(value: Value) -> Value:
    """Return a dictionary-encoded array as its values; others as they are."""
    return value.dictionary.take(value.indices) if isinstance(value, pa.DictionaryArray) else value


def numbers(value: Value, text: str) -> Value:
    """Return numbers as float64, in which all arithmetic is done.

    `ExpressionError` when they are none.
    """
    kind = kind_of(value)
    if kind == "nothing":
        return pa.scalar(None, _FLOAT64)
    if kind != "number":
        raise ExpressionError(f"{text} is {_a(kind)}, expected a number")
    return value.cast(_FLOAT64, safe=False) if value.type != _FLOAT64 else value


def comparable(left: Value, right: Value, texts: tuple[str, str]) -> tuple[Value, Value]:
    """Bring two values to types that compare exactly.

    Parameters
    ----------
    left, right : pa.Array or pa.Scalar
    texts : (str, str)
        How the two are written, for the error.

    Raises
    ------
    ExpressionError
        When one is text and the other a number, and the like.
    """
    kinds = (kind_of(left), kind_of(right))
    if kinds == ("number", "number"):
        return _same_numbers(left, right)
    if kinds == ("time", "time"):
        return _same_times(left, right)
    if kinds == ("time", "text") and isinstance(right, pa.Scalar):
        return _same_times(left, _time(right, left.type))
    if kinds == ("text", "time") and isinstance(left, pa.Scalar):
        return _same_times(_time(left, right.type), right)
    if kinds[0] != kinds[1] or kinds[0] not in ("text", "boolean"):
        raise _mismatch(kinds, texts)
    return left, right


def common_type(values: list[Value], text: str) -> pa.DataType:
    """Return the one type of all branches of a CASE; nulls fit every type."""
    kinds = {kind_of(value) for value in values} - {"nothing"}
    types = [value.type for value in values if not pa.types.is_null(value.type)]
    if not kinds:
        return pa.null()
    if kinds == {"number"}:
        return (
            _INT64
            if all(pa.types.is_integer(type_) and type_ != pa.uint64() for type_ in types)
            else _FLOAT64
        )
    if kinds == {"text"}:
        return pa.large_string()
    if len(kinds) > 1 or len(set(types)) > 1:
        raise ExpressionError(
            f"{text} has branches of different kinds ({', '.join(sorted(kinds))}): expected one"
        )
    return types[0]


def _same_numbers(left: Value, right: Value) -> tuple[Value, Value]:
    if left.type == right.type:
        return left, right
    if pa.types.is_integer(left.type) and pa.types.is_integer(right.type):
        # a literal in the column's own type spares converting the column, and keeps uint64 exact
        for literal, other, swapped in ((left, right, False), (right, left, True)):
            if isinstance(literal, pa.Scalar):
                try:
                    cast = literal.cast(other.type)
                except pa.ArrowInvalid:
                    continue
                return (other, cast) if swapped else (cast, other)
        if pa.uint64() not in (left.type, right.type):
            return left, right
    if pa.float32() in (left.type, right.type):
        left, right = _single(left, right.type), _single(right, left.type)
        if left.type == right.type:
            return left, right
    return left.cast(_FLOAT64, safe=False), right.cast(_FLOAT64, safe=False)


def _single(value: Value, other: pa.DataType) -> Value:
    """Return a number compared with a float32 column as float32.

    So 6.1 finds what was written there as 6.1.
    """
    if other != pa.float32() or not isinstance(value, pa.Scalar) or not value.is_valid:
        return value
    wide = value.cast(_FLOAT64, safe=False)
    narrow = wide.cast(other)
    # out of the range of float32 it would become infinite or zero, and equal to what it is not
    lost = math.isinf(narrow.as_py()) != math.isinf(wide.as_py()) or (narrow.as_py() == 0) != (
        wide.as_py() == 0
    )
    return wide if lost else narrow


def _same_times(left: Value, right: Value) -> tuple[Value, Value]:
    if left.type == right.type:
        return left, right
    days = pa.types.is_date
    if pa.types.is_time(left.type) != pa.types.is_time(right.type):
        raise ExpressionError(
            "a time of day is compared with a date: expected two of the same kind"
        )
    zones = [
        type_.tz if pa.types.is_timestamp(type_) else None for type_ in (left.type, right.type)
    ]
    if (zones[0] is None) != (zones[1] is None):
        raise ExpressionError(
            "a time with a zone is compared with one without: write the literal without an offset "
            "for a column "
            "without a zone"
        )
    if zones[0] != zones[1]:  # the same instants, shown elsewhere
        right = right.cast(pa.timestamp(right.type.unit, zones[0]))
    left = left.cast(_MICROSECONDS) if days(left.type) else left
    right = right.cast(_MICROSECONDS) if days(right.type) else right
    return left, right


def _time(literal: pa.Scalar, kind: pa.DataType) -> pa.Scalar:
    """Read a literal as a time to compare with a column of this type.

    A time without an offset is local there.
    """
    text = literal.as_py()
    if pa.types.is_time(kind):
        try:
            return pa.scalar(time.fromisoformat(text), pa.time64("us"))
        except ValueError as error:
            raise ExpressionError(f"{text!r} is no time of day: expected 'hh:mm:ss'") from error
    zone = kind.tz if pa.types.is_timestamp(kind) else None
    try:
        local = literal.cast(_MICROSECONDS)
        # when clocks change, a time that is there twice is the first of the two
        return (
            local
            if zone is None
            else pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="latest")
        )
    except pa.ArrowInvalid:
        pass  # it has an offset, or is no time at all
    try:
        return literal.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid as error:
        raise ExpressionError(
            f"{text!r} is no time: expected 'YYYY-MM-DD' or 'YYYY-MM-DD hh:mm:ss'"
        ) from error


def _mismatch(kinds: tuple[str, str], texts: tuple[str, str]) -> ExpressionError:
    hint = ""
    if set(kinds) == {"text", "number"}:
        hint = ": numbers are written without quotes, text in single quotes"
    elif set(kinds) == {"boolean", "number"}:
        hint = ": compare with true or false"
    return ExpressionError(
        f"{texts[0]} is {_a(kinds[0])} and {texts[1]} is {_a(kinds[1])}, which cannot be "
        f"compared{hint}"
    )


def _a(kind: str) -> str:
    return {"text": "text", "nothing": "null"}.get(kind, f"a {kind}")
