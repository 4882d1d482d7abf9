"""Select rows of a table by an expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.core.errors import ExpressionError
from explorer.expressions.expression import quoted
from explorer.selection import selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.selection.selection import Selection
    from explorer.table.table import Table

__all__ = ["columns_to_labels", "labels_to_columns", "where"]


def labels_to_columns(table: Table, expression: str) -> str:
    """Return an expression with names of columns in place of the labels that are shown for them.

    The name of a column stays, also where another column has it as its label.

    Raises
    ------
    ExpressionError
        If a label stands for several columns; names them.
    """
    columns = _columns_by_label(table)
    if not any(label in expression for label in columns if label not in table.features):
        return expression

    def column(word: str) -> str | None:
        meant = [] if word in table.features else columns.get(word, [])
        if len(meant) > 1:
            raise ExpressionError(
                f"{word!r} is the label of {len(meant)} columns ({', '.join(meant)}): write the "
                "name of one of them"
            )
        return quoted(meant[0]) if meant else None

    return _reworded(expression, column)


def columns_to_labels(table: Table, expression: str) -> str:
    """Return an expression with labels in place of names of columns, to be read by people.

    `labels_to_columns` reads it back.
    """
    columns = _columns_by_label(table)

    def label(word: str) -> str | None:
        shown = table.features[word].label if word in table.features else word
        if shown == word or shown in table.features or len(columns[shown]) > 1:
            return None
        return shown if re.fullmatch(r"[A-Za-z_]\w*", shown) else quoted(shown)

    return _reworded(expression, label)


def _columns_by_label(table: Table) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for name, feature in table.features.items():
        columns.setdefault(feature.label, []).append(name)
    return columns


def _reworded(expression: str, word: Callable[[str], str | None]) -> str:
    """Replace names in an expression by what ``word`` returns, where it returns something."""
    import sqlglot  # loads at the first expression
    from sqlglot.errors import SqlglotError
    from sqlglot.tokens import TokenType

    try:
        tokens = sqlglot.tokenize(expression)
    except SqlglotError:
        return expression  # parsing it says what is wrong
    for token, after in reversed(list(zip(tokens, [*tokens[1:], None], strict=True))):
        function = after is not None and after.token_type is TokenType.L_PAREN
        if function or token.token_type in (TokenType.STRING, TokenType.NUMBER):
            continue
        if (new := word(token.text)) is not None:
            expression = expression[: token.start] + new + expression[token.end + 1 :]
    return expression


def where(table: Table, expression: str) -> Selection:
    """Select the rows for which an expression is true.

    Parameters
    ----------
    table : Table
    expression : str
        The WHERE part of SQL over columns and literals: comparison, and/or/not, in, between, like,
        is null, arithmetic. Sentinels of the catalogue are null. A column may be called by its
        label.

    Returns
    -------
    Selection
        Over all rows of the table; ``~`` is the complement there.

    Raises
    ------
    ExpressionError
        If it cannot be parsed or evaluated.
    UnknownName
        If a column does not exist, with the nearest one.
    """
    sentinels = {
        name: feature.sentinels for name, feature in table.features.items() if feature.sentinels
    }
    meant = labels_to_columns(table, expression) if isinstance(expression, str) else expression
    try:
        result = selection.where(table.source, meant, sentinels)
    except ExpressionError as error:
        if (bare := _label_without_quotes(table, meant)) is None:
            raise
        raise ExpressionError(
            f"{error}; a name of several words stands in double quotes: {quoted(bare)}"
        ) from error
    through = table.labels.seen_through(result.seen)
    if not through:
        return result
    # rows that were labelled on a map were chosen by what drew the map
    seen = {**through, **result.seen}
    return selection.Selection(
        result.mask, result.fingerprint, result.definition, table.source, seen
    )


def _label_without_quotes(table: Table, expression: object) -> str | None:
    """Return a label or name of several words that an expression has outside of double quotes.

    None where there is none.
    """
    text = re.sub(r""""[^"]*"|'[^']*'""", "", str(expression))
    names = [
        word
        for name, feature in table.features.items()
        for word in (feature.label, name)
        if " " in word
    ]
    return next((word for word in names if word in text), None)
