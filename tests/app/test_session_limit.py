"""A Bokeh server with two places, which closes a session two seconds after it was left."""

import asyncio
import http.client
import re
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from bokeh.application import Application
from bokeh.application.handlers import FunctionHandler
from bokeh.server.server import Server
from bokeh.util.token import generate_jwt_token
from tornado.ioloop import IOLoop

from explorer.app.session_limit import limit_sessions


@pytest.fixture(params=["", "/maps/"])
def address(request):
    told, started = {}, threading.Event()

    async def run():
        server = Server(
            {"/": Application(FunctionHandler(lambda _: None))},
            port=0,
            prefix=request.param,
            io_loop=IOLoop.current(),
            unused_session_lifetime_milliseconds=2000,
            check_unused_sessions_milliseconds=100,
        )
        limit_sessions(server._tornado, 2)
        server.start()
        told.update(loop=asyncio.get_running_loop(), end=asyncio.Event(), port=server.port)
        started.set()
        await told["end"].wait()
        server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started.wait(10)
    yield f"http://localhost:{told['port']}{request.param.rstrip('/')}/"
    told["loop"].call_soon_threadsafe(told["end"].set)
    thread.join(10)


def page_of(address):
    try:
        answer = urllib.request.urlopen(address, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read().decode()


def handshake(address, token):
    """Ask for a websocket and leave; return the status."""
    host, _, path = address.removeprefix("http://").partition("/")
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": f"bokeh, {token}",
        "Origin": f"http://{host}",
    }
    with closing(http.client.HTTPConnection(host, timeout=10)) as connection:
        connection.request("GET", f"/{path}ws", headers=headers)
        with connection.getresponse() as answer:
            return answer.status


def test_of_many_who_come_at_once_as_many_are_let_in_as_there_are_places(address, caplog):
    with ThreadPoolExecutor(12) as people:
        found = list(people.map(page_of, [address] * 12))
    assert sorted(status for status, _, _ in found) == [200] * 2 + [503] * 10
    assert all("All places are taken" in words for status, _, words in found if status == 503)
    _, headers, words = page_of(address)
    assert headers["Retry-After"] == "20"
    assert "Pages open at this server: 2" in words
    assert '<meta http-equiv="refresh" content="20">' in words
    assert page_of(address + "autoload.js?bokeh-autoload-element=x")[0] == 503
    assert [
        one.levelname for one in caplog.records if "all 2 sessions are taken" in one.message
    ] == ["WARNING"]


def test_a_session_that_ends_frees_its_place(address, until):
    for _ in range(2):
        assert page_of(address)[0] == 200
    assert page_of(address)[0] == 503
    until(lambda: page_of(address)[0] == 200)


def test_who_has_a_place_may_connect_when_all_are_taken_and_others_may_not(address):
    tokens = [re.search(r'"token":"([^"]+)"', page_of(address)[2]).group(1) for _ in range(2)]
    assert handshake(address, "nonsense") == 503
    assert handshake(address, generate_jwt_token("another session")) == 503
    assert [handshake(address, token) for token in tokens] == [101, 101]


def test_files_and_other_methods_need_no_place(address):
    for _ in range(2):
        page_of(address)
    assert page_of(address + "static/js/bokeh.min.js")[0] == 200
    host, _, path = address.removeprefix("http://").partition("/")
    with closing(http.client.HTTPConnection(host, timeout=10)) as connection:
        # a page that lost its server asks so whether it is back
        connection.request("HEAD", f"/{path}")
        assert connection.getresponse().status < 500
