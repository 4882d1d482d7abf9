"""From any thread to the page, with Bokeh's own document and Tornado's own loop."""

import asyncio
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import panel as pn
import param
import pytest
from bokeh.client import pull_session
from bokeh.document import Document
from bokeh.server.session import ServerSession
from panel.io.server import get_server
from tornado.ioloop import IOLoop

from explorer.ui.component import Component
from explorer.ui.page_loop import PageLoop


@pytest.fixture(autouse=True)
def nervous():
    """Let threads take turns as often as they do on a busy machine."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def alone(page):
    """Run a page on an event loop and thread of its own: this one may have a browser's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(asyncio.wait_for(page, 30))).result()


def served(document):
    return ServerSession("one", document, io_loop=IOLoop.current())


COUNT = 500  # of functions; with short turns of threads each takes milliseconds


def test_what_threads_say_while_the_document_is_set_up_all_comes_in_order():
    async def page():
        seen, said = [], []
        document = Document()
        loop = PageLoop(document)
        here = threading.current_thread()

        def speak():
            for number in range(COUNT):
                loop.call_soon(
                    lambda number=number: seen.append((number, threading.current_thread()))
                )
                said.append(number)

        speaker = threading.Thread(target=speak)
        speaker.start()
        while len(said) < COUNT // 4:  # a page is being built meanwhile
            document.hold("collect")
            document.unhold()
        session = served(document)
        while speaker.is_alive() or len(seen) < COUNT:
            await asyncio.sleep(0.005)
        session.destroy()
        threads = {thread for _, thread in seen}
        return [number for number, _ in seen], threads == {here}

    order, on_loop = alone(page())
    assert order == list(range(COUNT))
    assert on_loop


def test_nothing_runs_after_the_person_has_left():
    async def page():
        seen = []
        document = Document()
        loop = PageLoop(document)
        session = served(document)
        loop.call_soon(lambda: seen.append("here"))
        await asyncio.sleep(0.05)
        loop.call_soon(lambda: seen.append("too late"))
        loop.close()
        await asyncio.sleep(0.05)
        session.destroy()
        return seen

    assert alone(page()) == ["here"]


def test_without_a_page_a_function_runs_at_once():
    seen = []
    PageLoop(None).call_soon(lambda: seen.append(1))
    assert seen == [1]


def test_what_a_function_changes_goes_out_together_and_in_order():
    async def page():
        document = Document()
        loop, session = PageLoop(document), served(document)
        sent = []
        document.on_change(
            lambda event: (
                hasattr(event, "title")
                and sent.append((event.title, document.callbacks.hold_value))
            )
        )

        def change():
            for title in ("one", "two"):
                document.title = title
                assert sent == []  # nothing leaves before all is done

        loop.call_soon(change)
        while not sent:
            await asyncio.sleep(0.005)
        session.destroy()
        return sent

    assert alone(page())[-1] == ("two", None)


def test_a_function_that_fails_leaves_the_page_able_to_send(caplog):
    async def page():
        document = Document()
        loop, session = PageLoop(document), served(document)
        done = []
        loop.call_soon(lambda: 1 / 0)
        loop.call_soon(lambda: done.append(document.callbacks.hold_value))
        while not done:
            await asyncio.sleep(0.005)
        after = document.callbacks.hold_value
        session.destroy()
        return done, after

    assert alone(page()) == (["combine"], None)
    assert "ZeroDivisionError" in caplog.text


class Note(Component):
    text = param.String(default="before")
    _files = "rows/row_card"

    def on_write(self, text):
        self.text = text
        self.sent_at_once = self.document.callbacks.hold_value is None


class Visitor:
    """Fetch a page from a server as somebody whose browser is still drawing it, in a thread."""

    def __init__(self, address):
        self.thread = ThreadPoolExecutor(1)
        self.session = self.thread.submit(pull_session, url=address).result()
        self.note = self.session.document.roots[0].data

    def leave(self):
        self.thread.submit(self.session.close).result()
        self.thread.shutdown()

    def hears(self, text, seconds=30):
        """Take in what the server sends until the note has this text; False when it never has."""
        return self.thread.submit(self._hears, text, seconds).result()

    def _hears(self, text, seconds):
        connection, end = self.session._connection, time.monotonic() + seconds

        def look():
            if self.note.text == text or time.monotonic() > end:
                connection._loop.stop()
            else:
                connection._loop.call_later(0.01, look)

        connection._loop.call_later(0.01, look)
        connection._loop.add_callback(connection._next)
        connection._loop.start()
        return self.note.text == text


@pytest.fixture
def served_note():
    """A server whose pages are a note, in a thread of its own: (address, pages opened)."""
    pages, ready, stop = [], threading.Event(), []

    def page():
        note = Note()
        note.document = pn.state.curdoc
        pages.append((PageLoop(pn.state.curdoc), note))
        return note

    def serve():
        async def run():
            server = get_server(page, port=0, start=True, show=False)
            stop.extend([asyncio.get_running_loop(), asyncio.Event(), server.port])
            ready.set()
            await stop[1].wait()
            server.stop()

        asyncio.run(run())

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(30)
    yield f"http://localhost:{stop[2]}/", pages
    stop[0].call_soon_threadsafe(stop[1].set)
    thread.join()


def test_what_changes_while_a_browser_draws_what_it_has_fetched_arrives(served_note):
    address, pages = served_note
    visitor = Visitor(address)
    loop, note = pages[-1]
    assert visitor.note.text == "before"
    loop.call_soon(lambda: setattr(note, "text", "after"))
    assert visitor.hears("after")
    visitor.leave()


def test_what_an_answer_to_the_browser_changes_leaves_on_the_same_way_as_all_else(served_note):
    address, pages = served_note
    visitor = Visitor(address)
    _, note = pages[-1]
    # as Panel hands on what a browser has sent
    note.document.add_next_tick_callback(
        lambda: note._handle_msg({"type": "write", "text": "answered"})
    )
    assert visitor.hears("answered")
    assert not note.sent_at_once
    visitor.leave()


def test_the_last_message_of_several_does_not_wait_for_the_browser_to_confirm_the_others(
    served_note,
):
    address, pages = served_note
    visitor = Visitor(address)
    loop, note = pages[-1]
    loop.call_soon(lambda: setattr(note, "text", "sent"))
    assert visitor.hears("sent")
    (connection,) = note.document.session_context.session._subscribed_connections
    line = connection._socket.ws_connection.stream.socket
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    visitor.leave()
