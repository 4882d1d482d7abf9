"""A lasso in Chromium: milliseconds until its rows are explained.

    python tests/benchmarks/bench_lasso.py [--rows 1000000] [--columns 60] [--repeats 12]
        [--folder DIR] [--pause 5]

Serves the table of `bench_explain.py`, waits for its map and until the server has read ahead what
explanations need, and draws boxes of different sizes with the mouse; the selection is cleared
between two of them. Prints, from the release of the mouse, median and worst of the first sentence
(bar: 500 ms) and of the last change of it (bar: 2 s), and of the processor seconds of the server
from there until the last change, and until all that follows a selection is done. With --folder the
table and the cache are kept, so that two versions can be measured on one map.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench_explain import columns_of, table_of
from bench_features_page import _processor_seconds, chrome, shared

# The card lies in a shadow root. What is said is the text of its sentence.
WATCH = """() => {
    window.released = 0; window.sentences = [];
    const find = (root) => { for (const node of root.querySelectorAll('*')) {
        if (!node.shadowRoot) continue;
        const card = node.shadowRoot.querySelector('.explanation'); if (card) return card;
        const inner = find(node.shadowRoot); if (inner) return inner; } };
    const card = find(document);
    let last = '';
    new MutationObserver(() => {
        const node = card.querySelector('.sentence:not(.pending)');
        const text = node ? node.textContent : '';
        if (text !== last && text) window.sentences.push([performance.now(), text]);
        last = text;
    }).observe(card, { childList: true, subtree: true, characterData: true, attributes: true });
    window.addEventListener('pointerup', () => {
        window.released = performance.now(); window.sentences = [];
    }, { capture: true });
}"""
QUIET = 0.1  # processor seconds of the server and its workers in a second in which nothing runs
SHARES = (0.04, 0.3, 0.12, 0.2, 0.06, 0.25)  # sides of a box, of the sides of the map


def main() -> None:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--folder", help="where the table and the cache are kept")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds after a box, at most")
    chosen = parser.parse_args()
    if chosen.folder:
        measure(Path(chosen.folder), chosen)
        return
    with tempfile.TemporaryDirectory(prefix="bench-lasso-") as folder:
        measure(Path(folder), chosen)


def measure(folder: Path, chosen: argparse.Namespace) -> None:
    from playwright.sync_api import sync_playwright

    path = folder / "rows.parquet"
    if not path.exists():
        group = np.random.default_rng(1).integers(0, 6, chosen.rows)
        table_of(folder, columns_of(chosen.rows, chosen.columns, group))
    with (
        sync_playwright() as api,
        chrome.running_server(
            "serve", str(path), cache=folder / "cache", log=folder / "log.txt"
        ) as address,
    ):
        browser = api.chromium.launch(
            executable_path=shared.chromium_path(), args=shared.CHROMIUM_FLAGS
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        begin = time.perf_counter()
        page.goto(address, timeout=120_000)
        page.locator(".stage[data-frame]").wait_for(timeout=900_000)
        page.wait_for_timeout(5_000)
        page.locator(".job.shown").wait_for(state="hidden", timeout=900_000)
        _wait_until_quiet(address, seconds=5)
        print(
            f"{chosen.rows:,} rows × {chosen.columns} columns, {os.cpu_count()} cores, load "
            f"{os.getloadavg()[0]:.1f}; map and what is read ahead after "
            f"{time.perf_counter() - begin:.0f} s",
            flush=True,
        )
        _draw(page, address, chosen)
        browser.close()
    print(f"  load {os.getloadavg()[0]:.1f}")


def _draw(page: Any, address: str, chosen: argparse.Namespace) -> None:
    page.get_by_role("button", name="Box", exact=True).click()
    page.evaluate(WATCH)
    stage = page.locator(".stage").bounding_box()
    times: dict[str, list[float]] = {"first": [], "last": [], "said": [], "all": []}
    for k in range(chosen.repeats):
        share = SHARES[k % len(SHARES)]
        width, height = share * stage["width"], share * stage["height"]
        left = stage["x"] + stage["width"] / 2 - width * (k % 3) / 2
        top = stage["y"] + stage["height"] / 2 - height * (k % 2) / 2
        page.mouse.move(left, top)
        page.mouse.down()
        page.mouse.move(left + width, top + height, steps=6)
        page.wait_for_timeout(200)  # of frames under the pointer
        before = _server_seconds(address)
        page.mouse.up()
        said, busy, quiet = 0.0, before, 0
        for _ in range(round(4 * chosen.pause)):
            page.wait_for_timeout(250)
            now = _server_seconds(address)
            if page.locator(".explanation").get_by_text("Typical:").count() and not said:
                said = now
            quiet = quiet + 1 if now - busy < QUIET / 4 else 0
            busy = now
            if said and quiet >= 4:
                break
        released, sentences = page.evaluate("() => [window.released, window.sentences]")
        if not sentences:
            print(f"  box {k + 1}: nothing was said in {chosen.pause:.0f} s")
            continue
        times["first"].append(sentences[0][0] - released)
        times["last"].append(sentences[-1][0] - released)
        times["said"].append((said or busy) - before)
        times["all"].append(busy - before)
        print(
            f"  box {k + 1:2}, {len(sentences)} texts: first {times['first'][-1]:5.0f} ms, last "
            f"{times['last'][-1]:5.0f} ms   {sentences[-1][1][:60]}",
            flush=True,
        )
        page.keyboard.press("Escape")
        _wait_until_quiet(address, seconds=1)
    _print(times)


def _print(times: dict[str, list[float]]) -> None:
    if not times["first"]:
        return
    for key, what in (("first", "first sentence (bar: 500 ms)"), ("last", "last text (bar: 2 s)")):
        print(
            f"  release of the mouse → {what:29} median {statistics.median(times[key]):5.0f} ms, "
            f"worst {max(times[key]):5.0f} ms of {len(times[key])}"
        )
    for key, what in (("said", "until the last text"), ("all", "until all is done")):
        print(
            f"  processor seconds of the server {what:20} median "
            f"{statistics.median(times[key]):4.2f}, worst {max(times[key]):4.2f}"
        )


def _wait_until_quiet(address: str, seconds: int) -> None:
    """Wait until the server and its workers have done nothing for some seconds."""
    calm, last = 0, sum(_own_seconds(address))
    while calm < seconds:
        time.sleep(1)
        now = sum(_own_seconds(address))
        calm = calm + 1 if now - last < QUIET else 0
        last = now


def _own_seconds(address: str) -> tuple[float, float]:
    spent = _processor_seconds(address)
    return spent["server"], spent["workers"]


def _server_seconds(address: str) -> float:
    return _own_seconds(address)[0]


if __name__ == "__main__":
    main()
