"""Frames beside Datashader's.

    python tests/benchmarks/bench_frames.py [ROWS ...]   (default 1,000,000 and 10,000,000)

Synthetic rows: 30 Gaussian blobs in random order, float32, 900×700 pixels. Each line is the median
of interleaved runs, warm, in milliseconds: ours on all cores, and Datashader's ``Canvas.points`` or
``shade`` on a pandas frame with the rows as they came ("as given") and, for fairness, in our tile
order ("tiled"). While a peer works, zeros for our next counts by category are laid ready, as
between two frames of a page (`explorer.map.raster.pool`); "without a pause" is the same call again
and again, each waiting for the one before.
"""

import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

import datashader as ds
import datashader.transfer_functions as tf
import numpy as np
import pandas as pd

from explorer.map.geometry import lasso_mask, pick
from explorer.map.map_store import build_store
from explorer.map.paint.color import Categorical, Continuous, Density
from explorer.map.precompile import warm_kernels
from explorer.map.pyramid import build_pyramid
from explorer.map.raster import aggregate as exact
from explorer.map.raster.frame import aggregate, frame, normalise, paint
from explorer.map.viewport import Viewport

RUNS = 7
K = 10


@dataclass
class Line:
    name: str
    ours: float
    peers: list[float]


def blobs(n):
    rng = np.random.default_rng(0)
    centres, spreads = rng.uniform(-10, 10, (30, 2)), rng.uniform(0.2, 1.2, 30)
    xy = np.empty((n, 2), np.float32)
    for start in range(0, n, 1_000_000):
        part = xy[start : start + 1_000_000]
        blob = rng.integers(0, 30, len(part))
        part[:] = centres[blob] + rng.standard_normal(part.shape) * spreads[blob, None]
    return xy


def timed(*calls, runs=RUNS):
    """Return the median milliseconds of each call; calls take turns after one to warm up."""
    seconds = [[] for _ in calls]
    for turn in range(runs + 1):
        for call, kept in zip(calls, seconds, strict=True):
            start = time.perf_counter()
            call()
            if turn:
                kept.append(time.perf_counter() - start)
    return [1e3 * statistics.median(kept) for kept in seconds]


def pandas_frame(xy, values, codes):
    categories = pd.Categorical.from_codes(codes, [str(k) for k in range(K)])
    return pd.DataFrame({"x": xy[:, 0].copy(), "y": xy[:, 1].copy(), "v": values, "c": categories})


def aggregates(store, frames, values, codes, view, title):
    """Count, mean and by category in one viewport."""
    canvas = ds.Canvas(view.width, view.height, view.x_range, view.y_range)
    work = [
        ("count", lambda: exact.count(store, view), ds.count()),
        ("mean", lambda: exact.mean(store, view, values), ds.mean("v")),
        (f"by {K} categories", lambda: exact.by(store, view, codes, K), ds.by("c", ds.count())),
    ]
    for name, ours, reduction in work:
        peers = [lambda f=f, r=reduction: canvas.points(f, "x", "y", r) for f in frames]
        mine, *others = timed(ours, *peers)
        yield Line(f"{title}: {name}", mine, others)
    yield Line(f"{title}: by {K}, without a pause", timed(work[-1][1], runs=5 * RUNS)[0], [])


def pyramids(store, frames, values, codes, view):
    """The same zoomed out from a pyramid, and the time to build it.

    The first frame after a new colour waits for neither.
    """
    canvas = ds.Canvas(view.width, view.height, view.x_range, view.y_range)
    work = [
        ("count", Density(), ds.count()),
        ("mean", Continuous(values), ds.mean("v")),
        (f"by {K} categories", Categorical(codes, K), ds.by("c", ds.count())),
    ]
    for name, colour, reduction in work:
        start = time.perf_counter()
        pyramid = build_pyramid(store, colour)
        yield Line(f"build the pyramid: {name}", 1e3 * (time.perf_counter() - start), [])
        peers = [lambda f=f, r=reduction: canvas.points(f, "x", "y", r) for f in frames]
        mine, *others = timed(lambda p=pyramid: p.aggregate(view), *peers)
        pixels = pyramid.aggregate(view).counts.size / (view.width * view.height)
        yield Line(f"pyramid: {name} ({pixels:.1f} of the pixels)", mine, others)


