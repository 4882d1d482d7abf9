"""Saving rows from the page: they are written in a thread, then fetched from the server.

Where the server hands out no files, they are sent along.
"""

from __future__ import annotations

import base64
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.rows.export_rows import RowFile, row_file
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = ["RowExport"]

_MOST_SENT = 1_000_000  # rows of a file that goes through the page's own connection
_KINDS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_writers = ThreadPoolExecutor(
    max_workers=2, thread_name_prefix="export"
)  # minutes for the largest tables


class RowExport:
    """Saves the listed rows.

    Parameters
    ----------
    table : Table
    rows : RowSelection
    offer : callable
        Writes a file for the person, and returns where it is fetched; None where the server hands
        out no files.
    schedule : callable
        Runs a function on the page's event loop.
    show : callable
        Called there with what the page needs to know: "words" while a file is written, then "path"
        or "data" and "name", or "error".
    """

    def __init__(
        self,
        table: Table,
        rows: RowSelection,
        offer: Callable[[str, Callable[[Path], None]], str | None],
        schedule: Schedule,
        show: Callable[[dict[str, Any]], None],
    ) -> None:
        self._table, self._rows, self._offer = table, rows, offer
        self._schedule, self._show = schedule, show
        self._turn = 0
        self._files: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule, self._file, self._tell, _writers
        )

    def submit(self, form: str) -> None:
        """Write the rows of this moment as "csv" or "parquet"."""
        self._files.submit(form)

    def _file(self, form: str) -> dict[str, Any]:
        try:
            file = row_file(self._table, self._rows, form)
            self._schedule(
                partial(self._tell, {"words": _("writing {words} …").format(words=file.words)})
            )
            path = self._offer(file.name, file.write)
            return _sent(file, form) if path is None else {"name": file.name, "path": path}
        except ExplorerError as error:
            return {"error": str(error)}
        except OSError as error:  # no room for the file
            return {
                "error": f"the rows cannot be written ({error.strerror or error}): "
                "make room on the server"
            }

    def _tell(self, saved: dict[str, Any]) -> None:
        self._turn += 1
        self._show({**saved, "turn": self._turn})


def _sent(file: RowFile, form: str) -> dict[str, Any]:
    """Return a file as part of a message, for servers that hand out no files."""
    if file.count > _MOST_SENT:
        return {
            "error": _(
                "{count:,} rows are too many for this server to send ({most:,} at "
                "most): start the page with `explorer serve`, or use selection.save from "
                "Python"
            ).format(count=file.count, most=_MOST_SENT)
        }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{form}"
        file.write(path)
        data = base64.b64encode(path.read_bytes()).decode()
    return {"name": file.name, "data": f"data:{_KINDS[form]};base64,{data}"}
