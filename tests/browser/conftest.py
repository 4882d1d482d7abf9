"""A real server in its own process, and a real Chromium looking at it."""

from __future__ import annotations

import base64
import json
import os
import queue
import re
import subprocess
import sys
import threading
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from explorer.core.compiled_code import prepare_numba
from tests.browser.page_log import log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@contextmanager
def running_server(*arguments: str, cache: Path, log: Path) -> Iterator[str]:
    """Start `python -m explorer ...` on a free port and give its address."""
    command = [sys.executable, "-m", "explorer", *arguments, "--port", "0", "--no-browser"]
    with log.open("w") as errors, _running(command, cache, log, errors) as address:
        yield address


@contextmanager
def running_apps(*scripts: str, files: Sequence[str], cache: Path) -> Iterator[str]:
    """Start `panel serve ...` for scripts of apps/ on a free port; yield the address."""
    command = [sys.executable, "-m", "panel", "serve", *scripts, "--port", "0", "--args", *files]
    # Panel says its address where it says its errors
    with _running(command, cache, None, subprocess.STDOUT) as address:
        yield address.rpartition("/")[0]


@contextmanager
def _running(command: Sequence[str], cache: Path, log: Path | None, errors: Any) -> Iterator[str]:
    prepare_numba()  # with an empty cache the server would compile for a minute
    environment = {**os.environ, "EXPLORER_CACHE": str(cache), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
    )
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=read_lines, args=(process, lines), daemon=True)
    reader.start()
    try:
        yield address_in(lines, log)
    finally:
        process.terminate()
        process.wait(timeout=120)
        reader.join(timeout=5)


def read_lines(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    """Pass on what the server prints until it ends."""
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            lines.put(line)


def address_in(lines: queue.Queue[str], log: Path | None) -> str:
    """Wait for the line that names the address."""
    said = []
    for _ in range(20):
        try:
            said.append(lines.get(timeout=240))  # with an empty cache it compiles first
        except queue.Empty:
            break
        found = re.search(r"http://\S+", said[-1])
        if found:
            return found.group()
    raise AssertionError(
        f"the server did not say its address: {''.join(said)}{log.read_text() if log else ''}"
    )


@pytest.fixture(scope="session")
def films(tmp_path_factory) -> Iterator[str]:
    """The address of a server on the sample films, with an empty cache."""
    folder = tmp_path_factory.mktemp("server")
    with running_server("demo", cache=folder / "cache", log=folder / "log.txt") as address:
        yield address


@pytest.fixture(scope="session")
def page_log_address(tmp_path_factory) -> Iterator[str]:
    """The address of a server on a log of pages, with a block of eight columns of noise."""
    folder = tmp_path_factory.mktemp("page_log")
    table = log()
    rng = np.random.default_rng(1)
    bands = {f"band_{k}": rng.normal(size=len(table)) for k in range(8)}
    table.assign(**bands).to_parquet(folder / "log.parquet")
    arguments = ("serve", str(folder / "log.parquet"))
    with running_server(*arguments, cache=folder / "cache", log=folder / "log.txt") as address:
        yield address


@pytest.fixture(scope="module")
def start_server(tmp_path_factory):
    """Start servers with an empty cache, as `running_server` does."""

    def start(*arguments: str):
        folder = tmp_path_factory.mktemp("server")
        return running_server(*arguments, cache=folder / "cache", log=folder / "log.txt")

    return start


def link_content(url: str) -> dict[str, Any]:
    """Return what a link holds, as the JSON in it."""
    _, _, packed = parse_qs(urlsplit(url).query).get("s", [""])[0].partition(".")
    if not packed:
        return {}
    content: dict[str, Any] = json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "==")))
    return content


def told_by(url: str) -> set[str]:
    """Return the sections of the state that a link tells of."""
    return {path.partition(".")[0] for path in link_content(url)}


# The canvas of the map, which lies in a shadow root.
PIXELS = """[...document.querySelectorAll('*')].map(
    host => host.shadowRoot && host.shadowRoot.querySelector('canvas.pixels')).find(Boolean)"""


