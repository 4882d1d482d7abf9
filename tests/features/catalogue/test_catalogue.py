from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from explorer.core.errors import CatalogueError
from explorer.features.catalogue.catalogue import Catalogue, CatalogueTable, write_catalogue
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.cells import without_sentinels
from explorer.sources.columns import column_as_numbers
from explorer.sources.source import open_source

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
    features = describe_columns(open_source(table), catalogue)
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
    catalogue = Catalogue.load(
        written(tmp_path, "table: {start: [yaer]}\nfeatures: {runtme: {unit: min}}\n")
    )
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
        ("features:\n  a:\n    kind: numbers\n", 3, "one of numeric, boolean, categorical"),
        ("features:\n  a:\n    kind: catgorical\n", 3, "did you mean 'categorical'"),
        ("features:\n  a:\n    assignment: during\n", 3, "one of before, after"),
        ("features:\n  a:\n    unit: 1e6\n", 3, "must be text"),
        ("features:\n  a:\n    valid_range: [low, 1]\n", 3, "finite numbers or dates"),
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
        Catalogue.load(
            written(tmp_path, "features: {a: {valid_range: [2024-02-31, 2024-03-01]}}\n")
        )


def test_numbers_with_an_exponent_are_numbers_and_in_quotes_they_are_text(tmp_path: Path) -> None:
    text = (
        "features: {a: {valid_range: [0, 1e6], sentinels: [1e20, '1e20', -2.5E-3], unit: '1e3'}}\n"
    )
    entry = Catalogue.load(written(tmp_path, text)).features["a"]
    assert entry == {"valid_range": (0, 1e6), "sentinels": (1e20, "1e20", -0.0025), "unit": "1e3"}


def test_an_alias_that_holds_itself_is_one_line_and_a_byte_order_mark_is_none(
    tmp_path: Path,
) -> None:
    with pytest.raises(CatalogueError, match="holds itself"):
        Catalogue.load(written(tmp_path, "features: &all {a: *all}\n"))
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbffeatures: {a: {unit: m}}\n")
    assert Catalogue.load(path).features == {"a": {"unit": "m"}}


def test_dates_bound_and_mark_cells_of_times_with_and_without_a_zone(tmp_path: Path) -> None:
    catalogue = Catalogue.load(
        written(
            tmp_path,
            "features:\n"
            "  t: {valid_range: [2000-01-01, null], sentinels: [1900-01-01, "
            "2001-01-01T01:00:00+01:00]}\n",
        )
    )
    entry = catalogue.features["t"]
    assert entry["valid_range"] == (datetime(2000, 1, 1, tzinfo=UTC).timestamp(), None)
    days = np.array(["1900-01-01", "2001-01-01", "1999-12-31", "2002-01-01"], "datetime64[us]")
    for type_ in (pa.timestamp("us"), pa.timestamp("ns", "Europe/Paris"), pa.date32()):
        column = pa.chunked_array([pa.array(days).cast(type_)])
        seconds = column_as_numbers(without_sentinels(column, entry["sentinels"]), "t")
        assert np.isnan(seconds).tolist() == [True, True, False, False]
        assert (seconds < entry["valid_range"][0]).tolist() == [False, False, True, False]


LATER = Catalogue(
    CatalogueTable(title="Later", start=("b",)),
    {"a": {"unit": "s"}, "c": {"label": "C"}},
    origins={"a": {"unit": "edited"}, "c": {"label": "edited"}},
)


def test_of_two_catalogues_the_later_wins_attribute_by_attribute_and_says_where_from() -> None:
    first = Catalogue(
        CatalogueTable(title="First", license="CC0"),
        {"a": {"unit": "min", "label": "A"}, "b": {"unit": "kg"}},
        origins={"b": {"unit": "from the data"}},
    )
    both = first.merged(LATER)
    assert both.table == CatalogueTable(title="Later", license="CC0", start=("b",))
    assert both.features == {
        "a": {"unit": "s", "label": "A"},
        "b": {"unit": "kg"},
        "c": {"label": "C"},
    }
    told = [
        both.origin(*which)
        for which in (("a", "unit"), ("a", "label"), ("b", "unit"), ("c", "label"))
    ]
    assert told == ["edited", "file", "from the data", "edited"]
    assert both.origin("c", "unit") is None
    assert both.origin("nobody", "unit") is None


