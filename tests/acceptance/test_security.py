"""Nothing from outside is trusted: folders that others can write to."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pyarrow as pa
import pyarrow.parquet
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


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def test_logins_are_kept_by_safe_cookies_and_answers_say_who_may_frame_them(tmp_path):
    pyarrow.parquet.write_table(pa.table({"height": [1.0, 2.0, 3.0, 5.0] * 50}), tmp_path / "people.parquet")
    data = tmp_path / "data"
    environment = {**os.environ, "EXPLORER_DATA": str(data), "EXPLORER_BASIC_AUTH": "secret of the test"}
    command = [
        sys.executable,
        "-m",
        "explorer",
        "serve",
        str(tmp_path / "people.parquet"),
        "--port",
        "0",
        "--no-browser",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            address = re.search(r"http://[^ ]+", process.stdout.readline()).group()
            form = urllib.parse.urlencode({"username": "a", "password": "secret of the test"}).encode()
            request = urllib.request.Request(address + "login", form, {"X-Forwarded-Proto": "https"})
            with pytest.raises(urllib.error.HTTPError) as answer:
                urllib.request.build_opener(Stay).open(request, timeout=20)
        finally:
            process.terminate()
    headers = answer.value.headers
    answer.value.close()
    cookies = headers.get_all("Set-Cookie")
    assert any(cookie.startswith("user=") for cookie in cookies)
    assert all("HttpOnly" in one and "SameSite=Lax" in one and "Secure" in one for one in cookies)
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert (data / "cookie-secret").stat().st_mode & 0o777 == 0o600
