"""From text to terms: the WHERE part of SQL, parsed by sqlglot.

Whatever is not listed here is refused.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from explorer.core.errors import ExpressionError
from explorer.expressions.cut import Cut
from explorer.expressions.terms import (
    FUNCTIONS,
    Arithmetic,
    BinaryComparison,
    Call,
    Case,
    ColumnReference,
    Connective,
    In,
    IsMissing,
    Like,
    Literal,
    Not,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MOST_LETTERS", "MOST_WORDS", "parse_terms"]

# An expression may come with a link from anybody, and parsing takes .1 ms a word: a second at most.
MOST_WORDS = 8_000
MOST_LETTERS = 100_000

_ALLOWED = (
    "columns, numbers, 'text', = <> < <= > >=, and, or, not, in, between, like, is null, "
    "+ - * /, case"
)
_SHOWN = 34  # characters of an expression repeated in an error, which stays a line of at most 160

_COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_TIME_TYPES = ("DATE", "TIMESTAMP", "DATETIME")
_LITERALS = (TokenType.VAR, TokenType.STRING, TokenType.NUMBER, TokenType.IDENTIFIER)
_COMPARING = {"=", "==", "<>", "!=", "<", "<=", ">", ">="}
_SYMBOLS = _COMPARING | {"+", "-", "/"}
_AFTER_COLUMN = _SYMBOLS | {"is", "in", "like", "ilike", "between"}
_WORDS = {
    "and",
    "or",
    "not",
    "in",
    "is",
    "like",
    "ilike",
    "between",
    "case",
    "when",
    "then",
    "else",
}
_VALUES = {
    "end",
    "null",
    "true",
    "false",
    "current_date",
    "current_time",
    "current_timestamp",
    "interval",
}
_WORDS |= _VALUES
# signs as they are printed, outside of quotes
_PRINTED = re.compile(r"""('[^']*'|"[^"]*")|([−×÷])""")
_TYPED = {"−": "-", "×": "*", "÷": "/"}
# what sqlglot notes beside the operands, and which changes nothing here
_REMARKS = {"typed", "safe", "_type", "negate", "big_int"}


def parse_terms(text: str) -> Term:
    """Parse an expression.

    Raises
    ------
    ExpressionError
        When it cannot be parsed, is more than one expression, holds a comment, or anything that is
        not allowed.
    """
    if len(text) > MOST_LETTERS:
        raise _too_long(f"{len(text):,} characters")
    text = _PRINTED.sub(lambda match: match[1] or _TYPED[match[2]], text)
    try:
        tokens = sqlglot.tokenize(text)
        if len(tokens) > MOST_WORDS:
            raise _too_long(f"{len(tokens):,} names, numbers and signs")
        if any(token.comments for token in tokens):
            raise ExpressionError(f"{_shown(text)} holds a comment: expected an expression only")
        try:
            return _parsed(text)
        except (SqlglotError, ExpressionError) as error:
            word = _reserved(tokens)
            if word is None:
                raise
            raise ExpressionError(
                f"{_shown(text)}: {word} is a word of SQL; write a column of that name in double "
                "quotes: "
                f'"{word}"'
            ) from error
    except SqlglotError as error:
        raise ExpressionError(
            f"{_shown(text)} cannot be parsed{_place(error)}: expected a condition such as year >= "
            "1990"
        ) from error
    except RecursionError as error:
        raise ExpressionError(
            f"an expression of {len(text):,} characters is nested too deeply: use 'in'"
        ) from error


def _too_long(length: str) -> ExpressionError:
    return ExpressionError(
        f"an expression has at most {MOST_LETTERS:,} characters, and {MOST_WORDS:,} names, numbers "
        f"and signs; this one has {length}: "
        "join a table with the values, or name the rows by a range"
    )


def _parsed(text: str) -> Term:
    statements = [statement for statement in sqlglot.parse(text) if statement is not None]
    if len(statements) != 1:
        result = f"{len(statements)} statements" if statements else "nothing"
        raise ExpressionError(
            f"{_shown(text)} is {result}: expected one expression such as year >= 1990"
        )
    return _term(statements[0])


def _reserved(tokens: list[Any]) -> str | None:
    """Return the first word of SQL that stands where a column would, beside an operator."""
    texts = ["", *(token.text.lower() for token in tokens), ""]
    for token, before, word, after in zip(tokens, texts, texts[1:], texts[2:], strict=False):
        if token.token_type in _LITERALS or not word.isidentifier():
            continue
        in_column_place = after in _AFTER_COLUMN or before in _SYMBOLS
        suspect = (
            in_column_place if word not in _WORDS else (after in _COMPARING and word not in _VALUES)
        )
        if suspect and not _is_column(word):
            return str(token.text)
    return None


def _is_column(word: str) -> bool:
    """Say whether a word of SQL is read as a column all the same, as "rank" and "left" are."""
    try:
        return isinstance(sqlglot.parse_one(f"{word} > 0"), exp.GT)
    except SqlglotError:
        return False


def _shown(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 2]}…{shown[0]}"


