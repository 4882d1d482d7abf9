"""Nothing from outside is trusted: folders others write to, requests, text in spreadsheets."""

import csv
import http.client
import io
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

import explorer
from explorer.app.cli import main
from explorer.core.cache import Cache
from explorer.core.errors import CacheError, ExplorerError
from explorer.core.folders import data_folder

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
@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give a folder away"
)
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
        capture_output=True,
        text=True,
        check=False,
    )
    tmp_path.chmod(0o700)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "everybody can write to it" in done.stderr


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


@contextmanager
def signed_in_server(folder, *arguments, password="secret of the test"):
    """Serve four hundred numbers behind a password; give the address."""
    table = folder / "people.parquet"
    pyarrow.parquet.write_table(pa.table({"height": [1.0, 2.0, 3.0, 5.0] * 100}), table)
    environment = {
        **os.environ,
        "EXPLORER_DATA": str(folder / "data"),
        "EXPLORER_BASIC_AUTH": password,
    }
    command = [
        sys.executable,
        "-m",
        "explorer",
        "serve",
        str(table),
        "--port",
        "0",
        "--no-browser",
        *arguments,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield re.search(r"http://[^ ]+", process.stdout.readline()).group()
        finally:
            process.terminate()


def answer_of(address, form=None, **headers):
    """Return status, headers and body of an answer; redirections are not followed."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(address, data, headers)
    try:
        answer = urllib.request.build_opener(Stay).open(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read().decode()


@pytest.fixture(scope="module")
def restarted(tmp_path_factory):
    """A server that was started again: address, headers before, cookies, data folder."""
    folder = tmp_path_factory.mktemp("restarted")
    form = {"username": "ada", "password": "secret of the test"}
    with signed_in_server(folder) as address:
        status, headers, _ = answer_of(address + "login", form, **{"X-Forwarded-Proto": "https"})
    assert status == 302
    cookies = "; ".join(cookie.split(";")[0] for cookie in headers.get_all("Set-Cookie"))
    with signed_in_server(folder, "--allow-origin", "friend.example") as address:
        yield address, headers, cookies, folder / "data"


def handshake(address, origin, cookies):
    """Open the page's websocket as a browser does for a page of this origin; return the status."""
    wanted = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "bokeh, x",
    }
    with closing(
        http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=30)
    ) as connection:
        connection.request("GET", "/ws", headers={**wanted, "Origin": origin, "Cookie": cookies})
        with connection.getresponse() as answer:
            return answer.status


def test_logins_are_kept_by_safe_cookies_and_answers_say_who_may_frame_them(restarted):
    _, headers, _, data = restarted
    cookies = headers.get_all("Set-Cookie")
    assert any(cookie.startswith("user=") for cookie in cookies)
    assert all("HttpOnly" in one and "SameSite=Lax" in one and "Secure" in one for one in cookies)
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert (data / "cookie-secret").stat().st_mode & 0o777 == 0o600


# --- CSV that a spreadsheet opens: no text of a table runs as a formula (OWASP, "CSV Injection")

HOSTILE = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]
HARMLESS = ["-5", "+3.2", "name"]
TEXTS = HOSTILE + HARMLESS
SAFE = ["'" + text for text in HOSTILE] + HARMLESS
NUMBERS = [-1.5, *range(len(TEXTS) - 1)]
TABLE = pa.table({"=who": TEXTS, "number": NUMBERS})


class Found:
    def to_arrow(self):
        return TABLE


def by_selection(folder, **how):
    pyarrow.parquet.write_table(TABLE, folder / "in.parquet")
    explorer.where(explorer.open_table(folder / "in.parquet"), "number > -9").save(
        folder / "out.csv", **how
    )
    return (folder / "out.csv").read_bytes()


def by_labels(folder, **how):
    from explorer.selection.row_labels import write_labels

    write_labels(TABLE, folder / "out.csv", ".csv", **how)
    return (folder / "out.csv").read_bytes()


