from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from explorer.core.errors import CatalogueError
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_edits import CatalogueChange, catalogue_key, open_edits
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.sources.source import open_source


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_edits_stand_over_the_file_and_are_there_in_the_next_process(own_data: Path) -> None:
    edits = open_edits("films", who="ada")
    edits.set("runtime", "unit", "min")
    edits.set("runtime", "valid_range", [40, None])
    edits.set("runtime", "sentinels", (-999, "unknown"))
    assert (edits.unsaved, edits.path.exists()) == (3, False)
    edits.save()
    assert (edits.unsaved, edits.path) == (0, own_data / "catalogues" / "films.yaml")
    again = open_edits("films").catalogue
    assert again == edits.catalogue
    file = Catalogue(features={"runtime": {"unit": "s", "label": "Running time"}})
    for later in (again, edits.catalogue):
        both = file.merged(later)
        assert both.features["runtime"] == {
            "unit": "min",
            "label": "Running time",
            "valid_range": (40, None),
            "sentinels": (-999, "unknown"),
        }
        assert both.origin("runtime", "unit") == "edited"
        assert both.origin("runtime", "label") == "file"


def test_a_wrong_value_is_refused_in_words_and_changes_nothing() -> None:
    edits = open_edits("films")
    for attribute, value, words in [
        ("unit", 3, "must be text"),
        ("valid_range", [2, 1], "the lower end first"),
        ("kind", "number", "did you mean 'numeric'"),
        ("colour", "red", "unknown key 'colour'"),
    ]:
        with pytest.raises(CatalogueError, match=words):
            edits.set("runtime", attribute, value)
    assert edits.catalogue == Catalogue.empty()
    assert edits.history == ()


def test_an_edit_taken_back_shows_the_file_again_and_the_history_keeps_both() -> None:
    edits = open_edits("films", who="ada")
    edits.set("a", "unit", "s")
    edits.save()
    edits.remove("a", "unit", who="bob")
    edits.remove("a", "label")
    edits.save()
    again = open_edits("films")
    assert again.catalogue.features == {}
    assert (
        Catalogue(features={"a": {"unit": "h"}}).merged(again.catalogue).features["a"]["unit"]
        == "h"
    )
    told = [
        (change.who, change.feature, change.attribute, change.value) for change in again.history
    ]
    assert told == [("ada", "a", "unit", "s"), ("bob", "a", "unit", None)]
    age = datetime.now(UTC) - datetime.fromisoformat(again.history[0].when)
    assert 0 <= age.total_seconds() < 600


def test_an_empty_value_says_that_there_is_nothing_to_say() -> None:
    edits = open_edits("films")
    for attribute, empty in (("description", ""), ("valid_range", (None, None)), ("tags", ())):
        edits.set("a", attribute, empty)
    edits.save()
    told = {"description": "Old.", "valid_range": (0, 1), "tags": ("x",)}
    both = Catalogue(features={"a": told}).merged(open_edits("films").catalogue)
    assert both.features["a"] == {"description": "", "valid_range": (None, None), "tags": ()}


def test_two_people_who_edit_different_attributes_both_keep_theirs() -> None:
    ada, bob = open_edits("films", who="ada"), open_edits("films", who="bob")
    ada.set("a", "unit", "s")
    bob.set("a", "label", "A")
    ada.save()
    assert "label" not in ada.catalogue.features["a"]
    bob.save()
    assert bob.catalogue.features == {"a": {"unit": "s", "label": "A"}}
    assert ada.reload()
    assert not ada.reload()
    assert ada.catalogue.features == bob.catalogue.features
    assert [change.who for change in ada.history] == ["ada", "bob"]


def test_of_one_attribute_the_later_saved_value_stays_and_unsaved_ones_survive_a_reload() -> None:
    ada, bob = open_edits("films", who="ada"), open_edits("films", who="bob")
    ada.set("a", "unit", "s")
    bob.set("a", "unit", "min")
    bob.save()
    assert ada.reload()
    assert ada.catalogue.features == {"a": {"unit": "s"}}
    ada.save()
    assert open_edits("films").catalogue.features == {"a": {"unit": "s"}}
    assert [(c.who, c.value) for c in open_edits("films").history] == [("bob", "min"), ("ada", "s")]


def test_edits_of_many_threads_and_processes_all_arrive(own_data: Path) -> None:
    script = (
        "import sys\n"
        "from explorer.features.catalogue.catalogue_edits import open_edits\n"
        "for i in range(10):\n"
        "    edits = open_edits('busy', who=sys.argv[1])\n"
        "    edits.set(sys.argv[1], 'label' if i % 2 else 'unit', str(i))\n"
        "    edits.save()\n"
    )
    root = Path(__file__).resolve().parents[3]
    running = [
        subprocess.Popen([sys.executable, "-c", script, name], cwd=root) for name in ("one", "two")
    ]
    shared = open_edits("busy")

    def edit(name: str) -> None:
        for i in range(10):
            shared.set(name, "unit", str(i))
            shared.save()

    threads = [threading.Thread(target=edit, args=(name,)) for name in ("three", "four")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in running] == [0, 0]
    found = open_edits("busy")
    assert len(found.history) == 40
    assert found.catalogue.features == {
        "one": {"unit": "8", "label": "9"},
        "two": {"unit": "8", "label": "9"},
        "three": {"unit": "9"},
        "four": {"unit": "9"},
    }
    assert [each.name for each in found.path.parent.glob("*.tmp")] == []


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_line_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    edits = open_edits("films")
    edits.set("a", "unit", "s")
    edits.save()
    kept = edits.path.read_bytes()
    edits.set("a", "unit", "min")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CatalogueError, match="No space left") as caught:
            edits.save()
    assert "\n" not in str(caught.value)
    assert edits.path.read_bytes() == kept
    assert list(edits.path.parent.glob(".*.tmp")) == []
    assert (edits.unsaved, edits.catalogue.features) == (1, {"a": {"unit": "min"}})
    edits.save()
    assert open_edits("films").catalogue.features == {"a": {"unit": "min"}}


