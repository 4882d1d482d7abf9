"""Read files: what a view of models has found, as files that the page hands out."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Protocol

from explorer.core.csv_text import csv_bytes

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TYPES", "file_bytes"]

TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json"}
"""Forms in which results are handed out, and their media types."""


class ExportedResult(Protocol):
    """What was found."""

    def to_arrow(self) -> pa.Table:
        """Return it as a table."""
        ...

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        ...


def file_bytes(result: ExportedResult, form: str) -> bytes:
    """Return everything as a file of one of the forms."""
    import pyarrow.parquet

    if form == "json":
        return json.dumps(result.document(), allow_nan=False, ensure_ascii=False, indent=1).encode()
    table = result.to_arrow()
    if form == "csv":
        return csv_bytes(table)
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()
