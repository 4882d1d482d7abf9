from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.errors import CatalogueError, TableError
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT, ZERO_ONE
from explorer.sources.source import open_source

if TYPE_CHECKING:
    from pathlib import Path


def seen(
    columns: dict[str, object], catalogue: Catalogue | None = None
) -> dict[str, tuple[str, tuple[str, ...]]]:
    features = describe_columns(open_source(pa.table(columns)), catalogue)
    return {name: (feature.kind, feature.notes) for name, feature in features.items()}


def test_numbers_written_as_text_are_noted_and_stay_text() -> None:
    found = seen(
        {"n": ["1,416", "89", "7.5", "12", "N/A"] * 4, "word": ["a", "b", "c", "d", "e"] * 4}
    )
    assert found == {"n": ("categorical", (NUMBERS_AS_TEXT,)), "word": ("categorical", ())}


def test_features_of_some_names_come_in_table_order() -> None:
    table = pa.table({"a": [1, 2], "b": [1.0, 2.0], "c": ["x", "y"]})
    assert list(describe_columns(open_source(table), names=["c", "a"])) == ["a", "c"]


def test_every_way_to_write_a_number_as_text_is_recognised() -> None:
    found = seen(
        {
            "thousands": ["1,416,481", "12,000", "3", None],
            "clock": ["0:00:47", "1:02:03", "0:10:00", ""],
            "percent": ["89.10%", "3%", "100 %", "-"],
            "money": ["$5", "€1,000.50", "£.5", "n/a"],
            "levels": pa.array(["1", "2", "1", "2"]).dictionary_encode(),
        }
    )
    assert {name: notes for name, (_, notes) in found.items()} == dict.fromkeys(
        found, (NUMBERS_AS_TEXT,)
    )


