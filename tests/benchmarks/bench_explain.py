"""Explaining a selection: seconds to the first sentence, and to exact figures.

    python tests/benchmarks/bench_explain.py [--rows 1000000] [--columns 60] [--folder DIR]
        [--page] [--repeats 12] [--pause 5]

A table of normal, skewed and whole numbers, yes and no, categories, times, a title and an
identifier, a tenth of the cells of some columns missing; six groups of rows differ in a part of the
columns, and ten columns are said to have drawn the map. Prints
 ahead    what is read before anybody selects: columns in steps, which features follow from those of
          the map; the second time they come from the cache
 groups   a third of the rows at random, an islet, an islet less a third of its rows, 352 rows:
          seconds to the first sentence (bar: .5), to the last one (bar: 2), and processor seconds

With --page a lasso is timed in Chromium: the table is served, and boxes of different sizes are
drawn once its map is there and what explanations need is read ahead; the selection is cleared
between two of them. Prints, from the release of the mouse, median and worst of the first sentence
and of its last change, and the processor seconds of the server until then and until all that
follows a selection is done. With --folder the table, the cache and its map are kept, so that two
versions can be measured on one map.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.table.table import Table

DRAWING = 10  # columns that drew the map
READ = 150_000_000  # cells that may be read for exact figures, as on the page

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
        if (card.classList.contains('pending')) return; // still the sentence on the last box
        const text = card.querySelector('.sentence').textContent;
        // without a number it says that the server is looking for differences
        if (text !== last && /\\d/.test(text)) window.sentences.push([performance.now(), text]);
        last = text;
    }).observe(card, { childList: true, subtree: true, characterData: true, attributes: true });
    window.addEventListener('pointerup', () => {
        window.released = performance.now(); window.sentences = [];
    }, { capture: true });
}"""
QUIET = 0.1  # processor seconds of the server and its workers in a second in which nothing runs
SHARES = (0.04, 0.3, 0.12, 0.2, 0.06, 0.25)  # sides of a box, of the sides of the map


def columns_of(rows: int, columns: int, group: NDArray[np.int64]) -> dict[str, Any]:
    import pyarrow as pa

    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(rows, 6)).astype(np.float32)
    made: dict[str, Any] = {}
    numbers = columns - 16
    for j in range(numbers):
        values = hidden @ rng.normal(size=6).astype(np.float32) / 2
        values += rng.normal(size=rows).astype(np.float32)
        if j < DRAWING:
            values += 4 * (group == j % 6)
        if j % 9 == 0:
            values = np.exp(values / 3)
        elif j % 7 == 3:
            values = np.round(values * 4)
        made[f"x{j}"] = pa.array(values, mask=rng.random(rows) < 0.1 if j % 5 == 0 else None)
    for j in range(8):
        shares = rng.dirichlet(np.ones(5 + 4 * j))
        codes = rng.choice(len(shares), rows, p=shares) + 2 * (group == j % 6)
        names = np.array([f"level {k}" for k in range(len(shares))])
        made[f"category {j}"] = pa.array(names[codes % len(shares)]).dictionary_encode()
    for j in range(4):
        made[f"yes {j}"] = pa.array(rng.random(rows) < 0.2 + 0.3 * (group == j))
    for j in range(2):
        seconds = 1.6e9 + 1e8 * rng.random(rows) + 5e7 * (group == j)
        made[f"time {j}"] = pa.array(seconds.astype(np.int64) * 1000, pa.timestamp("ms"))
    made["title"] = pa.array([f"Row number {row}" for row in range(rows)])
    made["id"] = pa.array(np.arange(rows))
    return made


def table_of(folder: Path, columns: dict[str, Any]) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from explorer.core.cache import Cache
    from explorer.table.table import open_table

    path = folder / "rows.parquet"
    if not path.exists():
        pq.write_table(pa.table(columns), path)
    return open_table(str(path), cache=Cache(folder / "cache", limit_bytes=10**10))


def explained(table: Table, chosen: NDArray[np.bool_], seen: dict[str, str]) -> None:
    from explorer.compare.compute import selection_of
    from explorer.compare.explanation.compute import explain_selection

    selection, first = selection_of(table, chosen, "A"), []
    start, processor = time.perf_counter(), time.process_time()

    def preview(explanation: Any) -> None:
        first.append((time.perf_counter() - start, len(explanation.sentence)))

    found = explain_selection(table, selection, seen=seen, most_cells=READ, preview=preview)
    last = time.perf_counter() - start
    began = first[0][0] if first else last
    print(
        f"  {chosen.sum():>9,} rows: first sentence {began:.2f} s (bar: .5)   exact {last:.2f} s "
        f"(bar: 2)   processor {time.process_time() - processor:.2f} s\n    {found.sentence}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=60)
    parser.add_argument("--folder", help="where the table and its cache are written")
    parser.add_argument("--page", action="store_true", help="time a lasso in Chromium")
    parser.add_argument("--repeats", type=int, default=12, help="boxes")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds after a box, at most")
    asked = parser.parse_args()
    if asked.page:
        with tempfile.TemporaryDirectory(prefix="bench-explain-") as folder:
            measure_page(Path(asked.folder or folder), asked)
        return
    from explorer.compare.explanation.compute import prepare_explanations
    from explorer.compare.precompile import warm_comparing

    warm_comparing()
    group = np.random.default_rng(1).integers(0, 6, asked.rows)
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="bench-explain-") as folder:
        columns = columns_of(asked.rows, asked.columns, group)
        seen = {f"x{j}": "drew this map" for j in range(DRAWING)}
        print(
            f"{asked.rows:,} rows × {len(columns)} columns, {os.cpu_count()} cores, "
            f"load {os.getloadavg()[0]:.1f}"
        )
        for when in ("first time", "from the cache"):
            table = table_of(Path(folder), columns)
            start = time.perf_counter()
            prepare_explanations(table, seen)
            print(f"  ahead, {when}: {time.perf_counter() - start:.1f} s", flush=True)
        rows = np.arange(asked.rows)
        for chosen in (
            np.random.default_rng(2).random(asked.rows) < 1 / 3,
            group == 1,
            (group == 2) & (rows % 3 > 0),
            np.isin(rows, np.flatnonzero(group == 3)[:352]),
        ):
            explained(table, chosen, seen)
        print(f"  load {os.getloadavg()[0]:.1f}")


def measure_page(folder: Path, chosen: argparse.Namespace) -> None:
    from bench_features_page import chrome, shared
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
    from bench_features_page import _processor_seconds

    spent = _processor_seconds(address)
    return spent["server"], spent["workers"]


def _server_seconds(address: str) -> float:
    return _own_seconds(address)[0]


if __name__ == "__main__":
    main()
