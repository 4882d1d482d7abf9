"""Select rows of a table by an expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.core.errors import (
    ExplorerError,
    ExpressionError,
    SelectionError,
    UnknownName,
    nearest_names,
    shown,
)
from explorer.expressions.expression import parse_expression, quoted
from explorer.selection import selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.selection.selection import Selection
    from explorer.table.table import Table

__all__ = ["columns_to_labels", "labels_to_columns", "rows_of_text", "where"]

SAVED = "saved:"


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
        title = table.features[word].label if word in table.features else word
        if title == word or title in table.features or len(columns[title]) > 1:
            return None
        return title if re.fullmatch(r"[A-Za-z_]\w*", title) else quoted(title)

    return _reworded(expression, label)


def rows_of_text(table: Table, text: str) -> Selection | str:
    """Return the saved rows that a text names; else the text, as an expression.

    ``saved:NAME`` names saved rows whatever they are called.

    Raises
    ------
    UnknownName
        There are no saved rows of that name; names the nearest.
    SelectionError
        The text is the name of saved rows and an expression too.
    """
    if text.startswith(SAVED):
        return table.selections[text.removeprefix(SAVED).strip()]
    if text not in table.selections.names:
        return text
    try:
        where(table, text)
    except ExplorerError:
        return table.selections[text]
    raise SelectionError(
        f"{text!r} is the name of saved rows, and an expression too: write {SAVED}{text} for the "
        f"saved rows, or ({text}) for the expression"
    )


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
    except UnknownName as error:
        raise _unknown_column(table, meant) or error from error
    except ExpressionError as error:
        hints = []
        if (bare := _label_without_quotes(table, meant)) is not None:
            hints.append(f"a name of several words stands in double quotes: {quoted(bare)}")
        else:
            hints += [
                f"{quoted(name)} is {label!r}"
                for name, label in _shown_as(table, meant)
                if name in str(error)
            ]
        if not hints:
            raise
        raise ExpressionError("; ".join([str(error), *hints])) from error
    through = table.labels.seen_through(result.seen)
    if not through:
        return result
    # rows that were labelled on a map were chosen by what drew the map
    seen = {**through, **result.seen}
    return selection.Selection(
        result.mask, result.fingerprint, result.definition, table.source, seen
    )


def _unknown_column(table: Table, expression: str) -> UnknownName | None:
    """Build the error for a name that is no column and no label, with what it may have meant.

    None where every name of the expression is a column.
    """
    names = parse_expression(expression).columns
    unknown = next((name for name in names if name not in table.features), None)
    if unknown is None:
        return None
    labels = _columns_by_label(table)
    close = nearest_names(unknown, [*table.features, *labels])
    if not close:
        return None
    # a column is named with its label, as both are shown
    near = dict.fromkeys(
        name for word in close for name in ([word] if word in table.features else labels[word])
    )
    named = [_with_label(name, table.features[name].label) for name in near]
    return UnknownName(f"no column {shown(unknown)}: did you mean {' or '.join(named)}?")


def _with_label(name: str, label: str) -> str:
    return repr(name) if label in ("", name) else f"{name!r} ({label})"


def _shown_as(table: Table, expression: str) -> list[tuple[str, str]]:
    """Return the columns of an expression that are shown by a label, with the label."""
    try:
        names = parse_expression(expression).columns
    except ExpressionError:
        return []
    labels = [(name, table.features[name].label) for name in names if name in table.features]
    return [(name, label) for name, label in labels if label != name]


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
