import re
import shutil

import pytest

from explorer.session import downloads as module
from explorer.session.downloads import PATTERN, Downloads


def test_a_file_is_handed_out_once_and_then_removed(tmp_path):
    downloads = Downloads(tmp_path / "files")
    address = downloads.offer("a b/ü.csv", lambda path: path.write_text("x"))
    token = re.fullmatch(PATTERN, f"/{address}")[1]
    path = downloads.take(token)
    assert (path.name, path.read_text()) == ("a-b-.csv", "x")
    assert downloads.take(token) is None
    downloads.drop(path)
    assert not path.parent.exists()
    downloads.close()
    assert list((tmp_path / "files").iterdir()) == []


def test_files_are_written_and_handed_out_after_their_folder_was_deleted(tmp_path):
    downloads = Downloads(tmp_path / "cache" / "downloads")
    gone = downloads.offer("x.csv", lambda path: path.write_text("x"))
    shutil.rmtree(tmp_path / "cache")
    assert downloads.take(gone.split("/")[1]) is None
    address = downloads.offer("x.csv", lambda path: path.write_text("y"))
    assert downloads.take(address.split("/")[1]).read_text() == "y"


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    downloads = Downloads(tmp_path)

    def fail(path):
        path.write_text("half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        downloads.offer("x.csv", fail)
    (own,) = tmp_path.iterdir()
    assert list(own.iterdir()) == []


def test_a_file_that_nobody_fetches_goes_when_the_next_is_made(tmp_path, monkeypatch):
    downloads = Downloads(tmp_path)
    with monkeypatch.context() as late:
        late.setattr(module, "_WAITS", -1.0)
        first = downloads.offer("x.csv", lambda path: path.write_text("x"))
    second = downloads.offer("x.csv", lambda path: path.write_text("x"))
    assert downloads.take(first.split("/")[1]) is None
    assert downloads.take(second.split("/")[1]) is not None


def test_a_file_that_has_waited_too_long_is_not_handed_out_and_is_removed(tmp_path, monkeypatch):
    downloads = Downloads(tmp_path)
    monkeypatch.setattr(module, "_WAITS", -1.0)
    address = downloads.offer("x.csv", lambda path: path.write_text("x"))
    assert downloads.take(address.split("/")[1]) is None
    (own,) = tmp_path.iterdir()
    assert list(own.iterdir()) == []


def test_a_file_of_a_user_waits_for_that_user(tmp_path):
    downloads = Downloads(tmp_path)
    token = downloads.offer("x.csv", lambda path: path.write_text("x"), "ada").split("/")[1]
    assert downloads.take(token, "ben") is None
    assert downloads.take(token) is None
    assert downloads.take(token, "ada") is not None
