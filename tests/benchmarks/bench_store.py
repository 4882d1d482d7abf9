"""Building the store of a map, alone in a process.

    python tests/benchmarks/bench_store.py [ROWS ...]   (default 10,000,000 and 100,000,000)

Synthetic rows as in bench_frames.py, in a memory-mapped file of float32, and of float64 whose
decimals float32 does not hold. Each line: seconds of `build_store`, the most memory its process
held (all of it, mapped pages of the embedding included), and bytes on disk.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import peers

HERE = Path(__file__).resolve()
DEFAULT = (10_000_000, 100_000_000)


def main(arguments: list[str]) -> None:
    """Measure each size; this process stays small, as a child begins with its parent's peak."""
    sizes = [int(one.replace(",", "").replace("_", "")) for one in arguments] or list(DEFAULT)
    print(f"{'':28}{'seconds':>9}{'peak GB':>9}{'disk GB':>9}")
    for n in sizes:
        for kind in ("float32", "float64"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "xy.npy"
                peers.run([sys.executable, str(HERE), "write", kind, str(n), str(path)])
                found = peers.run([sys.executable, str(HERE), "build", str(path)])
            figures = (
                f"{found['seconds']:>9.1f}{found['peak'] / 1e9:>9.2f}{found['disk'] / 1e9:>9.2f}"
            )
            print(f"{f'{n:,} rows, {kind}':28}{figures}", flush=True)


def write(kind: str, n: int, path: str) -> None:
    """Write n rows a million at a time: 30 Gaussian blobs in random order."""
    import numpy as np

    rng = np.random.default_rng(0)
    centres, spreads = rng.uniform(-10, 10, (30, 2)), rng.uniform(0.2, 1.2, 30)
    xy = np.lib.format.open_memmap(path, "w+", np.dtype(kind), (n, 2))
    for start in range(0, n, 1_000_000):
        part = xy[start : start + 1_000_000]
        blob = rng.integers(0, 30, len(part))
        part[:] = centres[blob] + rng.standard_normal(part.shape) * spreads[blob, None]
    peers.say()


def build(path: str) -> None:
    """Build the store of a memory-mapped embedding beside its file."""
    import numpy as np

    from explorer.map.map_store import build_store

    build_store(np.random.default_rng(0).random((5000, 2)), f"{path}-warm")
    xy = np.load(path, mmap_mode="r")
    start = time.perf_counter()
    store = build_store(xy, f"{path}-map")
    seconds = time.perf_counter() - start
    peers.say(seconds=seconds, disk=sum(file.stat().st_size for file in store.files.iterdir()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif sys.argv[1:2] == ["build"]:
        build(sys.argv[2])
    else:
        main(sys.argv[1:])