class Page:
    """A page that remembers what the console complained of."""

    def __init__(self, page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.listeners = {
            "console": self._on_console,
            "pageerror": lambda error: self.complaints.append(str(error)),
            "request": self._on_request,
        }
        for event, listener in self.listeners.items():
            page.on(event, listener)

    def _on_console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _on_request(self, request) -> None:
        if "//localhost" not in request.url and request.url.startswith("http"):
            self.foreign.append(request.url)

    def assert_no_complaints(self) -> None:
        """Nothing was complained of or loaded from elsewhere."""
        assert self.complaints == []
        assert self.foreign == []

    def open(self, address: str) -> None:
        self.page.goto(address, timeout=120_000)
        # the first page of a new installation may have to wait for compiling
        self.frame_after(0, timeout=120_000)

    @property
    def frame(self) -> int:
        """Number of the last frame that was painted."""
        return int(self.page.locator(".stage").get_attribute("data-frame") or 0)

    def frame_after(self, frame: int, timeout: float = 90_000) -> int:
        """Wait for a newer, full-resolution frame."""
        try:
            self.page.locator(".stage[data-moving=false]").wait_for(timeout=timeout)
        except Exception as error:
            seen = self.page.locator(".stage").evaluate(
                "stage => [{ ...stage.dataset }, stage.innerText]"
            )
            raise AssertionError(f"no frame at rest: {seen}, console: {self.complaints}") from error
        self.page.wait_for_function(
            """frame => [...document.querySelectorAll('*')].some(host => {
                const stage = host.shadowRoot && host.shadowRoot.querySelector('.stage');
                return stage && Number(stage.dataset.frame) > frame
                    && stage.dataset.moving === 'false';
            })""",
            arg=frame,
            timeout=timeout,
        )
        return self.frame

    def picture(self) -> bytes:
        """The pixels of the map, without the cards on it."""
        return self.page.locator("canvas.pixels").evaluate("canvas => canvas.toDataURL()").encode()

    def other_picture(self, before: bytes, seconds: float = 90) -> bytes:
        """Wait until the map looks different."""
        self.page.wait_for_function(
            f"before => {PIXELS}.toDataURL() !== before",
            arg=before.decode(),
            polling=100,
            timeout=1000 * seconds,
        )
        return self.picture()

    def this_picture(self, wanted: bytes, seconds: float = 90) -> None:
        """Wait until the map looks so."""
        self.page.wait_for_function(
            f"wanted => {PIXELS}?.toDataURL() === wanted",
            arg=wanted.decode(),
            polling=100,
            timeout=1000 * seconds,
        )

    def link(self, *sections: str) -> str:
        """Return the address once it tells of these sections of the state.

        What is shown follows from the state, and so does the address, in messages of their own.
        """
        self.page.wait_for_url(lambda url: told_by(url) >= {*sections})
        return self.page.url

    def next_picture(self) -> None:
        """Let the browser draw once."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()


VIEWPORT = {"width": 1440, "height": 900}


def drag(page: Any, x0: float, y0: float, x1: float, y1: float) -> None:
    """Drag on the map; in pixels from its upper left corner."""
    box = page.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + x0, box["y"] + y0)
    page.mouse.down()
    page.mouse.move(box["x"] + x1, box["y"] + y1, steps=6)
    page.mouse.up()


def rename(page: Any, line: Any, name: str) -> None:
    """Give a saved selection or a level of a label another name, in its line."""
    line.hover()
    line.get_by_role("button", name="rename").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


@contextmanager
def checked_page(browser: Any) -> Iterator[Page]:
    """Give a page of its own; at its end nothing was complained of or loaded from elsewhere.

    A page that an earlier test has left is used again, emptied: its scripts are compiled already.
    """
    left = browser.left_pages
    opened = Page(left.pop() if left else browser.new_context(viewport=VIEWPORT).new_page())
    yield opened
    empty(opened)
    left.append(opened.page)
    opened.assert_no_complaints()


def empty(opened: Page) -> None:
    """Close what a page shows and the tabs beside it, and undo what a test set there.

    Scripts that were added to be run first cannot be removed: they take a context of their own.
    """
    page, context = opened.page, opened.page.context
    for other in context.pages:
        if other is not page:
            other.close()
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(frame.url)) for frame in page.frames}
    page.mouse.move(0, 0)
    page.goto("about:blank")
    for event, listener in opened.listeners.items():
        page.remove_listener(event, listener)
    page.unroute_all()
    session = context.new_cdp_session(page)
    for origin in origins:
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    session.detach()
    context.clear_permissions()
    page.set_viewport_size(VIEWPORT)


@pytest.fixture
def page(browser) -> Iterator[Page]:
    with checked_page(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_page(browser) -> Iterator[Page]:
    """A page for all tests of a file that leave it as they found it: to load one takes seconds."""
    with checked_page(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(shared_page, films):
    shared_page.open(films)
    return shared_page
