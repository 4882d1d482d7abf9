"""Row labels on the page: what is listed, and requests, done one after the other."""

from __future__ import annotations

import base64
import io
import time
from typing import TYPE_CHECKING, Any

from explorer.core.errors import LabelError
from explorer.core.gettext import _
from explorer.rows.task_card import TaskCard
from explorer.selection.row_labels import write_labels
from explorer.session.rows.selection_resolver import describe_definition

if TYPE_CHECKING:
    from explorer.selection.label_column import LabelLevel

__all__ = ["RowLabelsCard"]

_MOST_SAVED = 1_000_000


class RowLabelsCard(TaskCard):
    """The row labels of a table."""

    def shown(self) -> dict[str, Any]:
        """Return the label columns with their levels as plain JSON; none before they are known."""
        labels = self._table.labels
        if not labels.loaded:
            return {**self.status(), "columns": []}
        columns = [
            {
                "name": column.name,
                "count": column.count,
                "levels": [
                    {"name": level.name, "count": level.count, "words": self._words(level)}
                    for level in column.levels
                ],
            }
            for column in labels.columns.values()
        ]
        return {**self.status(), "columns": columns, "trouble": labels.trouble}

    def label(self, column: str, level: str, author: str) -> None:
        """Give the selected rows of this moment a level."""
        chosen = self._state.document.selection

        def work() -> None:
            if chosen != self._state.document.selection:
                raise LabelError(
                    "the selection has changed meanwhile: look at it and label it again"
                )
            selection = self._rows.selection()
            if selection is None:
                raise LabelError("no row is selected: select the rows that are to be labelled")
            self._table.label(selection, column, level, self._user or author)

        self._tasks.submit(work)

    def rename(self, column: str, level: str, name: str) -> None:
        """Give a level another name."""
        self._tasks.submit(lambda: self._table.labels.rename(column, level, name))

    def clear(self, column: str, level: str | None) -> None:
        """Take a level, or with None a column, away."""
        self._tasks.submit(lambda: self._table.labels.clear(column, level))

    def file(self, form: str) -> dict[str, Any]:
        """Return the labelled rows as a file to save, "csv" or "parquet".

        Where they are too many, the error is returned in its place.
        """
        table = self._table.labels.to_arrow()
        if table.num_rows > _MOST_SAVED:
            return {
                "error": _(
                    "{num_rows:,} labelled rows are too many for a file by the browser "
                    "(1,000,000 at most): use table.labels.export from Python"
                ).format(num_rows=table.num_rows)
            }
        buffer = io.BytesIO()
        write_labels(table, buffer, f".{form}")
        data = base64.b64encode(buffer.getvalue()).decode()
        kind = "text/csv" if form == "csv" else "application/vnd.apache.parquet"
        return {"name": f"row-labels.{form}", "data": f"data:{kind};base64,{data}"}

    def _words(self, level: LabelLevel) -> str:
        """Say who made a level, when and of what."""
        lines = []
        for change in level.made[-3:]:
            day = time.strftime("%Y-%m-%d", time.localtime(change.time))
            lines.append(
                f"{change.author or 'no name'}, {day}: "
                f"{describe_definition(dict(change.definition))} "
                f"({change.count:,} rows)"
            )
        more = (
            [_("and {count:,} earlier").format(count=len(level.made) - 3)]
            if len(level.made) > 3
            else []
        )
        return "\n".join(lines + more)
