"""Which files make a table: order, names, and errors that say what to do."""

import os
from pathlib import Path

import pytest

from explorer.core.errors import TableChanged, TableError
from explorer.sources.table_files import resolve


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def relatives(source: object) -> list[str]:
    return [f.relative for f in resolve(source).files]  # type: ignore[arg-type]


def test_a_file_stands_for_itself(tmp_path: Path) -> None:
    touch(tmp_path, "films.csv.gz")
    found = resolve(tmp_path / "films.csv.gz")

    assert [f.relative for f in found.files] == ["films.csv.gz"]
    assert (found.format, found.name) == ("CSV", "films")


def test_a_folder_is_read_in_byte_order_of_relative_paths(tmp_path: Path) -> None:
    touch(
        tmp_path / "t", "b.parquet", "a/z.parquet", "B.parquet", "é.parquet", "a.parquet", "a-/x.pq"
    )

    assert relatives(tmp_path / "t") == [
        "B.parquet",
        "a-/x.pq",
        "a.parquet",
        "a/z.parquet",
        "b.parquet",
        "é.parquet",
    ]
    assert resolve(str(tmp_path / "t")).name == "t"


def test_a_folder_leaves_out_hidden_files_markers_and_what_is_no_table(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "a.parquet",
        ".hidden.parquet",
        "_SUCCESS",
        "_temporary/b.parquet",
        ".git/c.parquet",
        "README.md",
    )
    found = resolve(tmp_path)

    assert [f.relative for f in found.files] == ["a.parquet"]
    assert set(found.notes) == {
        "not read, for they are no tables: README.md",
        "not read, for they are the bookkeeping of another program: _SUCCESS, _temporary/b.parquet",
        "not read, for their names begin with a dot: .git/c.parquet, .hidden.parquet",
    }


def test_an_underscore_hides_no_table_unless_it_is_bookkeeping(tmp_path: Path) -> None:
    touch(tmp_path, "a.parquet", "_meta.parquet", ".b.parquet", "_committed_1.parquet", "_metadata")

    assert relatives(tmp_path) == relatives(str(tmp_path / "*")) == ["_meta.parquet", "a.parquet"]
    assert relatives(str(tmp_path / "*.parquet")) == ["_meta.parquet", "a.parquet"]
    assert relatives(str(tmp_path / ".*.parquet")) == [".b.parquet"]
    assert resolve(str(tmp_path / "*.parquet")).notes == (
        "not read, for they are the bookkeeping of another program: _committed_1.parquet",
    )


def test_a_suggestion_keeps_the_stem_and_comes_nearest_in_the_ending(tmp_path: Path) -> None:
    touch(tmp_path, "t.arrow", "t.csv", "t.parquet", "u.parquet")

    with pytest.raises(TableError, match=r"did you mean 't.parquet'\?"):
        resolve(tmp_path / "t.parqet")


def test_a_glob_and_the_list_a_shell_makes_of_it_are_the_same_table(tmp_path: Path) -> None:
    touch(tmp_path, "p2.csv", "p10.csv", "p1.csv", "other.txt")
    listed = [tmp_path / "p2.csv", tmp_path / "p1.csv", str(tmp_path / "p10.csv")]

    assert (
        relatives(str(tmp_path / "p*.csv")) == relatives(listed) == ["p1.csv", "p10.csv", "p2.csv"]
    )
    assert resolve(str(tmp_path / "p?.*")).name == tmp_path.name


def test_a_recursive_glob_and_a_name_with_brackets(tmp_path: Path) -> None:
    touch(tmp_path, "y=1/a.parquet", "y=2/a.parquet", "odd[1].csv")
    found = resolve(str(tmp_path / "**" / "*.parquet"))

    assert [f.relative for f in found.files] == ["y=1/a.parquet", "y=2/a.parquet"]
    assert [f.values for f in found.files] == [(("y", "1"),), (("y", "2"),)]
    assert found.notes == ()
    assert relatives(tmp_path / "odd[1].csv") == ["odd[1].csv"]


def test_a_format_is_known_by_its_name_else_by_its_first_bytes(tmp_path: Path) -> None:
    for name, head in (("part-0", b"PAR1...."), ("part-1", b"PAR1....")):
        (tmp_path / name).write_bytes(head)

    assert resolve(tmp_path).format == "Parquet"
    touch(tmp_path, "sheet.xlsx")
    with pytest.raises(
        TableError, match=r"'sheet.xlsx' is not a table that can be read: expected Parquet"
    ):
        resolve(tmp_path / "sheet.xlsx")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("flims.parquet", r"no file .*did you mean 'films.parquet'\?"),
        ("q.parquet", r"the tables in that folder are 'films.parquet'"),
        ("nowhere/films.parquet", r"its folder .*nowhere' does not exist"),
        ("empty", r"the folder .* holds no table"),
        ("text", r"holds no table \(only 'notes.txt'\)"),
        ("*.csv", r"no table matches"),
        ("mixed", r"several formats: Parquet \('a.parquet'\), CSV \('b.csv'\)"),
        ("zero/none.csv", r"is empty \(0 bytes\)"),
        ("zero", r"is empty \(0 bytes\)"),
        ("s3://bucket/x.parquet", r"is an address"),
    ],
)
def test_errors_say_what_to_do(tmp_path: Path, source: str, words: str) -> None:
    touch(tmp_path, "films.parquet", "text/notes.txt", "mixed/a.parquet", "mixed/b.csv")
    (tmp_path / "empty").mkdir()
    (tmp_path / "zero").mkdir()
    (tmp_path / "zero" / "none.csv").touch()

    with pytest.raises(TableError, match=words) as caught:
        resolve(source if "://" in source else str(tmp_path / source))
    assert "\n" not in str(caught.value)


def test_a_list_is_refused_when_it_is_empty_or_names_a_file_twice(tmp_path: Path) -> None:
    touch(tmp_path, "a.csv")

    with pytest.raises(TableError, match="no file given"):
        resolve([])
    with pytest.raises(TableError, match="given twice"):
        resolve([tmp_path / "a.csv", str(tmp_path)])


def test_a_file_that_changed_or_left_is_noticed(tmp_path: Path) -> None:
    touch(tmp_path, "a.csv")
    (file,) = resolve(tmp_path / "a.csv").files

    file.check()
    os.utime(file.path, ns=(0, file.mtime_ns + 1))
    with pytest.raises(TableChanged, match="rewritten since: as long as before, its time changed"):
        file.check()
    file.path.write_bytes(b"xyz")
    with pytest.raises(TableChanged, match="1 bytes then, 3 now"):
        file.check()
    file.path.unlink()
    with pytest.raises(TableChanged, match="cannot be found any more"):
        file.check()
