"""Many people at one server.

    python tests/benchmarks/bench_sessions.py [--rows 10000000] [--clients 20]
        [--minutes 0.3] [--sessions 200]

Websocket clients without a browser, each of which moves its map every 200 ms, as a drag does:
milliseconds from a request to its frame (median, p95, worst) and frames that came, minute by minute
with the server's memory, threads and open files (its sockets too); bytes of a frame and what a line
of 10 Mbit/s makes of them. Then sessions are opened and closed in four rounds; after each, when the
server has let go of all, its memory, threads and open files are read again: what grows with every
round is lost. The rows are 30 Gaussian blobs, coordinates of their own; 900 × 700 pixels, drawn 15
% beyond each edge, half of them while moving.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import statistics
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from bench_frames import blobs
from bench_page import chrome
from bokeh.protocol import Protocol
from bokeh.protocol.receiver import Receiver
from tornado.websocket import websocket_connect

EVERY = 0.2  # seconds between two movements
TOGETHER = 40  # sessions
ROUNDS = 4
GONE = 40.0  # seconds: sessions are let go 15 s after they were left, every 17 s
ASKED = (1170, 910)  # pixels of 900 × 700 with the border


class Client:
    """One person at the map, without a browser."""

    def __init__(self, address: str) -> None:
        page = urlopen(address).read().decode()
        self.token = re.findall(r'"token":"([^"]+)"', page)[0]
        self.address = address.replace("http", "ws").rstrip("/") + "/ws"
        self.protocol = Protocol()
        self.receiver = Receiver(self.protocol)
        self.asked: dict[int, float] = {}
        self.taken: list[float] = []
        self.sizes: list[int] = []
        self.sequence = 0
        self.numbers = itertools.count()
        self.home: dict = {}
        self.rng = np.random.default_rng(
            id(self) % 1000
        )  # a walk of its own, and another place each time

    async def open(self) -> None:
        self.socket = await websocket_connect(
            self.address, subprotocols=["bokeh", self.token], max_message_size=1 << 28
        )
        await self.next()  # the acknowledgement
        await self.send(self.protocol.create("PULL-DOC-REQ"))
        while (message := await self.next()).msgtype != "PULL-DOC-REPLY":
            pass
        self.find(message.content["doc"])
        await self.say(
            "document_ready", {"type": "map"}
        )  # as a page that has rendered: from now on it is sent changes
        self.reading = asyncio.create_task(self.read())
        for _ in range(100):
            if self.home:
                return
            await self.event({"type": "ready"})
            await asyncio.sleep(0.1)
        raise AssertionError("no map came")

    def find(self, document: dict) -> None:
        """Find the model of the map, and the one that holds its parameters."""
        text = json.dumps(document)
        place = text.index('"class_name": "MapCanvas"')
        found = re.findall(r'"name": "panel.models.esm.ReactiveESM", "id": "([^"]+)"', text[:place])
        self.model = found[-1]
        self.known = text

    async def send(self, message) -> None:
        await message.send(self.socket_writer())

    def socket_writer(self):
        socket = self.socket

        class Writer:
            async def write_message(self, data, binary=False, locked=True):  # noqa: ARG002
                await socket.write_message(data, binary)

            class write_lock:  # noqa: N801  the name that Bokeh asks for
                @staticmethod
                async def acquire():
                    class Held:
                        def __enter__(self):
                            return self

                        def __exit__(self, *_):
                            return None

                    return Held()

        return Writer()

    async def next(self):
        while True:
            fragment = await self.socket.read_message()
            assert fragment is not None, "the server closed the connection"
            message = await self.receiver.consume(fragment)
            if message is not None:
                return message

    async def event(self, data: dict) -> None:
        entries = [["model", {"id": self.model}], ["data", to_map(data)]]
        await self.say("data_event", {"type": "map", "entries": entries})

    async def say(self, name: str, values: dict) -> None:
        event = {
            "kind": "MessageSent",
            "msg_type": "bokeh_event",
            "msg_data": {"type": "event", "name": name, "values": values},
        }
        header = {"msgid": f"{self.token[-12:]}-{next(self.numbers)}", "msgtype": "PATCH-DOC"}
        for part in (json.dumps(header), "{}", json.dumps({"events": [event]})):
            await self.socket.write_message(part)

    async def read(self) -> None:
        size = 0  # of a frame, which comes before what is said of it
        while True:
            message = await self.next()
            if message.msgtype != "PATCH-DOC":
                continue
            size += sum(len(one.data) for one in message.buffers)
            for event in message.content.get("events", []):
                if event.get("attr") == "home":
                    self.home = plain(event["new"])
                if event.get("attr") == "frame_info":
                    asked = self.asked.pop(plain(event["new"])["seq"], None)
                    if asked is not None:
                        self.taken.append(time.perf_counter() - asked)
                        self.sizes.append(size)
                    size = 0

    async def drag(self, seconds: float) -> None:
        """Move about the map as the page does: one request under way, the latest waits."""
        (x0, x1), (y0, y1) = self.home["extent"]
        rng = self.rng
        zoom = 2.0 ** rng.uniform(0, 6)
        unit = max((x1 - x0) / 900, (y1 - y0) / 700) / zoom
        x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
        end, step = time.perf_counter() + seconds, 0
        await asyncio.sleep(rng.uniform(0, EVERY))
        while time.perf_counter() < end:
            x, y, step = (
                x + 20 * unit * np.sin(step / 5),
                y + 20 * unit * np.cos(step / 5),
                step + 1,
            )
            if not self.asked:  # the page waits for the answer before it asks again
                await self.submit(x, y, unit)
            await asyncio.sleep(EVERY)

    async def ask(self, x: float, y: float, unit: float, moving: bool = True) -> None:
        self.sequence += 1
        wide, high = ASKED
        half = 0.5 if moving else 1.0
        self.asked[self.sequence] = time.perf_counter()
        await self.event(
            {
                "type": "view",
                "seq": self.sequence,
                "moving": moving,
                "keep": False,
                "x_range": [x - wide / 2 * unit, x + wide / 2 * unit],
                "y_range": [y - high / 2 * unit, y + high / 2 * unit],
                "x_view": [x - 450 * unit, x + 450 * unit],
                "y_view": [y - 350 * unit, y + 350 * unit],
                "width": round(wide * half),
                "height": round(high * half),
            }
        )

    async def rest(self) -> None:
        (x0, x1), (y0, y1) = self.home["extent"]
        await self.submit(
            (x0 + x1) / 2, (y0 + y1) / 2, max((x1 - x0) / 900, (y1 - y0) / 700), moving=False
        )
        for _ in range(200):
            if not self.asked:
                return
            await asyncio.sleep(0.05)

    def close(self) -> None:
        self.reading.cancel()
        self.socket.close()


def to_map(data: dict) -> dict:
    return {"type": "map", "entries": [[key, value] for key, value in data.items()]}


def plain(value):
    """Read a serialised dict: maps become dicts."""
    if isinstance(value, dict) and value.get("type") == "map":
        return {key: plain(one) for key, one in value["entries"]}
    return [plain(one) for one in value] if isinstance(value, list) else value


def state(server: psutil.Process) -> str:
    """Return what the server holds: without its workers, which have memory of their own."""
    return (
        f"{server.memory_info().rss / 1e6:,.0f} MB, {server.num_threads()} threads, "
        f"{server.num_fds()} open files"
    )


def latencies(people: list[Client]) -> str:
    """Return how long the frames took that came since the last call."""
    taken = sorted(1e3 * one for person in people for one in person.taken)
    for one in people:
        one.taken.clear()
    if not taken:
        return "no frames"
    return (
        f"{len(taken):,} frames, median {statistics.median(taken):.0f} ms, p95 "
        f"{taken[int(0.95 * len(taken))]:.0f} ms, worst {taken[-1]:.0f} ms"
    )


async def is_trending(address: str, clients: int, minutes: float, server: psutil.Process) -> None:
    print(f"before anybody came: {state(server)}")
    people = [Client(address) for _ in range(clients)]
    for one in people:
        await one.open()
    for one in people:
        await one.drag(0.5)  # loads what is loaded once
        one.taken.clear()
        one.sizes.clear()
    print(f"{clients} clients, a movement every {1e3 * EVERY:.0f} ms for {minutes:g} minutes")
    left, minute = 60 * minutes, 0
    while left > 0:
        await asyncio.gather(*(one.drag(min(left, 60)) for one in people))
        left, minute = left - 60, minute + 1
        print(f"  minute {minute}: {latencies(people)}; {state(server)}", flush=True)
    await asyncio.sleep(1)
    moved = statistics.median(one for person in people for one in person.sizes)
    await people[0].rest()
    rest = people[0].sizes[-1]
    print(
        f"bytes of a frame: {moved / 1e3:.0f} kB moving, {rest / 1e3:.0f} kB at rest; a line of "
        f"10 Mbit/s takes {moved / 1.25e3:.0f} and {rest / 1.25e3:.0f} ms (deflated by the "
        "page's wish: less)"
    )
    for one in people:
        one.close()
    await asyncio.sleep(GONE)
    print(f"when all have left: {state(server)}")


async def opened(address: str, sessions: int, server: psutil.Process) -> None:
    """Open and close sessions, ten at a time; print what the server holds."""
    before = server.memory_info().rss
    together = [Client(address) for _ in range(TOGETHER)]
    for one in together:
        await one.open()
        await one.rest()
    each = (server.memory_info().rss - before) / TOGETHER / 1e6
    print(
        f"memory of the server: {each:.1f} MB a session, of {TOGETHER} at once with their frames "
        "at rest"
    )
    for one in together:
        one.close()
    await asyncio.sleep(GONE)
    start = server.memory_info().rss
    print(f"before: {state(server)}")
    for done in range(1, ROUNDS + 1):
        for _ in range(0, sessions // ROUNDS, 10):
            people = [Client(address) for _ in range(10)]
            for one in people:
                await one.open()
                await one.rest()
            for one in people:
                one.close()
        await asyncio.sleep(GONE)
        grown = (server.memory_info().rss - start) / (done * sessions / ROUNDS) / 1e3
        print(
            (
                f"  {done * sessions // ROUNDS} sessions later, all gone: {state(server)} "
                f"({grown:+,.0f} kB a session)"
            ),
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=0.3)
    parser.add_argument("--sessions", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        xy, rng = blobs(arguments.rows), np.random.default_rng(0)
        values = rng.standard_normal(arguments.rows).astype(np.float32)
        pq.write_table(
            pa.table({"x": xy[:, 0], "y": xy[:, 1], "value": values}), work / "rows.parquet"
        )
        print(f"{arguments.rows:,} rows")
        with chrome.running_server(
            "serve",
            str(work / "rows.parquet"),
            "--xy",
            "x,y",
            "--max-sessions",
            "0",
            cache=work / "cache",
            log=work / "log",
        ) as address:
            server = next(
                p
                for p in psutil.process_iter(["cmdline"])
                if "serve" in (p.info["cmdline"] or [])
                and str(work / "rows.parquet") in p.info["cmdline"]
            )
            if arguments.minutes:
                asyncio.run(is_trending(address, arguments.clients, arguments.minutes, server))
            if arguments.sessions:
                asyncio.run(opened(address, arguments.sessions, server))


if __name__ == "__main__":
    main()
