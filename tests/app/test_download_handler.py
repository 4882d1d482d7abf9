"""Files handed out by a real Tornado server, asked for by the standard library."""

import asyncio
import threading
import urllib.error
import urllib.request

import pytest
from bokeh.server.auth_provider import NullAuth
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from explorer.app.download_handler import DownloadHandler
from explorer.session.downloads import PATTERN, Downloads


@pytest.fixture
def downloads(tmp_path):
    return Downloads(tmp_path)


def serve(downloads, provider):
    """Run a server in a thread; return its address and the way to end it."""
    told, started = {}, threading.Event()

    async def run():
        application = Application([(PATTERN, DownloadHandler, {"downloads": downloads})])
        application.auth_provider, application.prefix = provider, ""
        server = HTTPServer(application)
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        told.update(
            loop=asyncio.get_running_loop(), end=asyncio.Event(), port=sockets[0].getsockname()[1]
        )
        started.set()
        await told["end"].wait()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started.wait(10)

    def end():
        told["loop"].call_soon_threadsafe(told["end"].set)
        thread.join(10)

    return f"http://127.0.0.1:{told['port']}/", end


@pytest.fixture
def address(downloads):
    found, end = serve(downloads, NullAuth())
    yield found
    end()


def test_a_file_comes_whole_once_and_is_gone(downloads, address, tmp_path, until):
    content = bytes(range(256)) * 20_000  # more than one piece
    path = downloads.offer("rows.parquet", lambda target: target.write_bytes(content))
    with urllib.request.urlopen(address + path) as answer:
        assert answer.read() == content
        assert answer.headers["Content-Length"] == str(len(content))
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''rows.parquet"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address + path)
    assert refused.value.code == 404
    refused.value.close()
    (own,) = tmp_path.iterdir()
    # the last byte is here before the server has tidied up behind it
    until(lambda: list(own.iterdir()) == [])


def test_where_people_sign_in_nobody_else_gets_a_file(downloads):
    class Closed(NullAuth):
        get_user = staticmethod(lambda _: None)
        get_login_url = staticmethod(lambda _: "/login")

    address, end = serve(downloads, Closed())
    try:
        path = downloads.offer("rows.csv", lambda target: target.write_text("row\n1\n"))
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address + path)
        assert "/login" in refused.value.url
        refused.value.close()
        assert downloads.take(path.split("/")[1]) is not None  # still there for who asked for it
    finally:
        end()


def test_another_user_who_knows_the_address_gets_no_file(downloads):
    class ByHeader(NullAuth):
        get_user = staticmethod(lambda handler: handler.request.headers["X-Test-User"])
        get_login_url = staticmethod(lambda _: "/login")

    address, end = serve(downloads, ByHeader())
    try:
        path = downloads.offer("rows.csv", lambda target: target.write_text("row\n1\n"), "ada")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(
                urllib.request.Request(address + path, headers={"X-Test-User": "ben"})
            )
        assert refused.value.code == 404
        refused.value.close()
        with urllib.request.urlopen(
            urllib.request.Request(address + path, headers={"X-Test-User": "ada"})
        ) as answer:
            assert answer.read() == b"row\n1\n"
    finally:
        end()