def _place(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return ""
    column, near = details[0].get("col"), (details[0].get("highlight") or "").strip()
    return f" at character {column}" + (f" (near {_shown(near)})" if near else "")


def _term(node: Any) -> Term:
    build = _BUILDERS.get(type(node))  # by the exact type: a subclass may mean something else
    if build is not None:
        term = build(node)
        return Not(node.sql(), term) if node.args.get("negate") else term
    if isinstance(node, exp.Func):
        return _call(node)
    raise _refused(node)


def _refused(node: Any) -> ExpressionError:
    if isinstance(node, exp.Func):
        names = ", ".join(sorted((*FUNCTIONS, "cut")))
        return ExpressionError(
            f"{_shown(node.sql())} is not allowed here: the functions are {names}"
        )
    return ExpressionError(f"{_shown(node.sql())} is not allowed: expected {_ALLOWED}")


def _only(node: Any, *names: str) -> None:
    """Refuse a node that carries more than these arguments, such as a subquery or an escape."""
    if any(
        value for name, value in node.args.items() if name not in names and name not in _REMARKS
    ):
        raise _refused(node)


def _column(node: Any) -> Term:
    _only(node, "this")
    if not isinstance(node.this, exp.Identifier):
        raise _refused(node)
    return ColumnReference(node.sql(), node.name, bool(node.this.args.get("quoted")))


def _literal(node: Any) -> Term:
    if node.is_string:
        return Literal(node.sql(), node.name)
    try:
        number = int(node.name) if re.fullmatch(r"\d{1,20}", node.name) else float(node.name)
    except ValueError:
        raise ExpressionError(
            f"{_shown(node.name)} is not a number: expected digits, as in 1990 or 2.5e3"
        ) from None
    number = float(number) if number >= 2**64 else number
    if math.isinf(number):
        raise ExpressionError(
            f"{_shown(node.name)} is too large for a number: expected at most 1.8e308"
        )
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
    return lambda node: Connective(
        node.sql(), operator, tuple(_term(part) for part in node.flatten())
    )


def _pair(node: Any) -> tuple[Term, Term]:
    _only(node, "this", "expression")
    return _term(node.this), _term(node.expression)


def _comparison(operator: str) -> Callable[[Any], Term]:
    return lambda node: BinaryComparison(node.sql(), operator, *_pair(node))


def _arithmetic(operator: str) -> Callable[[Any], Term]:
    return lambda node: Arithmetic(node.sql(), operator, *_pair(node))


def _is(node: Any) -> Term:
    _only(node, "this", "expression")
    if not isinstance(node.expression, exp.Null):
        raise _refused(node)
    return IsMissing(node.sql(), _term(node.this))


def _in(node: Any) -> Term:
    _only(node, "this", "expressions")
    if not node.expressions:
        raise _refused(node)
    return In(node.sql(), _term(node.this), tuple(_term(member) for member in node.expressions))


def _like(node: Any) -> Term:
    _only(node, "this", "expression")
    if not (isinstance(node.expression, exp.Literal) and node.expression.is_string):
        raise ExpressionError(
            f"{_shown(node.sql())}: expected a pattern in single quotes, such as 'Star%'"
        )
    return Like(node.sql(), _term(node.this), node.expression.name, isinstance(node, exp.ILike))


def _between(node: Any) -> Term:
    _only(node, "this", "low", "high")
    value, text = _term(node.this), node.sql()
    low = BinaryComparison(text, ">=", value, _term(node.args["low"]))
    high = BinaryComparison(text, "<=", value, _term(node.args["high"]))
    return Connective(text, "and", (low, high))


def _case(node: Any) -> Term:
    _only(node, "this", "ifs", "default")
    subject = _term(node.this) if node.this else None
    conditions, values = [], []
    for branch in node.args["ifs"]:
        condition = _term(branch.this)
        text = branch.this.sql()
        conditions.append(
            condition if subject is None else BinaryComparison(text, "=", subject, condition)
        )
        values.append(_term(branch.args["true"]))
    default = node.args.get("default")
    end = _term(default) if default is not None else Literal("null", None)
    return Case(node.sql(), tuple(conditions), tuple(values), end)


def _call(node: Any) -> Term:
    anonymous = isinstance(node, exp.Anonymous)
    name = node.name.lower() if anonymous else node.sql_name().lower().replace("_", "")
    if anonymous and name == "cut":
        return _cut(node)
    if name not in FUNCTIONS:
        raise _refused(node)
    _only(node, *(("this", "expressions") if anonymous else ("this",)))
    arguments = node.expressions if anonymous else [node.this]
    if len(arguments) != 1:
        raise ExpressionError(
            f"{_shown(node.sql())}: expected one argument of {name}, got {len(arguments)}"
        )
    return Call(node.sql(), _term(arguments[0]), name)


def _cut(node: Any) -> Term:
    if not node.expressions:
        raise ExpressionError(
            f"{_shown(node.sql())}: expected a number and its edges, such as cut(year, 1960, 1990)"
        )
    edges = [_term(edge) for edge in node.expressions[1:]]
    written = [edge.value if isinstance(edge, Literal) else None for edge in edges]
    if not all(isinstance(edge, (int, float)) and not isinstance(edge, bool) for edge in written):
        raise ExpressionError(
            f"{_shown(node.sql())}: the edges of cut are numbers, such as 1960, 1990"
        )
    return Cut(
        node.sql(),
        _term(node.expressions[0]),
        tuple(float(edge) for edge in written if edge is not None),
    )


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
    exp.ILike: _like,
    exp.Between: _between,
    exp.Case: _case,
    **{kind: _comparison(operator) for kind, operator in _COMPARISONS.items()},
    **{kind: _arithmetic(operator) for kind, operator in _ARITHMETIC.items()},
}