def by_page_of_rows(folder):
    from explorer.rows.export_rows import RowFile

    pyarrow.parquet.write_table(TABLE, folder / "in.parquet")
    table = explorer.open_table(folder / "in.parquet")
    RowFile(table, np.ones(len(TEXTS), bool), ["=who", "number"], "").write(folder / "out.csv")
    return (folder / "out.csv").read_bytes()


def by_effect_map(_):
    from explorer.experiment.effect_map.effect_figure import EffectFigureRequest
    from explorer.experiment.effect_map.effect_files import effect_file

    regions = SimpleNamespace(effect_map=Found())
    request = EffectFigureRequest(regions, None, "", "", (1, 1))
    return effect_file(None, None, None, request, "csv")


def by_experiment(_):
    from explorer.experiment.page.files import experiment_file

    return experiment_file(Found(), None, "csv", "")


def by_grid(_):
    from explorer.experiment.page.files import grid_file

    return grid_file(Found(), "csv")


def by_read(_):
    from explorer.ui.analysis.analysis_files import file_bytes

    return file_bytes(Found(), "csv")


def by_comparison(_):
    from explorer.compare.page import comparison_file

    return comparison_file(Found(), "csv")


def by_models(_):
    from explorer.performance.page.page import figures_csv

    return figures_csv(Found(), "figures", None)


def by_engagement(_):
    from explorer.engagement.plots import FunnelFigure

    return FunnelFigure(TABLE.to_pydict(), {}, 0.0, False).csv.encode()


def by_experiment_figure(_):
    from explorer.experiment.page.figures import ExperimentFigure

    return ExperimentFigure(kind="forest", table=TABLE.to_pydict()).csv.encode()


def by_drift_levels(_):
    from explorer.drift.figures import DistributionFigure

    return DistributionFigure(
        np.arange(10.0), TEXTS, np.array(NUMBERS), np.array(NUMBERS), ""
    ).csv.encode()


def by_ranking(_):
    from explorer.ranking.plots import RankingCurveFigure

    columns = ("at", "n", "hits", "value", "low", "high")
    lines = {
        text: {name: np.array([number]) for name in columns}
        for text, number in zip(TEXTS, NUMBERS, strict=True)
    }
    return RankingCurveFigure("position", lines).csv.encode()


def by_curves(_):
    from explorer.performance.page.figures import ModelCurve, ModelCurveFigure

    lines = [
        ModelCurve(text, "", np.array([number]), np.array([0.0]))
        for text, number in zip(TEXTS, NUMBERS, strict=True)
    ]
    return ModelCurveFigure(kind="roc", lines=lines).csv.encode()


def by_confusion(_):
    from explorer.core.csv_text import csv_bytes
    from explorer.performance.page.detail import confusion_cells

    return csv_bytes(confusion_cells(TEXTS, [[-1.5] * len(TEXTS)] * len(TEXTS)))


WRITERS = [
    by_selection, by_labels, by_page_of_rows, by_effect_map, by_experiment, by_grid, by_read,
    by_comparison, by_models, by_engagement, by_experiment_figure, by_drift_levels, by_ranking,
    by_curves, by_confusion,
]  # fmt: skip


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize("write", WRITERS)
def test_no_csv_file_holds_text_that_a_spreadsheet_runs(write, tmp_path):
    header, *rows = rows_of(write(tmp_path))
    assert not [name for name in header if name[:1] in "=+-@\t\r"]
    texts = [column for column in zip(*rows, strict=True) if "name" in column]
    assert list(dict.fromkeys(texts[0])) == SAFE
    assert any("-1.5" in column for column in zip(*rows, strict=True))  # a number stays a number


@pytest.mark.parametrize("write", [by_selection, by_labels])
def test_exact_csv_is_written_when_asked_for(write, tmp_path):
    rows = rows_of(write(tmp_path, safe=False))
    place = rows[0].index("=who")
    assert [row[place] for row in rows[1:]] == TEXTS