def shading(store, values, codes, view):
    """From the aggregate to RGBA, without and with the aggregate."""
    colours = {
        "density": Density(),
        "mean": Continuous(values),
        f"{K} categories": Categorical(codes, K),
    }
    arrays = {
        "density": exact.count(store, view),
        "mean": exact.mean(store, view, values),
        f"{K} categories": exact.by(store, view, codes, K),
    }
    for name, colour in colours.items():
        numbers = aggregate(store, view, colour)
        peer = _data_array(arrays[name])
        keys = {"color_key": [f"#{k * 1000:06x}" for k in range(K)]} if peer.ndim == 3 else {}
        mine, other = timed(
            lambda n=numbers, c=colour: paint(normalise(n, c), c),
            lambda a=peer, k=keys: tf.shade(a, **k),
        )
        yield Line(f"shade {name}", mine, [other])
    for name, colour in colours.items():
        yield Line(f"whole frame {name}", timed(lambda c=colour: frame(store, view, c))[0], [])


def _data_array(array):
    import xarray as xr

    if array.ndim == 2:
        return xr.DataArray(array, dims=["y", "x"])
    return xr.DataArray(
        array, dims=["y", "x", "c"], coords={"c": [str(k) for k in range(array.shape[2])]}
    )


def shapes(store, view):
    """Lasso of 120 vertices around about a quarter of the rows, and pick."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    radius = 5 * (1 + 0.4 * np.sin(5 * angle))
    polygon = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    yield Line("lasso, 120 vertices", timed(lambda: lasso_mask(store, polygon))[0], [])
    x, y = (float(a[store.n // 2]) for a in (store.x, store.y))
    yield Line(
        "pick within 8 pixels",
        timed(lambda: pick(store, x, y, 8 * view.unit[0], 8 * view.unit[1]))[0],
        [],
    )


def measure(n, folder):
    xy = blobs(n)
    warm_kernels()
    start = time.perf_counter()
    store = build_store(xy, f"{folder}/{n}")
    yield Line("build the store", 1e3 * (time.perf_counter() - start), [])
    rng = np.random.default_rng(1)
    values, codes = (
        rng.standard_normal(n).astype(np.float32),
        rng.integers(0, K, n).astype(np.uint8),
    )
    tiled = store.arrange(values), store.arrange(codes)
    frames = [pandas_frame(xy, values, codes), pandas_frame(xy[store.order], *tiled)]
    whole = Viewport.fitted(store.extent, 900, 700)
    x, y = map(float, xy[0])
    for zoom, title in ((1, "whole"), (8, "1/64 of the area"), (64, "1/4096")):
        yield from aggregates(store, frames, *tiled, whole.zoomed(x, y, zoom), title)
    yield from pyramids(store, frames, *tiled, whole)
    yield from shading(store, *tiled, whole)
    yield from shapes(store, whole)


def report(n, lines, before):
    print(
        f"\n{n:,} rows\n{'':44}{'ours ms':>9}{'as given':>10}{'tiled':>9}{'ratio':>8}{'growth':>9}"
    )
    for line in lines:
        peers = "".join(
            f"{peer:>{width}.1f}" for peer, width in zip(line.peers, (10, 9), strict=False)
        )
        ratio = f"{line.peers[0] / line.ours:.1f}×" if line.peers else ""
        growth = f"{line.ours / before[line.name]:.1f}×" if line.name in before else ""
        print(f"{line.name:44}{line.ours:>9.2f}{peers:19}{ratio:>8}{growth:>9}")
    print(
        "peak memory of the process so far "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB"
    )


def main(arguments):
    sizes = [int(a.replace(",", "").replace("_", "")) for a in arguments] or [1_000_000, 10_000_000]
    before = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            lines = list(measure(n, folder))
            report(n, lines, before)
            before = {line.name: line.ours for line in lines}


if __name__ == "__main__":
    main(sys.argv[1:])
