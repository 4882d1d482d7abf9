"""CSV out: every CSV file is written here.

No text in it runs as a formula when a spreadsheet opens the file.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["CsvWriter", "columns_csv", "csv_bytes", "write_csv"]

# What spreadsheets may read as the start of a formula: OWASP, "CSV Injection"
# (owasp.org/www-community/attacks/CSV_Injection) and, for the null character, OWASP ASVS 5.0,
# requirement 1.2.10. The wide signs are those of East Asian keyboards.
_FORMULA = r"^[=+\-@\t\r\n\x00＝＋－＠]"
_NUMBER = r"^[+-](?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"


class CsvWriter:
    """Writes batches of rows as CSV, dictionaries as their values.

    Parameters
    ----------
    where : path or binary file
    schema : pyarrow.Schema
    safe : bool
        Whether text and column names that begin with =, +, -, @, a tab, a line break or a null
        character get an apostrophe before them, by which spreadsheets take them for text (OWASP,
        "CSV Injection"). Text that is a number, such as "-5", stays as it is, and so does
        everything that is not text. Without it, every value is written exactly.

    Notes
    -----
    The apostrophe helps where the comma is the separator. A spreadsheet that is set to another
    separator, such as the semicolon, cuts cells at that sign too, and a formula may follow it:
    choose the comma when you open the file.
    """

    def __init__(
        self,
        where: str | os.PathLike[str] | io.BufferedIOBase,
        schema: pa.Schema,
        safe: bool = True,
    ) -> None:
        import pyarrow.csv

        names = _safe(pa.array(schema.names, pa.string())).to_pylist() if safe else schema.names
        types = [_plain_type(kind) for kind in schema.types]
        self._safe = safe
        self._schema = pa.schema(list(zip(names, types, strict=True)))
        self._writer = pyarrow.csv.CSVWriter(where, self._schema)

    def __enter__(self) -> CsvWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch of the schema."""
        columns = [
            _plain(column, self._safe).cast(kind)
            for column, kind in zip(batch.columns, self._schema.types, strict=True)
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))


def write_csv(
    table: pa.Table, where: str | os.PathLike[str] | io.BufferedIOBase, safe: bool = True
) -> None:
    """Write a table as CSV; see `CsvWriter`."""
    with CsvWriter(where, table.schema, safe) as writer:
        for batch in table.to_batches():
            writer.write_batch(batch)


def csv_bytes(table: pa.Table, safe: bool = True) -> bytes:
    """Return a table as CSV; see `CsvWriter`."""
    buffer = io.BytesIO()
    write_csv(table, buffer, safe)
    return buffer.getvalue()


def columns_csv(columns: Mapping[str, Any]) -> str:
    """Return columns of values, by their names, as the text of a CSV file."""
    return csv_bytes(pa.table({name: pa.array(held) for name, held in columns.items()})).decode()


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.large_binary()  # room for the apostrophe
    return kind


def _plain(column: Any, safe: bool) -> Any:
    """Return a column without a dictionary.

    Of a dictionary, its values are looked at instead of every row.
    """
    if not pa.types.is_dictionary(column.type):
        column = column.cast(_plain_type(column.type))
        return _safe(column) if safe else column
    if len(column.dictionary) > len(column):
        return _plain(column.dictionary_decode(), safe)
    values = _plain(column.dictionary, safe)
    return values.take(column.indices)


def _safe(text: Any) -> Any:
    kind = text.type
    if not (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    ):
        return text
    formula = pc.match_substring_regex(text, _FORMULA)
    if not pc.any(formula).as_py():
        return text
    formula = pc.and_not(formula, pc.match_substring_regex(text, _NUMBER))
    marked = pc.binary_join_element_wise(pa.scalar("'", kind), text, pa.scalar("", kind))
    return pc.if_else(formula, marked, text)