def test_labels_are_exported_safely_and_exactly(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    pyarrow.parquet.write_table(TABLE, tmp_path / "in.parquet")
    table = explorer.open_table(tmp_path / "in.parquet")
    table.label(explorer.where(table, "number < 0"), "=kind", "@odd")
    for safe, expected in (
        (True, [["row", "'=kind"], ["0", "'@odd"]]),
        (False, [["row", "=kind"], ["0", "@odd"]]),
    ):
        table.labels.export(tmp_path / "labels.csv", safe=safe)
        assert rows_of((tmp_path / "labels.csv").read_bytes()) == expected
    assert table.labels.to_arrow()["=kind"].to_pylist() == [
        "@odd"
    ]  # what is kept is what was given


@pytest.mark.parametrize(("options", "mark"), [([], "'"), (["--plain-csv"], "")])
def test_a_command_writes_safe_csv_unless_asked_for_plain(options, mark, tmp_path):
    rng = np.random.default_rng(0)
    table = pa.table({"=height": rng.normal(size=200), "year": np.arange(200)})
    pyarrow.parquet.write_table(table, tmp_path / "in.parquet")
    out = tmp_path / "out.csv"
    assert (
        main(
            [
                "compare",
                str(tmp_path / "in.parquet"),
                "--a",
                "year < 100",
                "--out",
                str(out),
                *options,
            ]
        )
        == 0
    )
    cells = {cell for row in rows_of(out.read_bytes()) for cell in row}
    assert mark + "=height" in cells
    assert ("=height" in cells) == (not mark)


def test_commands_that_write_csv_say_so(capsys):
    for command in ("compare", "experiment", "models", "drift", "ranking", "engagement"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        said = " ".join(capsys.readouterr().out.split())
        assert "--plain-csv" in said, command
        assert "a spreadsheet would run as a formula" in said


def test_csv_is_written_in_one_place_only():
    root = Path(explorer.__file__).parent
    calls = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(
            r"(pyarrow|arrow_csv|pa)\.csv\.(write_csv|CSVWriter)|\.to_csv\(|csv\.(writer|DictWriter)\(",
            path.read_text(encoding="utf-8"),
        )
    }
    assert calls == {"core/csv_text.py"}


def test_the_policy_of_content_names_scripts_styles_and_connections(restarted):
    policy = restarted[1]["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "connect-src 'self' blob:" in policy
    (scripts,) = [one for one in policy if one.startswith("script-src")]
    assert "http" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "*" not in scripts


def test_a_login_outlives_a_restart(restarted):
    address, _, cookies, _ = restarted
    assert answer_of(address, Cookie=cookies)[0] == 200
    assert answer_of(address)[0] == 302


def test_a_page_of_another_origin_cannot_connect_unless_it_is_allowed(restarted):
    address, _, cookies, _ = restarted
    assert handshake(address, "http://foreign.example", cookies) == 403
    assert handshake(address, "http://friend.example", cookies) == 101
    assert handshake(address, address.rstrip("/"), cookies) == 101


def test_guesses_of_passwords_are_slowed_down(restarted):
    address, _, cookies, _ = restarted
    guesses = [
        answer_of(address + "login", {"username": "ada", "password": "no"}) for _ in range(11)
    ]
    assert [status for status, _, _ in guesses] == [401] * 10 + [429]
    assert guesses[-1][1]["Retry-After"] == "1"
    assert "Too many wrong passwords: try again in 1 s." in guesses[-1][2]
    assert "//cdn." not in guesses[-1][2]  # the page needs no internet
    # on a slow machine the second is over by now: this guess then counts, and the wait is longer
    answer_of(address + "login", {"username": "ada", "password": "no"})
    right = {"username": "ben", "password": "secret of the test"}
    assert answer_of(address + "login", right)[0] == 429
    assert answer_of(address, Cookie=cookies)[0] == 200  # who is in stays in


def test_the_page_after_signing_out_needs_no_internet(restarted):
    address, _, cookies, _ = restarted
    status, headers, words = answer_of(address + "logout", Cookie=cookies)
    assert status == 200
    assert "You are signed out." in words
    assert "//" not in words.replace("<!DOCTYPE html>", "")
    assert any(one.startswith('user="";') for one in headers.get_all("Set-Cookie"))


def test_a_link_puts_no_words_on_the_page_of_login(restarted):
    assert "Call 555" not in answer_of(restarted[0] + "login?error=Call+555")[2]


def test_what_is_posted_and_what_a_page_sends_is_bounded(restarted):
    address, _, cookies, _ = restarted
    host = urllib.parse.urlsplit(address).netloc
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        connection.putrequest("POST", "/login")
        connection.putheader("Content-Length", str((1 << 20) + 1))
        connection.endheaders()
        assert connection.getresponse().status == 400
    token = re.search(r'"token":"([^"]+)"', answer_of(address, Cookie=cookies)[2]).group(1)
    with (
        socket.create_connection(host.split(":"), timeout=30) as line,
        line.makefile("rb") as answers,
    ):
        asked = [
            (
                f"GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
                f"Cookie: {cookies}\r\nUpgrade: websocket"
            ),
            (
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
            ),
            f"Sec-WebSocket-Protocol: bokeh, {token}\r\n\r\n",
        ]
        line.sendall("\r\n".join(asked).encode())
        assert b" 101 " in answers.readline()
        # text of 64 MiB and one byte follows: RFC 6455, 5.2
        line.sendall(b"\x81\xff" + ((64 << 20) + 1).to_bytes(8, "big") + bytes(4))
        assert b"\x03\xf1message too big" in answers.read()  # 1009


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The address of a server for two pages, and its file of users."""
    folder = tmp_path_factory.mktemp("small")
    users = folder / "users.json"
    users.write_text('{"ada": "a"}')
    with signed_in_server(folder, "--max-sessions", "2", password=str(users)) as address:
        yield address, users


def test_who_comes_when_all_places_are_taken_is_told_so(small):
    headers = answer_of(small[0] + "login", {"username": "ada", "password": "a"})[1]
    cookies = "; ".join(cookie.split(";")[0] for cookie in headers.get_all("Set-Cookie"))
    found = [answer_of(small[0], Cookie=cookies) for _ in range(3)]
    assert [status for status, _, _ in found] == [200, 200, 503]
    assert found[2][1]["Retry-After"] == "20"
    assert "default-src 'none'" in found[2][1]["Content-Security-Policy"]
    assert "Pages open at this server: 2, as many as it allows." in found[2][2]


def test_the_number_of_places_is_a_whole_number(capsys):
    with pytest.raises(SystemExit):
        main(["serve", "people.parquet", "--max-sessions", "-1"])
    assert "expected a whole number of 0 or more; got '-1'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"ada": ', "is no JSON"),
        ('["ada"]', "names no users"),
        ('{"ada": 5}', "password of 'ada'"),
    ],
)
def test_a_file_of_passwords_that_holds_something_else_is_refused_at_the_start(
    tmp_path, capsys, text, words
):
    users = tmp_path / "users.json"
    users.write_text(text)
    assert (
        main(["serve", str(tmp_path / "none.parquet"), "--basic-auth", str(users), "--port", "0"])
        == 1
    )
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert 'as {"ada": "her password"}' in line


def test_a_file_of_passwords_that_is_damaged_later_lets_nobody_in_and_says_so(small):
    address, users = small
    form = {"username": "ada", "password": "a"}
    kept = users.read_text()
    users.write_text('{"ada": ')
    status, _, words = answer_of(address + "login", form)
    users.unlink()
    assert (status, answer_of(address + "login", form)[0]) == (503, 503)
    assert "Nobody can sign in now: the log of the server says why." in words
    users.write_text(kept)
    assert answer_of(address + "login", form)[0] == 302


def test_servers_that_start_together_for_the_first_time_share_one_secret(tmp_path):
    code = "from explorer.app.server import _cookie_secret as secret; input(); print(secret())"
    environment = {**os.environ, "EXPLORER_DATA": str(tmp_path / "data")}
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(4)
    ]
    for server in servers:
        server.stdin.write("\n")
        server.stdin.flush()
    secrets = {server.communicate(timeout=60)[0].strip() for server in servers}
    assert len(secrets) == 1
    assert len(secrets.pop()) == 64
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["cookie-secret"]
