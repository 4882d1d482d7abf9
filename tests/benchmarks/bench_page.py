"""The page in Chromium, beside stock HoloViews rasterize on the same coordinates.

    python tests/benchmarks/bench_page.py [--flights flights.parquet] [--rows 3000000]
        [--repeats 12]

Prints, for the films and for as many rows: milliseconds from a wheel event to the next painted
frame (median and worst), frames during one second of dragging, and their ratio; seconds from
opening the page at a running server to the picture of the first frame and to the live map;
milliseconds from choosing a column to its painted colours, the first time and again. Without
--flights the rows are the films' map resampled with jitter: synthetic, for drawing only. Then:
seconds from `explorer demo` to the first map, `explorer --help`, and the server's memory with 1 and
10 sessions.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from shared.load_tests import load_test_module

shared, chrome = load_test_module("conftest.py"), load_test_module("browser/conftest.py")

# Both pages report here when a new picture has reached the screen.
OURS = """() => {
    window.painted = []; window.wheels = [];
    const find = root => { for (const el of root.querySelectorAll('*')) { if (el.shadowRoot) {
        const stage = el.shadowRoot.querySelector('.stage'); if (stage) return stage;
        const inner = find(el.shadowRoot); if (inner) return inner; } } };
    const stage = find(document);
    const painted = () => window.painted.push([performance.now(), stage.dataset.moving]);
    new MutationObserver(() => requestAnimationFrame(painted))
        .observe(stage, { attributes: true, attributeFilter: ['data-frame'] });
    window.addEventListener('wheel', () => window.wheels.push(performance.now()), {
        capture: true,
    });
}"""
STOCK = """() => {
    window.painted = []; window.wheels = [];
    const doc = Bokeh.documents[0];
    const painted = () => window.painted.push([performance.now(), 'false']);
    for (const model of doc._all_models.values()) {
        if (model.type === 'ColumnDataSource')
            model.properties.data.change.connect(() => requestAnimationFrame(painted));
    }
    window.addEventListener('wheel', () => window.wheels.push(performance.now()), {
        capture: true,
    });
}"""

STOCK_APP = """
import sys
import holoviews as hv
import pandas as pd
import panel as pn
from holoviews.operation.datashader import rasterize
hv.extension("bokeh")
frame = pd.read_parquet(sys.argv[1])
points = hv.Points(frame, ["x", "y"])
plot = rasterize(points).opts(width=900, height=700, active_tools=["wheel_zoom"], cnorm="eq_hist")
pn.serve({"/": lambda: pn.pane.HoloViews(plot)}, port=int(sys.argv[2]), show=False)
"""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        print_startup(work)
        films = work / "films.parquet"
        films.write_bytes(
            resources.files("explorer.samples").joinpath("films.parquet").read_bytes()
        )
        tables = [
            (
                "films, 17,472 rows",
                films,
                ["year", "runtime_min", "tomatometer", "log_reviews", "n_cast"],
            )
        ]
        if arguments.flights:
            tables.append(
                ("flights, 3,000,000 rows", Path(arguments.flights), ["delay", "distance", "date"])
            )
        else:
            tables.append(
                (
                    f"synthetic, {arguments.rows:,} rows",
                    synthetic(films, work, arguments.rows),
                    ["x", "y"],
                )
            )
        for name, path, features in tables:
            compare(name, path, features, work, arguments.repeats)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flights", help="flights.parquet as data/flights_recipe.py writes it")
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--repeats", type=int, default=12)
    return parser.parse_args()


def synthetic(films: Path, work: Path, n: int) -> Path:
    """Resample the films' PCA with jitter: for drawing and speed only."""
    import explorer

    os.environ["EXPLORER_CACHE"] = str(work / "cache")
    xy = (
        explorer.open_table(films)
        .project(["year", "tomatometer", "log_reviews", "n_cast"], method="pca")
        .xy
    )
    rng = np.random.default_rng(0)
    chosen = xy[rng.integers(0, len(xy), n)] + rng.normal(0, 0.05, (n, 2)).astype(np.float32)
    path = work / "synthetic.parquet"
    pq.write_table(pa.table({"x": chosen[:, 0], "y": chosen[:, 1]}), path)
    return path