def test_a_file_over_what_the_data_say_is_of_the_file() -> None:
    data = Catalogue(features={"a": {"unit": "s"}}, origins={"a": {"unit": "from the data"}})
    file = Catalogue(features={"a": {"unit": "min"}})
    assert data.merged(file).origin("a", "unit") == "file"
    assert data.merged(Catalogue.empty()).origin("a", "unit") == "from the data"


STRANGE = (
    "with space", "it's \"quoted\"", "ünïcode 漢字 🙂", "x" * 300, "no", "null", "1e5", "12:30",
    "- dash", "# hash", "a: b", "[list]", "tab\there", "line\nbreak", "", "true", "2024-01-01", "~",
    " lead and trail ", "\u2028",
)  # fmt: skip


def test_what_is_written_reads_back_equal_with_any_name_and_any_words(tmp_path: Path) -> None:
    features = {
        name: {"label": name, "tags": (name, "1e5", "no"), "sentinels": (name, -999, 0.5)}
        for name in STRANGE
    }
    features["full"] = {
        "label": "L",
        "unit": "µm",
        "description": "Two words. " * 30,
        "kind": "categorical",
        "group": "G",
        "owner": "",
        "valid_range": (None, 1e-300),
        "sentinels": (),
        "missing_means": "none",
        "assignment": "before",
        "source": "S",
        "tags": (),
    }
    table = CatalogueTable(
        title="Títle: a #1", start=("a", "no"), warnings=("100 %: yes", "'"), all="*"
    )
    catalogue = Catalogue(table, features)
    path = tmp_path / "deep" / "out.yaml"
    write_catalogue(path, catalogue)
    assert Catalogue.load(path) == catalogue
    assert [each.name for each in path.parent.iterdir()] == ["out.yaml"]


def test_writing_is_stable_in_one_order_and_says_what_it_is(tmp_path: Path) -> None:
    one = Catalogue(
        features={"b": {"unit": "s", "label": "B", "valid_range": (0, None)}, "a": {"label": "A"}}
    )
    write_catalogue(tmp_path / "1.yaml", one)
    write_catalogue(tmp_path / "2.yaml", Catalogue.load(tmp_path / "1.yaml"))
    text = (tmp_path / "1.yaml").read_text(encoding="utf-8")
    assert (tmp_path / "2.yaml").read_text(encoding="utf-8") == text
    body = [line for line in text.splitlines() if not line.startswith("#")]
    assert body == [
        "features:",
        "  b:",
        "    label: B",
        "    unit: s",
        "    valid_range: [0, null]",
        "  a:",
        "    label: A",
    ]
    assert text.startswith("# Catalogue of")


def test_the_catalogue_of_the_films_survives_writing(tmp_path: Path) -> None:
    kept = resources.files("explorer.samples").joinpath("films.yaml").read_text(encoding="utf-8")
    films = Catalogue.load(written(tmp_path, kept))
    write_catalogue(tmp_path / "films.yaml", films, times=["released"])
    assert len(films.features) > 50
    assert Catalogue.load(tmp_path / "films.yaml") == films


def test_whole_days_of_times_are_written_as_dates_and_all_read_back_the_same(
    tmp_path: Path,
) -> None:
    entry = {"valid_range": (0, 86_400.25), "sentinels": (-2_208_988_800, 1e30, 0.1, "n/a")}
    write_catalogue(tmp_path / "c.yaml", Catalogue(features={"t": entry, "n": entry}), times=["t"])
    lines = (tmp_path / "c.yaml").read_text(encoding="utf-8").splitlines()
    assert "    valid_range: [1970-01-01, 86400.25]" in lines
    assert "    valid_range: [0, 86400.25]" in lines
    assert "    sentinels: [1900-01-01, 1.0e+30, 0.1, n/a]" in lines
    assert Catalogue.load(tmp_path / "c.yaml").features == {"t": entry, "n": entry}


def test_a_folder_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"c\.yaml cannot be written"):
        write_catalogue(tmp_path / "file" / "c.yaml", LATER)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_thousands_of_names_that_are_no_column_are_counted_not_listed() -> None:
    catalogue = Catalogue(features={f"old {i}": {} for i in range(3_000)})
    notes = catalogue.unknown([f"new {i}" for i in range(3_000)])
    assert len(notes) == 21
    assert "2,980 more names" in notes[-1]
