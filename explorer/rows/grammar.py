"""From text to terms: the WHERE part of SQL, parsed by sqlglot; whatever is not listed here is refused."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from explorer.errors import ExpressionError
from explorer.rows.terms import (
    FUNCTIONS,
    Arithmetic,
    Call,
    Case,
    Column,
    Comparison,
    Connective,
    In,
    Like,
    Literal,
    Missing,
    Not,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ALLOWED", "terms_of"]

ALLOWED = (
    "columns, numbers, 'text', true, false, null, date '2001-12-31', = <> < <= > >=, and, or, not, in, between, like, "
    f"is null, + - * /, case when, and the functions {', '.join(FUNCTIONS)}"
)
"""What an expression may consist of, in words."""

_COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_TIME_TYPES = ("DATE", "TIMESTAMP", "DATETIME")
# what sqlglot notes beside the operands, and which changes nothing here
_REMARKS = {"typed", "safe", "_type", "negate", "big_int"}


def terms_of(text: str) -> Term:
    """Parse an expression.

    Raises
    ------
    ExpressionError
        When it cannot be parsed, is more than one expression, holds a comment, or anything that is not allowed.
    """
    try:
        if any(token.comments for token in sqlglot.tokenize(text)):
            raise ExpressionError(f"{text!r} holds a comment: expected an expression only")
        statements = [s for s in sqlglot.parse(text) if s is not None]
        if len(statements) != 1:
            found = f"{len(statements)} statements" if statements else "nothing"
            raise ExpressionError(f"{text!r} is {found}: expected one expression such as year >= 1990")
        return _term(statements[0])
    except SqlglotError as error:
        raise ExpressionError(f"{text!r} cannot be parsed{_place(error)}: expected {ALLOWED}") from error
    except RecursionError as error:
        raise ExpressionError(
            f"an expression of {len(text):,} characters is nested too deeply: use 'in'"
        ) from error


def _place(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return ""
    column, near = details[0].get("col"), (details[0].get("highlight") or "").strip()
    return f" at character {column}" + (f" (near {near!r})" if near else "")


def _term(node: Any) -> Term:
    build = _BUILDERS.get(type(node))  # by the exact type: a subclass may mean something else
    if build is not None:
        term = build(node)
        return Not(node.sql(), term) if node.args.get("negate") else term
    if isinstance(node, exp.Func):
        return _call(node)
    raise _refused(node)


def _refused(node: Any) -> ExpressionError:
    return ExpressionError(f"{node.sql()!r} is not allowed here: expected {ALLOWED}")


def _only(node: Any, *names: str) -> None:
    """Refuse a node that carries more than these arguments (a subquery, an escape, a table, ...)."""
    if any(value for name, value in node.args.items() if name not in names and name not in _REMARKS):
        raise _refused(node)


def _column(node: Any) -> Term:
    _only(node, "this")
    if not isinstance(node.this, exp.Identifier):
        raise _refused(node)
    return Column(node.sql(), node.name, bool(node.this.args.get("quoted")))


def _literal(node: Any) -> Term:
    if node.is_string:
        return Literal(node.sql(), node.name)
    number = int(node.name) if re.fullmatch(r"\d{1,20}", node.name) else float(node.name)
    number = float(number) if number >= 2**64 else number
    if math.isinf(number):
        raise ExpressionError(f"{node.name} is too large for a number: expected at most 1.8e308")
    return Literal(node.name, number)


def _negative(node: Any) -> Term:
    inner = _term(node.this)
    if (
        isinstance(inner, Literal)
        and isinstance(inner.value, (int, float))
        and not isinstance(inner.value, bool)
    ):
        return Literal(node.sql(), -inner.value)
    return Arithmetic(node.sql(), "-", Literal("0", 0), inner)


def _time_literal(node: Any) -> Term:
    _only(node, "this", "to")
    is_text = isinstance(node.this, exp.Literal) and node.this.is_string
    if not is_text or node.args["to"].sql() not in _TIME_TYPES:
        raise _refused(node)
    return Literal(node.sql(), node.this.name)


def _connective(operator: str) -> Callable[[Any], Term]:
    return lambda node: Connective(node.sql(), operator, tuple(_term(part) for part in node.flatten()))


def _pair(node: Any) -> tuple[Term, Term]:
    _only(node, "this", "expression")
    return _term(node.this), _term(node.expression)


def _comparison(operator: str) -> Callable[[Any], Term]:
    return lambda node: Comparison(node.sql(), operator, *_pair(node))


def _arithmetic(operator: str) -> Callable[[Any], Term]:
    return lambda node: Arithmetic(node.sql(), operator, *_pair(node))


def _is(node: Any) -> Term:
    _only(node, "this", "expression")
    if not isinstance(node.expression, exp.Null):
        raise _refused(node)
    return Missing(node.sql(), _term(node.this))


def _in(node: Any) -> Term:
    _only(node, "this", "expressions")
    if not node.expressions:
        raise _refused(node)
    return In(node.sql(), _term(node.this), tuple(_term(member) for member in node.expressions))


def _like(node: Any) -> Term:
    _only(node, "this", "expression")
    if not (isinstance(node.expression, exp.Literal) and node.expression.is_string):
        raise ExpressionError(f"{node.sql()}: expected a pattern in single quotes, such as 'Star%'")
    return Like(node.sql(), _term(node.this), node.expression.name)


def _between(node: Any) -> Term:
    _only(node, "this", "low", "high")
    value, text = _term(node.this), node.sql()
    low = Comparison(text, ">=", value, _term(node.args["low"]))
    high = Comparison(text, "<=", value, _term(node.args["high"]))
    return Connective(text, "and", (low, high))


def _case(node: Any) -> Term:
    _only(node, "this", "ifs", "default")
    subject = _term(node.this) if node.this else None
    conditions, values = [], []
    for branch in node.args["ifs"]:
        condition = _term(branch.this)
        text = branch.this.sql()
        conditions.append(condition if subject is None else Comparison(text, "=", subject, condition))
        values.append(_term(branch.args["true"]))
    default = node.args.get("default")
    end = _term(default) if default is not None else Literal("null", None)
    return Case(node.sql(), tuple(conditions), tuple(values), end)


def _call(node: Any) -> Term:
    anonymous = isinstance(node, exp.Anonymous)
    name = node.name.lower() if anonymous else node.sql_name().lower()
    if name not in FUNCTIONS:
        raise _refused(node)
    _only(node, *(("this", "expressions") if anonymous else ("this",)))
    arguments = node.expressions if anonymous else [node.this]
    if len(arguments) != 1:
        raise ExpressionError(f"{node.sql()}: expected one argument of {name}, got {len(arguments)}")
    return Call(node.sql(), name, _term(arguments[0]))


_BUILDERS: dict[type, Callable[[Any], Term]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: lambda node: Literal(node.sql(), bool(node.this)),
    exp.Null: lambda node: Literal(node.sql(), None),
    exp.Paren: lambda node: _term(node.this),
    exp.Neg: _negative,
    exp.Cast: _time_literal,
    exp.And: _connective("and"),
    exp.Or: _connective("or"),
    exp.Not: lambda node: Not(node.sql(), _term(node.this)),
    exp.Is: _is,
    exp.In: _in,
    exp.Like: _like,
    exp.Between: _between,
    exp.Case: _case,
    **{kind: _comparison(operator) for kind, operator in _COMPARISONS.items()},
    **{kind: _arithmetic(operator) for kind, operator in _ARITHMETIC.items()},
}
