"""The features' side of the page in Chromium: opening a table, a strip's answer, scrolling.

    python tests/benchmarks/bench_features_page.py [--only films,wide,many,long] [--repeats 20]
        [--folder DIR]

Prints for the films, 2,000 × 5,000 (wide), 20,000 × 5,000 (many) and 20,000,000 × 8 (long), each
in a fresh cache with kernels compiled: seconds from the request of the page to the list of
features, to histograms in all strips in sight, to the first map, and until all features are counted
and "all usable" is known; processor seconds of the server, its workers and Chromium until then,
bytes that the page was sent and nodes that it holds; milliseconds from a click on a strip, its
profile ready, until the Feature tab shows its name and until its plots are painted, for features
not seen before; frames in two seconds of scrolling the list; memory of the server with its workers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from shared.load_tests import load_test_module

shared, chrome = load_test_module("conftest.py"), load_test_module("browser/conftest.py")

TABLES = {"films": None, "wide": (2_000, 5_000), "many": (20_000, 5_000), "long": (20_000_000, 8)}
FAMILIES = ("wide", "many")  # their numbers are in families, whose strips have no plots

# The name in the head of the tab is text in a shadow root; new data of a plot is a change of its
# source.
WATCH = """() => {
    window.shown = []; window.plotted = []; window.clicked = 0; window.frames = 0;
    const stamp = (list) => requestAnimationFrame(() => list.push(performance.now()));
    const find = (root) => { for (const one of root.querySelectorAll('*')) { if (one.shadowRoot) {
        const head = one.shadowRoot.querySelector('.page > header'); if (head) return head;
        const inner = find(one.shadowRoot); if (inner) return inner; } } };
    const all = { childList: true, subtree: true, characterData: true };
    new MutationObserver(() => stamp(window.shown)).observe(find(document), all);
    for (const model of Bokeh.documents[0]._all_models.values())
        if (model.type === 'ColumnDataSource')
            model.properties.data.change.connect(() => stamp(window.plotted));
    window.addEventListener('click', () => {
        window.clicked = performance.now(); window.shown = []; window.plotted = [];
    }, { capture: true });
}"""
# Strips in sight whose histogram is still to come have no bars.
COUNTED = """() => {
    const find = (root) => { for (const one of root.querySelectorAll('*')) { if (one.shadowRoot) {
        const list = one.shadowRoot.querySelector('.list'); if (list) return list;
        const inner = find(one.shadowRoot); if (inner) return inner; } } };
    const strips = [...find(document).querySelectorAll('.strip')];
    return strips.length > 3
        && strips.every((strip) => !/counting …|not counted/.test(strip.textContent));
}"""
# What a ready set holds is said without "so far" once all features are counted.
USABLE = """() => {
    const find = (root) => { for (const one of root.querySelectorAll('*')) { if (one.shadowRoot) {
        const sets = one.shadowRoot.querySelector('.sets'); if (sets) return sets;
        const inner = find(one.shadowRoot); if (inner) return inner; } } };
    const texts = [...find(document).querySelectorAll('.pill')].map((pill) => pill.textContent);
    return texts.some((text) => text.includes('all usable') && !text.includes('so far'));
}"""
NODES = """() => {
    const counts = {};
    let total = 0;
    const walk = (root, host) => { for (const node of root.querySelectorAll('*')) {
        total += 1;
        counts[host] = (counts[host] ?? 0) + 1;
        if (node.shadowRoot) walk(node.shadowRoot, node.className || node.localName); } };
    walk(document, 'document');
    return [total, Object.entries(counts).sort((a, b) => b[1] - a[1]).slice(0, 4)];
}"""
SCROLL = """async () => {
    const find = (root) => { for (const one of root.querySelectorAll('*')) { if (one.shadowRoot) {
        const list = one.shadowRoot.querySelector('.list'); if (list) return list;
        const inner = find(one.shadowRoot); if (inner) return inner; } } };
    const list = find(document), start = performance.now();
    let frames = 0, longest = 0, last = start;
    while (performance.now() - start < 2000) {
        list.scrollTop += 90; frames += 1;
        const now = await new Promise(requestAnimationFrame);
        longest = Math.max(longest, now - last); last = now;
    }
    const strips = [...list.querySelectorAll('.strip')];
    return [frames / 2, longest, strips.length];
}"""


def main() -> None:
    chosen = _arguments()
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory(dir=chosen.folder, prefix="bench-features-") as folder,
        sync_playwright() as api,
    ):
        browser = api.chromium.launch(
            executable_path=shared.chromium_path(), args=shared.CHROMIUM_FLAGS
        )
        for name in chosen.only:
            measure(browser, name, Path(folder), chosen.repeats)
        browser.close()


def _arguments() -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=[*TABLES], metavar="TABLES"
    )
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--folder", help="where tables are written (long: 1.3 GB)")
    return parser.parse_args()


def measure(browser: Any, name: str, folder: Path, repeats: int) -> None:
    command, words = _table(name, folder)
    cache = folder / f"cache-{name}"
    compiled = subprocess.run(
        [sys.executable, "-m", "explorer", "cache", "warm"],
        env={**os.environ, "EXPLORER_CACHE": str(cache)},
        capture_output=True,
        check=True,
    )
    assert compiled.returncode == 0
    begin = time.perf_counter()
    with chrome.running_server(*command, cache=cache, log=folder / "log.txt") as address:
        served = time.perf_counter() - begin
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        received = _count_bytes(page)
        before = _processor_seconds(address)
        begin = time.perf_counter()
        page.goto(address, timeout=120_000)
        page.locator(".strip").first.wait_for(timeout=120_000)
        listed = time.perf_counter() - begin
        page.wait_for_function(COUNTED, timeout=600_000)
        counted = time.perf_counter() - begin
        page.locator(".stage[data-frame]").wait_for(timeout=600_000)
        painted = time.perf_counter() - begin
        page.wait_for_function(USABLE, timeout=600_000)
        usable = time.perf_counter() - begin
        spent = _processor_seconds(address)
        spent = {who: seconds - before.get(who, 0) for who, seconds in spent.items()}
        print(f"\n{words}: address {served:.1f} s after the command")
        print(
            f"  page asked for → features listed {listed:.1f} s, strips in sight counted "
            f"{counted:.1f} s, map painted {painted:.1f} s, "
            f"all usable known {usable:.1f} s"
        )
        nodes, where = page.evaluate(NODES)
        print(
            "  processor seconds until then: "
            + ", ".join(f"{who} {seconds:.1f}" for who, seconds in spent.items())
            + f"; {sum(received) / 1e6:.2f} MB to the page; {nodes:,} nodes, most of them "
            + ", ".join(f"{count:,} in {host}" for host, count in where)
        )
        frames, longest, strips = page.evaluate(SCROLL)
        print(
            f"  scrolling the list: {frames:.0f} frames a second, longest {longest:.0f} ms, "
            f"{strips} strips in the document"
        )
        if name not in FAMILIES:
            _clicks(page, repeats)
        print(f"  server and workers: {_memory(address) / 1e9:.2f} GB")
        page.close()


def _clicks(page: Any, repeats: int) -> None:
    page.wait_for_function(COUNTED, timeout=600_000)
    names = page.locator(".strip").evaluate_all(
        "strips => strips.map((strip) => strip.dataset.name)"
    )
    page.locator(f".strip[data-name={json.dumps(names[0])}] .name").click()
    page.locator(".feature-page canvas, .bk-Figure").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2_500)  # the tab and its plots are built when it is first opened
    page.evaluate(WATCH)
    shown, plotted = [], []
    for name in (names * repeats)[1 : repeats + 1]:
        page.locator(f".strip[data-name={json.dumps(name)}] .name").click()
        page.wait_for_timeout(900)
        clicked, first, last = page.evaluate("() => [window.clicked, window.shown, window.plotted]")
        if first:
            shown.append(first[0] - clicked)
        if last:
            plotted.append(last[-1] - clicked)
    for words, times in (("name and cards", shown), ("last plot", plotted)):
        figures = (
            f"median {statistics.median(times):4.0f} ms, worst {max(times):4.0f} ms of {len(times)}"
        )
        print(f"  click on a strip → {words:15} {figures}  (bar: 300 ms)")


def _table(name: str, folder: Path) -> tuple[tuple[str, ...], str]:
    if (shape := TABLES[name]) is None:
        return ("demo",), "films, 17,472 × 63"
    rows, columns = shape
    path = folder / f"{name}.parquet"
    settings = {"path": str(path), "kind": "mixed", "rows": rows, "columns": columns}
    runs = Path(__file__).parent / "shared" / "profile_runs.py"
    subprocess.run(
        [sys.executable, str(runs), "write", json.dumps(settings)], check=True, capture_output=True
    )
    return ("serve", str(path)), f"{rows:,} × {columns:,}"


def _count_bytes(page: Any) -> list[int]:
    """Return a list that grows by the bytes that the page is sent, by HTTP and by WebSocket."""
    received: list[int] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.dataReceived", lambda event: received.append(event["dataLength"]))
    network.on(
        "Network.webSocketFrameReceived",
        lambda event: received.append(len(event["response"]["payloadData"])),
    )
    return received


def _processor_seconds(address: str) -> dict[str, float]:
    """Return the processor seconds that the server, its workers and Chromium have used."""
    server = _server(address)
    chromium = [
        process
        for process in psutil.Process().children(recursive=True)
        if "chrom" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    ]
    groups = {
        "server": [server],
        "workers": server.children(recursive=True),
        "Chromium": chromium,
    }
    return {name: sum(map(_seconds, processes)) for name, processes in groups.items()}


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _server(address: str) -> psutil.Process:
    port = int(address.rsplit(":", 1)[1].split("/")[0])
    own = next(
        one.pid
        for one in psutil.net_connections("tcp")
        if one.laddr.port == port and one.status == "LISTEN"
    )
    return psutil.Process(own)


def _memory(address: str) -> int:
    server = _server(address)
    return sum(one.memory_info().rss for one in (server, *server.children(recursive=True)))


if __name__ == "__main__":
    main()
