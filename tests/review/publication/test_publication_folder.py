import io
import os
import zipfile
from pathlib import Path

import pytest

from explorer.core.errors import ReviewError
from explorer.review.publication.publication_files import publication_files
from explorer.review.publication.publication_folder import publication_zip, publish
from projections import Cancelled


def content_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_holds_every_file_and_nothing_else(judged, tmp_path):
    told = []
    found = publish(judged.publication(), tmp_path / "out", lambda *step: told.append(step))
    content = content_of(tmp_path / "out")
    assert content == dict(publication_files(judged.publication()))
    assert found.index.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (found.pages, found.bytes) == (6, sum(map(len, content.values())))
    assert told == [("publish", i, 6) for i in range(1, 7)]
    assert {
        "index.html",
        "report.md",
        "report.json",
        "features.yaml",
        "reproduce.py",
        "verdicts.json",
        "report.css",
    } <= content.keys()
    assert "map.html" not in content


def test_the_same_nouns_make_the_same_bytes(judged):
    assert publication_zip(judged.publication()) == publication_zip(judged.publication())


def test_a_zip_has_the_same_files_in_a_folder_of_its_own(judged, tmp_path):
    publish(judged.publication(), tmp_path / "out")
    with zipfile.ZipFile(io.BytesIO(publication_zip(judged.publication()))) as archive:
        assert archive.testzip() is None
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == {f"core@2/{name}": data for name, data in content_of(tmp_path / "out").items()}


def test_an_untouched_publication_is_replaced_as_a_whole(judged, made, tmp_path):
    publish(judged.publication(), tmp_path / "out")
    made.judge("code", "drop", "ben", "No.")
    (tmp_path / "out" / ".DS_Store").touch()
    publish(judged.publication(), tmp_path / "out")
    assert content_of(tmp_path / "out") == dict(publication_files(judged.publication()))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("notes.txt", "'notes.txt' is there and is not of the publication"),
        ("features.yaml", "'features.yaml' was changed since"),
    ],
)
def test_work_of_somebody_is_never_written_over(judged, tmp_path, name, words):
    publish(judged.publication(), tmp_path / "out")
    (tmp_path / "out" / name).write_text("mine")
    before = content_of(tmp_path / "out")
    with pytest.raises(ReviewError, match=words):
        publish(judged.publication(), tmp_path / "out")
    assert content_of(tmp_path / "out") == before


def test_a_folder_of_something_else_and_a_file_are_refused(judged, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "report.json").write_text(
        '{"form": "explorer-publication-1", "files": {}}'
    )
    (tmp_path / "empty").mkdir()
    publish(judged.publication(), tmp_path / "empty")
    for place, words in (
        ("file", "it is a file"),
        ("full", "other things"),
        ("no/where", "there is no folder"),
    ):
        with pytest.raises(ReviewError, match=words):
            publish(judged.publication(), tmp_path / place)


@pytest.mark.parametrize("there", [False, True])
def test_a_failure_on_the_way_leaves_what_was_there(judged, tmp_path, monkeypatch, there):
    beside = tmp_path / "beside"
    beside.mkdir()
    target = beside / "out"
    if there:
        publish(judged.publication(), target)
    before = content_of(beside)
    write = Path.write_bytes

    def full(self, data):
        if self.name == "report.md":
            raise OSError(28, os.strerror(28))
        return write(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(ReviewError, match="the disk is full"):
            publish(judged.publication(), target)
    assert content_of(beside) == before
    with pytest.raises(Cancelled):
        publish(judged.publication(), target, lambda _, done, __: done < 3)
    assert content_of(beside) == before
    assert target.exists() == there


def test_when_the_new_folder_cannot_take_its_place_the_old_one_comes_back(
    judged, tmp_path, monkeypatch
):
    publish(judged.publication(), tmp_path / "out")
    before = content_of(tmp_path / "out")
    rename = Path.rename

    def broken(self, target):
        if self.name.endswith(".part"):
            raise OSError(13, os.strerror(13))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(ReviewError, match="Permission denied"):
        publish(judged.publication(), tmp_path / "out")
    assert content_of(tmp_path / "out") == before