def test_what_a_killed_process_left_half_written_is_removed_by_the_next_save(
    own_data: Path,
) -> None:
    folder = own_data / "catalogues"
    folder.mkdir(parents=True)
    (folder / ".t.yaml.17-0a1b2c3d.tmp").write_text("features: {a: {lab")
    (folder / ".other.yaml.17-0a1b2c3d.tmp").write_text(
        "of another table, which may be written now"
    )
    edits = open_edits("t")
    edits.set("a", "label", "A")
    edits.save()
    assert sorted(path.name for path in folder.glob(".*.tmp")) == [".other.yaml.17-0a1b2c3d.tmp"]


def test_a_folder_that_cannot_be_made_is_one_line(own_data: Path) -> None:
    own_data.write_text("a file where the folder should be", encoding="utf-8")
    edits = open_edits("films")
    edits.set("a", "unit", "s")
    with pytest.raises(CatalogueError, match=r"films\.yaml cannot be written"):
        edits.save()
    assert edits.unsaved == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("features: {a: {unit: 3}}\n", "line 1: 'unit' of feature 'a' must be text"),
        ("features: [\n", "not valid YAML"),
        ("features: {}\nhistory: 3\n", "line 2: the history must be a list"),
        ("features: {}\nhistory: [{whom: x}]\n", "line 2: the history must be a list"),
        ("3\n", "expected features and history"),
    ],
)
def test_a_damaged_file_is_an_error_and_is_never_written_over(
    own_data: Path, text: str, words: str
) -> None:
    path = own_data / "catalogues" / "films.yaml"
    early = open_edits("films")
    early.set("a", "unit", "s")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        open_edits("films")
    assert words in str(caught.value)
    with pytest.raises(CatalogueError):
        early.save()
    assert path.read_text(encoding="utf-8") == text


def test_names_and_words_of_any_kind_survive(own_data: Path) -> None:
    edits = open_edits("films", who="Ünï: #1")
    for name in (
        "with space",
        "ünïcode 漢字 🙂",
        "x" * 300,
        "no",
        "1e5",
        "a: b",
        "line\nbreak",
        "",
    ):
        edits.set(name, "description", f"{name}: 'x' \"y\" #z\n- w")
        edits.set(name, "sentinels", (name, 1e20))
    edits.save()
    again = open_edits("films")
    assert again.catalogue == edits.catalogue
    assert [tuple(change)[:4] for change in again.history] == [
        tuple(change)[:4] for change in edits.history
    ]


def test_the_history_is_one_line_a_change_and_changes_are_json() -> None:
    edits = open_edits("films", who="ada")
    edits.set("a", "valid_range", (0, 86_400))
    edits.save()
    lines = edits.path.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.startswith("- {when: ")]
    assert len(told) == 1
    assert "who: ada, feature: a, attribute: valid_range, value: [0, 86400]}" in told[0]
    (change,) = open_edits("films").history
    assert json.loads(json.dumps(change._asdict())) == change._asdict()
    assert isinstance(change, CatalogueChange)


def table(**columns: Any) -> Any:
    return open_source(pa.table(columns))


def test_the_key_stays_when_rows_change_and_differs_with_the_columns_and_the_name() -> None:
    key = catalogue_key(table(a=[1], b=["x"]))
    assert key == catalogue_key(table(b=["y", "z"], a=[2.5, 3.5]))
    assert key != catalogue_key(table(a=[1], c=["x"]))
    other = table(a=[1], b=["x"])
    other.name = "../Films 1940–2014"
    assert catalogue_key(other).startswith("Films-1940-2014-")
    assert open_edits(catalogue_key(other)).path.parent.name == "catalogues"


def test_a_key_that_leaves_the_folder_is_refused() -> None:
    for key in ("../x", "", "a/b", ".hidden"):
        with pytest.raises(ValueError, match="expected a key"):
            open_edits(key)


def test_an_edited_unit_and_kind_reach_the_feature() -> None:
    edits = open_edits("t")
    edits.set("a", "kind", "categorical")
    edits.set("a", "assignment", "after")
    feature = describe_columns(table(a=[1, 2, 1]), Catalogue.empty().merged(edits.catalogue))["a"]
    assert (feature.kind, feature.assignment) == ("categorical", "after")