def compare(name: str, path: Path, features: list[str], work: Path, repeats: int) -> None:
    """Measure our page and stock HoloViews on the same coordinates, taking turns."""
    from playwright.sync_api import sync_playwright

    coordinates = work / f"{path.stem}-xy.parquet"
    run = [
        sys.executable,
        "-m",
        "explorer",
        "project",
        str(path),
        "--method",
        "pca",
        "--features",
        ",".join(features),
        "--out",
        str(coordinates),
    ]
    subprocess.run(run, check=True, env={**os.environ, "EXPLORER_CACHE": str(work / "cache")})
    table = pq.read_table(coordinates, columns=["x", "y"])
    rng = np.random.default_rng(1)
    table = table.append_column("number", pa.array(rng.standard_normal(len(table))))
    letters = pa.DictionaryArray.from_arrays(
        pa.array(rng.integers(0, 10, len(table)).astype(np.int32)), list("abcdefghij")
    )
    table = table.append_column("letter", letters)
    served = work / f"{path.stem}-ready.parquet"
    pq.write_table(table, served)
    port = 5391
    stock_script = work / "stock.py"
    stock_script.write_text(STOCK_APP)
    stock = subprocess.Popen(
        [sys.executable, str(stock_script), str(served), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with (
            chrome.running_server(
                "serve", str(served), "--xy", "x,y", cache=work / "cache", log=work / "log.txt"
            ) as ours,
            sync_playwright() as api,
        ):
            browser = api.chromium.launch(
                executable_path=shared.chromium_path(), args=shared.CHROMIUM_FLAGS
            )
            pages = {
                "explorer": _open(browser, ours, OURS, ".stage[data-frame]"),
                "HoloViews rasterize": _open(
                    browser, f"http://localhost:{port}", STOCK, "canvas", 12
                ),
            }
            rows = {who: [] for who in pages}
            rested = []
            for turn in range(repeats + 1):
                for who, page in pages.items():
                    first, last = wheel(page, turn)
                    if turn:  # the first is the warm-up
                        rows[who].append(first)
                        if who == "explorer":
                            rested.append(last)
            dragged = {who: drag(page) for who, page in pages.items()}
            coloured = {
                name: [colour(pages["explorer"], name) for _ in range(4)]
                for name in ("number", "letter")
            }
            opened = [opening(browser, ours) for _ in range(5)]
            browser.close()
    finally:
        stock.kill()
    print(
        f"\n{name}: wheel to the next painted frame in Chromium, 1100 × 800 window, {repeats} turns"
    )
    for who, values in rows.items():
        print(
            f"  {who:22} median {statistics.median(values):7.0f} ms   worst {max(values):7.0f} "
            f"ms   frames in one second of dragging {dragged[who]}"
        )
    ratio = statistics.median(rows["HoloViews rasterize"]) / statistics.median(rows["explorer"])
    print(
        f"  ratio {ratio:.1f}; explorer's exact full-resolution frame at rest: median "
        f"{statistics.median(rested):.0f} ms after the wheel"
    )

    print(
        "  opening the page: picture of the first frame after "
        + (
            f"{statistics.median(one for one, _ in opened):.2f} s, live map "
            f"{statistics.median(two for _, two in opened):.2f} s (medians of 5)"
        )
    )
    for column, (first, *again) in coloured.items():
        print(
            f"  colour by {column}: painted after {first:.0f} ms the first time, "
            f"{statistics.median(again):.0f} ms again"
        )


def opening(browser, address: str) -> tuple[float, float]:
    """Open the page at a running server; return seconds to its picture and to the live map."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator("#first, .stage[data-frame]").first.wait_for(timeout=60_000, state="attached")
    pictured = time.perf_counter() - start
    page.locator(".stage[data-frame]").wait_for(timeout=60_000)
    live = time.perf_counter() - start
    page.close()
    return pictured, live


def colour(page, column: str) -> float:
    """Colour by a column and by density again; return milliseconds from click to colours."""
    page.bring_to_front()
    button = page.locator(f'.strip[data-name="{column}"] button.dot')
    taken = []
    for _ in range(2):
        page.evaluate("() => { window.painted = []; }")
        button.evaluate("(node) => { window.clicked = performance.now(); node.click(); }")
        time.sleep(1.5)
        painted, clicked = page.evaluate("() => [window.painted, window.clicked]")
        taken.append(painted[0][0] - clicked if painted else float("inf"))
    return taken[0]


def _open(browser, address: str, script: str, ready: str, seconds: float = 3):
    from playwright.sync_api import Error

    page = browser.new_page(viewport={"width": 1100, "height": 800})
    for _ in range(60):
        try:
            page.goto(address)
            break
        except Error:  # the server is still starting
            time.sleep(1)
    page.locator(ready).first.wait_for(timeout=60_000)
    time.sleep(seconds)
    page.evaluate(script)
    return page


def wheel(page, turn: int) -> tuple[float, float]:
    """Turn the wheel once; return milliseconds to the first new picture and to the last one."""
    page.bring_to_front()
    page.mouse.move(500, 350)
    page.evaluate("() => { window.painted = []; window.wheels = []; }")
    page.mouse.wheel(0, -120 if turn % 2 else 120)
    time.sleep(2.2)
    wheels, painted = page.evaluate("() => [window.wheels, window.painted]")
    times = [at - wheels[0] for at, _ in painted if at > wheels[0]]
    return (times[0], times[-1]) if times else (float("inf"), float("inf"))


def drag(page) -> int:
    """Drag for one second; return how many new pictures were painted meanwhile."""
    page.bring_to_front()
    page.mouse.move(450, 400)
    page.mouse.down()
    page.evaluate("() => { window.painted = []; }")
    start, step = time.time(), 0
    while time.time() - start < 1:
        step += 1
        page.mouse.move(450 + 60 * np.sin(step / 20), 400 + 2 * (step % 20))
        time.sleep(0.012)
    count = page.evaluate("() => window.painted.length")
    page.mouse.up()
    return count


def print_startup(work: Path) -> None:
    from playwright.sync_api import sync_playwright

    help_times = [_seconds([sys.executable, "-m", "explorer", "--help"]) for _ in range(5)]
    print(f"explorer --help: median {1000 * statistics.median(help_times):.0f} ms of 5")
    with sync_playwright() as api:
        browser = api.chromium.launch(
            executable_path=shared.chromium_path(), args=shared.CHROMIUM_FLAGS
        )
        for words, cache in (("empty cache", work / "first"), ("again", work / "first")):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            start = time.perf_counter()
            with chrome.running_server("demo", cache=cache, log=work / "log.txt") as address:
                served = time.perf_counter() - start
                page.goto(address)
                page.locator("#first, .stage[data-frame]").first.wait_for(
                    timeout=60_000, state="attached"
                )
                pictured = time.perf_counter() - start
                page.locator(".stage[data-frame]").wait_for(timeout=60_000)
                painted = time.perf_counter() - start
                print(
                    f"explorer demo, {words}: address after {served:.1f} s, picture "
                    f"{pictured:.1f} s, live map {painted:.1f} s"
                )
                if words == "again":
                    memory(browser, address)
            page.close()
        browser.close()


def memory(browser, address: str) -> None:
    """Print the server's resident memory with 1 and with 10 sessions."""
    own = next(
        p
        for p in psutil.process_iter(["cmdline"])
        if "demo" in (p.info["cmdline"] or []) and "explorer" in p.info["cmdline"]
    )
    one = own.memory_info().rss
    for _ in range(9):
        page = browser.new_page()
        page.goto(address)
        page.locator(".stage[data-frame]").wait_for(timeout=60_000)
    ten = own.memory_info().rss
    print(
        f"server memory: {one / 1e6:.0f} MB with 1 session, {ten / 1e6:.0f} MB with 10 "
        f"({(ten - one) / 9e6:.1f} MB a session)"
    )


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