def test_text_mixed_with_numbers_is_text_in_csv_and_refused_in_a_frame_of_objects(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(
        "m\n" + "\n".join(str(i) if i % 2 else f"word {i % 7}" for i in range(100)),
        encoding="utf-8",
    )
    feature = describe_columns(open_source(path))["m"]
    assert (feature.kind, feature.notes) == ("categorical", ())
    with pytest.raises(TableError, match="mixes text and numbers"):
        open_source(pd.DataFrame({"m": [1, "one", 2.5]}, dtype=object))


def test_two_columns_of_one_name_are_refused_when_the_table_is_opened(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(TableError, match="two columns named 'a'"):
        open_source(table)
    (tmp_path / "twice.csv").write_text("a,a\n1,2\n", encoding="utf-8")
    pq.write_table(table, tmp_path / "twice.parquet")
    for name in ("twice.csv", "twice.parquet"):
        with pytest.raises(TableError, match="'a'"):
            open_source(tmp_path / name)


def test_times_decimals_and_dictionaries_are_what_their_type_says() -> None:
    moments = pa.array([0, 1], pa.timestamp("us"))
    found = seen(
        {
            "naive": moments,
            "zoned": moments.cast(pa.timestamp("us", "America/New_York")),
            "day": moments.cast(pa.date32()),
            "lasting": pa.array([0, 1], pa.duration("ms")),
            "decimal": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
            "wide decimal": pa.array([Decimal("1.50"), None], pa.decimal256(50, 2)),
            "coded": pa.array([5, 6]).dictionary_encode(),
            "half": pa.array(np.array([0, 1], np.float16)),
        }
    )
    kinds = {name: kind for name, (kind, _) in found.items()}
    assert kinds == {
        "naive": "temporal",
        "zoned": "temporal",
        "day": "temporal",
        "lasting": "temporal",
        "decimal": "numeric",
        "wide decimal": "numeric",
        "coded": "categorical",
        "half": "numeric",
    }
    assert all(notes == () for _, notes in found.values())


def test_what_cannot_be_counted_is_not_profiled_and_nothing_stops() -> None:
    found = seen(
        {
            "struct": [{"a": 1}, None],
            "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
            "binary": [b"\x00", b"\xff"],
            "fixed binary": pa.array([b"ab", b"cd"], pa.binary(2)),
            "ragged": [[1.0], [1.0, 2.0]],
            "words": [["a"], ["b", "c"]],
            "interval": pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
            "nested": [[[1.0]], [[2.0]]],
        }
    )
    assert found == dict.fromkeys(found, ("text", (NOT_PROFILED,)))


def test_lists_of_one_length_are_vectors() -> None:
    found = seen(
        {"fixed": pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), "even": [[1.0, 2.0], None]}
    )
    assert found == {"fixed": ("vector", ()), "even": ("vector", ())}


def test_columns_of_one_value_of_none_and_of_a_million_levels_have_a_kind() -> None:
    n = 1_000_000
    found = seen(
        {
            "same word": pa.array(["x"]).dictionary_encode().take(pa.array(np.zeros(n, np.int8))),
            "same number": np.ones(n, np.int8),
            "no text": pa.nulls(n, pa.string()),
            "nothing": pa.nulls(n),
            "no number": np.full(n, np.nan),
            "levels": pa.array(np.arange(n)).cast(pa.string()),
            "key": pa.array([f"k{i}" for i in range(n)]),
        }
    )
    kinds = {name: kind for name, (kind, _) in found.items()}
    assert kinds == {
        "same word": "categorical",
        "same number": "numeric",
        "no text": "categorical",
        "nothing": "numeric",
        "no number": "numeric",
        "levels": "identifier",
        "key": "identifier",
    }
    assert found["levels"][1] == (NUMBERS_AS_TEXT,)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_of_no_row_or_one_has_features(rows: int) -> None:
    columns = {
        "t": pa.array(["x"][:rows], pa.string()),
        "i": pa.array([1][:rows], pa.int64()),
        "l": pa.array([[1.0]][:rows], pa.list_(pa.float64())),
    }
    assert {name: kind for name, (kind, _) in seen(columns).items()}["i"] == "numeric"


def test_strange_names_keep_their_features_and_their_entries() -> None:
    names = [
        "with space",
        'it\'s "quoted"',
        "ünïcode 漢字 🙂",
        "x" * 300,
        "",
        "a.b",
        "line\nbreak",
        "SELECT",
    ]
    catalogue = Catalogue(features={name: {"unit": "s"} for name in names})
    features = describe_columns(
        open_source(pa.table({name: [1.5, 2.5] for name in names})), catalogue
    )
    assert list(features) == names
    assert [feature.unit for feature in features.values()] == ["s"] * len(names)


def told(name: str, kind: str, tmp_path: Path) -> Catalogue:
    path = tmp_path / "c.yaml"
    path.write_text(f"features:\n  {name}:\n    unit: m\n    kind: {kind}\n", encoding="utf-8")
    return Catalogue.load(path)


TABLE = {
    "code": pa.array([3, 1, 3, 2]),
    "flag": pa.array([0, 1, 1, 0]),
    "amount": pa.array(["1,000", "5", "7", "7"]),
    "word": pa.array(["a", "b", "a", "b"]),
    "real": pa.array([1.0, 2.5, 2.5, 1.0]),
    "truth": pa.array([True, False, None, True]),
    "vec": pa.array([[1.0], [2.0], [3.0], None]),
    "day": pa.array([0, 1, 2, 3], pa.date32()),
    "raw": pa.array([b"a", b"b", b"c", b"d"]),
}


@pytest.mark.parametrize(
    ("name", "kind", "notes"),
    [
        ("code", "categorical", ()),
        ("code", "identifier", ()),
        ("code", "numeric", ()),
        ("real", "identifier", ()),
        ("flag", "boolean", (ZERO_ONE,)),
        ("amount", "numeric", (NUMBERS_AS_TEXT,)),
        ("amount", "categorical", (NUMBERS_AS_TEXT,)),
        ("amount", "identifier", ()),
        ("word", "text", ()),
        ("truth", "numeric", ()),
        ("truth", "categorical", ()),
        ("vec", "text", (NOT_PROFILED,)),
        ("day", "categorical", ()),
    ],
)
def test_an_expert_gives_a_column_any_kind_that_it_can_be(
    name: str, kind: str, notes: tuple[str, ...], tmp_path: Path
) -> None:
    feature = describe_columns(open_source(pa.table(TABLE)), told(name, kind, tmp_path))[name]
    assert (feature.kind, feature.notes, feature.unit) == (kind, notes, "m")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("word", "numeric", "fewer than nine in ten of its texts read as numbers"),
        ("real", "boolean", "can be numeric, categorical, identifier"),
        ("code", "vector", "as int64 it can be"),
        ("word", "temporal", "as string it can be categorical, text, identifier"),
        ("raw", "categorical", "can be text"),
        ("vec", "numeric", "can be vector, text"),
    ],
)
def test_a_kind_that_a_column_cannot_be_is_an_error_with_its_line(
    name: str, kind: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(CatalogueError) as caught:
        describe_columns(open_source(pa.table(TABLE)), told(name, kind, tmp_path))
    assert "c.yaml, line 4: " in str(caught.value)
    assert words in str(caught.value)


def test_an_edited_kind_that_no_longer_fits_leaves_the_guess_and_a_note() -> None:
    edits = Catalogue(features={"word": {"kind": "numeric"}}, origins={"word": {"kind": "edited"}})
    feature = describe_columns(open_source(pa.table(TABLE)), edits)["word"]
    assert feature.kind == "categorical"
    assert "the edited kind is left out: 'word' cannot be numeric" in feature.notes[0]


def test_assignment_reaches_the_feature() -> None:
    catalogue = Catalogue(features={"code": {"assignment": "before"}})
    features = describe_columns(open_source(pa.table(TABLE)), catalogue)
    assert (features["code"].assignment, features["flag"].assignment) == ("before", "")
