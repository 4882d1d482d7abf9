from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from explorer.errors import CatalogueError
from explorer.features.catalogue import Catalogue, features_of
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.table.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
table:
  title: Films
  row_title: title
  start: [year, runtime]
  warnings: ["Runtimes of 1 min are errors."]
features:
  runtime:
    label: Running time
    unit: min
    valid_range: [40, null]
    sentinels: [-999, unknown]
    tags: [length]
    owner:
  released: {valid_range: [1970-01-02, 1970-01-03]}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_the_file_says_reaches_the_feature(tmp_path: Path) -> None:
    catalogue = Catalogue.load(written(tmp_path, GOOD))
    assert catalogue.table.title == "Films"
    assert catalogue.table.start == ("year", "runtime")
    table = pa.table({"year": [1999, 2000], "runtime": [90.0, 100.0], "released": [0, 1]})
    features = features_of(open_source(table), catalogue)
    assert list(features) == ["year", "runtime", "released"]
    runtime = features["runtime"]
    assert (runtime.label, runtime.unit, runtime.owner, runtime.kind) == (
        "Running time",
        "min",
        "",
        "numeric",
    )
    assert runtime.valid_range == (40, None)
    assert runtime.sentinels == (-999, "unknown")
    assert features["released"].valid_range == (86_400.0, 172_800.0)
    assert features["year"].label == "year"


def test_names_that_are_no_column_are_worded_and_no_error(tmp_path: Path) -> None:
    catalogue = Catalogue.load(written(tmp_path, "table: {start: [yaer]}\nfeatures: {runtme: {unit: min}}\n"))
    notes = catalogue.unknown(["year", "runtime"])
    assert len(notes) == 2
    assert "'runtme'" in notes[0]
    assert "did you mean 'runtime'" in notes[0]
    assert "'yaer' in start" in notes[1]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("features:\n  a:\n    lable: A\n", 3, "did you mean 'label'"),
        ("features:\n  a:\n    zzz: A\n", 3, "known are label"),
        ("tabel: {}\n", 1, "did you mean 'table'"),
        ("features:\n  a: {}\n  b:\n    unit: 3\n", 4, "must be text"),
        ("features:\n  a:\n    valid_range: [2, 1]\n", 3, "lower end first"),
        ("features:\n  a:\n    valid_range: 5\n", 3, "two ends"),
        ("features:\n  a:\n    valid_range: [.nan, 1]\n", 3, "finite numbers"),
        ("features:\n  a:\n    sentinels: -999\n", 3, "list of values"),
        ("features:\n  a:\n    tags: fine\n", 3, "list of texts"),
        ("features:\n  a: 3\n", 2, "must be a mapping"),
        ("features:\n  a: {}\n  a: {}\n", 3, "there twice"),
        ("features: [a\n", 2, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load(written(tmp_path, text))
    message = str(caught.value)
    assert f"line {line}:" in message
    assert words in message
    assert "\n" not in message


def test_an_empty_file_says_nothing_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert Catalogue.load(written(tmp_path, "# nothing yet\n")) == Catalogue.empty()
    with pytest.raises(CatalogueError, match="readable"):
        Catalogue.load(tmp_path / "none.yaml")


def test_an_impossible_date_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="not valid YAML"):
        Catalogue.load(written(tmp_path, "features: {a: {valid_range: [2024-02-31, 2024-03-01]}}\n"))


def test_numbers_written_as_text_are_noted_and_stay_text() -> None:
    table = pa.table({"n": ["1,416", "89", "7.5", "12", "N/A"] * 4, "word": ["a", "b", "c", "d", "e"] * 4})
    features = features_of(open_source(table))
    assert features["n"].notes == (NUMBERS_AS_TEXT,)
    assert features["n"].kind == "categorical"
    assert features["word"].notes == ()


def test_features_of_some_names_come_in_table_order() -> None:
    table = pa.table({"a": [1, 2], "b": [1.0, 2.0], "c": ["x", "y"]})
    assert list(features_of(open_source(table), names=["c", "a"])) == ["a", "c"]
