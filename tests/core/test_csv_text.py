"""CSV against the standard library's reader, with every type that Arrow may hand over."""

import csv
import datetime
import io

import pyarrow as pa
import pyarrow.csv
import pytest

from explorer.core.csv_text import CsvWriter, csv_bytes

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1",
    "-",
    "-5\n",
    "-inf",
    "+1 555",
    "-1e",
    "-٥",
]
NO_FORMULAS = [
    "-5",
    "+3.2",
    "-.5",
    "-5.",
    "-1e-5",
    "+2E10",
    "a=1",
    "'=1",
    " =1",
    "",
    'a"b',
    "a,b",
    "ü",
]
TYPES = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
]


def read(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline="")))


@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "dictionary"])
def test_text_that_starts_a_formula_gets_an_apostrophe_and_no_other_text(kind, encoded):
    column = pa.array(FORMULAS + NO_FORMULAS).cast(kind)
    if encoded and kind in (pa.string_view(), pa.binary_view()):
        column = pa.DictionaryArray.from_arrays(pa.array(range(len(column))), column)
    elif encoded:
        column = column.dictionary_encode()
    table = pa.table({"text": column, "one": [1] * len(column)})
    cells = [first for first, _ in read(csv_bytes(table))[1:]]
    assert cells == ["'" + text for text in FORMULAS] + NO_FORMULAS
    assert [first for first, _ in read(csv_bytes(table, safe=False))[1:]] == FORMULAS + NO_FORMULAS


def test_missing_text_stays_missing_in_batches_and_slices():
    text = pa.array(["=a", None, "b", "@c", None]).dictionary_encode()
    table = pa.concat_tables(
        [pa.table({"t": text, "n": range(5)}).slice(1, 3), pa.table({"t": text[:1], "n": [9]})]
    )
    expected = b'"t","n"\n,1\n"b",2\n"\'@c",3\n"\'=a",9\n'
    assert csv_bytes(table) == expected
    assert csv_bytes(table.combine_chunks()) == expected


def test_what_is_no_text_is_written_as_arrow_writes_it():
    table = pa.table(
        {
            "whole": [-5, None],
            "real": [-1.5, float("-inf")],
            "decimal": pa.array([-1, 2]).cast(pa.decimal128(30, 2)),
            "day": pa.array([-800_000, 0], pa.int32()).cast(pa.date32()),
            "time": [datetime.datetime(1900, 1, 1), None],
            "truth": [True, None],
            "level": pa.array([-1, 2]).dictionary_encode(),
        }
    )
    buffer = io.BytesIO()
    pa.csv.write_csv(table, buffer)
    assert csv_bytes(table) == csv_bytes(table, safe=False) == buffer.getvalue()


def test_column_names_are_made_safe_and_an_empty_table_has_them():
    table = pa.table({"=a": pa.array([], pa.string()), "-5": pa.array([], pa.int8())})
    assert csv_bytes(table) == b'"\'=a","-5"\n'
    assert csv_bytes(table, safe=False) == b'"=a","-5"\n'


def test_bytes_of_a_fixed_width_have_room_for_the_apostrophe():
    table = pa.table({"code": pa.array([b"=a", b"bc"], pa.binary(2))})
    assert csv_bytes(table) == b'"code"\n"\'=a"\n"bc"\n'


def test_batches_are_written_as_they_come(tmp_path):
    schema = pa.schema({"=t": pa.string()})
    with CsvWriter(tmp_path / "t.csv", schema) as writer:
        for text in ("=a", "b"):
            writer.write_batch(pa.record_batch({"=t": [text]}))
    assert (tmp_path / "t.csv").read_bytes() == b'"\'=t"\n"\'=a"\n"b"\n'
