"""Nothing from outside is trusted: folders that others can write to."""

import os
import subprocess
import sys

import pytest

from explorer.cache import Cache, data_folder
from explorer.errors import CacheError, ExplorerError

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")


@posix
@pytest.mark.parametrize("variable", ["EXPLORER_CACHE", "EXPLORER_DATA"])
@pytest.mark.parametrize(("mode", "group"), [(0o777, 0), (0o1777, 0), (0o775, 54321)])
def test_a_folder_that_others_can_write_to_is_refused(tmp_path, monkeypatch, variable, mode, group):
    folder = tmp_path / "shared"
    folder.mkdir()
    if group and os.getuid():
        pytest.skip("only root may give a folder to a group of others")
    if group:
        os.chown(folder, -1, group)
    folder.chmod(mode)
    monkeypatch.setenv(variable, str(folder))
    find = Cache if variable == "EXPLORER_CACHE" else data_folder
    with pytest.raises(CacheError, match=f"can write to it: chmod go-w .*{variable}"):
        find()
    monkeypatch.setenv("EXPLORER_SHARED_FOLDERS", "1")
    find()
    monkeypatch.delenv("EXPLORER_SHARED_FOLDERS")
    folder.chmod(0o755)
    find()
    assert issubclass(CacheError, ExplorerError)


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    os.chown(folder, 54321, -1)
    monkeypatch.setenv("EXPLORER_CACHE", str(folder))
    with pytest.raises(CacheError, match="belongs to user 54321"):
        Cache()


@posix
def test_the_command_refuses_such_a_folder_in_one_line(tmp_path):
    tmp_path.chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "cache", "list", "--cache", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    tmp_path.chmod(0o700)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "everybody can write to it" in done.stderr
