"""Reviews: how long a verdict takes until it is on the disk, and how that grows with what is kept.

python tests/benchmarks/bench_review.py [--postgres URL]

A review of 800 features by three people with a history of ten verdicts each is 24,000 verdicts.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from explorer.review.evidence import Evidence
from explorer.review.opinion import opinions_of
from explorer.review.review_store import open_store
from explorer.review.verdict import Verdict

_WRITER = """
import sys, time
from explorer import open_store
store = open_store(sys.argv[1])
for k in range(200):
    store.verdict(f"f{k}", "keep", reason="r", reviewer=sys.argv[2], in_set="crowd@1")
"""


def timed(work, repeats=30):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return 1_000 * statistics.median(seconds), 1_000 * max(seconds)


def evidence(k):
    picture = "<svg>" + "M0 1v2h3" * 60 + "</svg>"
    return Evidence(
        kind="profile",
        subject=f"f{k}",
        numbers={f"n{i}": i / 7 for i in range(40)},
        picture=picture,
    )


def grow(store, kept):
    given = [
        Verdict(
            feature=f"f{k % 800}",
            decision="keep",
            reason="r" * 60,
            reviewer=f"r{k % 3}",
            in_set="core@1",
        )
        for k in range(kept)
    ]
    for start in range(0, kept, 2_000):
        store.write(given[start : start + 2_000])


def measure(name, url):
    store = open_store(url)
    print(
        f"{name:10} {'kept':>8} {'a verdict':>20} {'43 at once':>12} {'reading all':>12} "
        f"{'looking for news':>17}"
    )
    kept = 0
    for more in (0, 2_400, 21_600):
        grow(store, more)
        kept += more
        count = iter(range(10**6))
        one = timed(
            lambda count=count: store.verdict(
                f"f{next(count) % 800}",
                "drop",
                reason="r",
                reviewer="me",
                in_set="core@1",
                evidence=[evidence(1)],
            )
        )
        many = [
            Verdict(feature=f"f{k}", decision="drop", reason="r", reviewer="me", in_set="x@1")
            for k in range(43)
        ]
        bulk = timed(
            lambda many=many: store.write([Verdict(**{**v.document(), "id": ""}) for v in many]), 5
        )
        read = timed(lambda: opinions_of(store.verdicts(in_set="core")), 5)
        news = timed(store.newest)
        print(
            f"{'':10} {kept:8,} {one[0]:8.1f} ms (≤ {one[1]:5.1f}) {bulk[0]:9.1f} ms "
            f"{read[0]:9.1f} ms {news[0]:14.2f} ms"
        )
    start = time.perf_counter()
    crowd = [subprocess.Popen([sys.executable, "-c", _WRITER, url, f"r{k}"]) for k in range(5)]
    for process in crowd:
        process.wait()
    seconds = time.perf_counter() - start
    kept = len(store.verdicts(in_set="crowd"))
    print(
        f"{'':10} five processes at once: {kept:,} of 1,000 verdicts in {seconds:.1f} s, their "
        "start included"
    )
    store.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--postgres", metavar="URL", help="an empty database of PostgreSQL, measured beside SQLite"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{Path(folder) / 'reviews.db'}")
    if arguments.postgres:
        measure("PostgreSQL", arguments.postgres)


if __name__ == "__main__":
    main()
