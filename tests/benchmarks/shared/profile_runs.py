"""What the children of bench_profile.py do: write, read and profile a table, print JSON.

python tests/benchmarks/shared/profile_runs.py TASK SETTINGS
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from peers import say  # a script of this folder, run by its path

GROUP_ROWS = 131_072


def main() -> None:
    TASKS[sys.argv[1]](json.loads(sys.argv[2]))


def write(settings: dict[str, Any]) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, rows, columns = np.random.default_rng(0), settings["rows"], settings["columns"]
    makes = kinds() if settings["kind"] == "mixed" else {"float32": kinds()["float32"]}
    named = [
        (f"{kind} {i}", make)
        for i, (kind, make) in zip(range(columns), cycle(makes.items()), strict=False)
    ]
    writer = None
    for start in range(0, rows, GROUP_ROWS):
        block = pa.table({name: make(rng, min(GROUP_ROWS, rows - start)) for name, make in named})
        writer = writer or pq.ParquetWriter(settings["path"], block.schema)
        writer.write_table(block)
    assert writer is not None
    writer.close()
    say()


def kinds() -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    levels = np.array([f"level {i}" for i in range(12)])
    return {
        "normal": lambda rng, n: rng.normal(size=n),
        "float32": lambda rng, n: rng.lognormal(size=n).astype(np.float32),
        "counts": lambda rng, n: rng.poisson(4, n),
        "few values": lambda rng, n: np.floor(rng.random(n) * 20) / 4,
        "rounded": lambda rng, n: rng.normal(20, 5, n).round(2),
        "missing": lambda rng, n: pa.array(rng.gamma(2, 3, n), mask=rng.random(n) < 0.1),
        "text": lambda rng, n: pa.array(levels[(rng.random(n) ** 2 * 12).astype(int)]),
        "time": lambda rng, n: (rng.integers(0, 365 * 86_400, n) + 1_600_000_000).astype(
            "datetime64[s]"
        ),
        "integer": lambda rng, n: rng.integers(0, 10_000_000, n).astype(np.int32),
        "uniform": lambda rng, n: rng.random(n),
    }


def read(settings: dict[str, Any]) -> None:
    import pyarrow.parquet as pq

    start, rows = time.perf_counter(), 0
    for batch in pq.ParquetFile(settings["path"]).iter_batches(GROUP_ROWS):
        rows += batch.num_rows
    say(seconds=time.perf_counter() - start, rows=rows)


def profile(settings: dict[str, Any]) -> None:
    """Profile in a fresh cache, and again from it.

    Counting ends with the last report of a feature; keeping, in the same time, is timed by itself.
    """
    from explorer.profile.counting import counting
    from explorer.profile.profile_store import ProfileStore

    warm(settings["cache"])
    if settings["blocks"]:
        counting._WHOLE_ROWS = 0
    keeping, put = 0.0, ProfileStore.put

    def timed(*arguments: Any) -> None:
        nonlocal keeping
        begun = time.perf_counter()
        put(*arguments)
        keeping += time.perf_counter() - begun

    ProfileStore.put = timed  # type: ignore[method-assign]
    table, start = opened(settings["path"], settings["cache"]), time.perf_counter()
    reports = [start]
    table.profile(progress=lambda *_: reports.append(time.perf_counter()))
    end = time.perf_counter()
    parts = {
        "counting": reports[-1] - start,
        "keeping meanwhile": keeping,
        "redundancy and the rest": end - reports[-1],
    }
    table, again = opened(settings["path"], settings["cache"]), time.perf_counter()
    table.profile()
    say(seconds=end - start, parts=parts, again={"seconds": time.perf_counter() - again})


def command(settings: dict[str, Any]) -> None:
    os.environ["EXPLORER_CACHE"] = settings["cache"]
    from explorer.app.cli import main as explorer

    with contextlib.redirect_stdout(sys.stderr):
        ended = explorer(settings["arguments"])
    if ended:
        raise SystemExit(ended)
    say()


def count(settings: dict[str, Any]) -> None:
    """Count every feature of a table that is in memory, as the peer's frame is."""
    import pyarrow.parquet as pq

    from explorer.profile.counting.counting import count_features

    warm(settings["cache"])
    table, start = opened(pq.read_table(settings["path"]), settings["cache"]), time.perf_counter()
    found = list(count_features(table.source, table.features, table.column_names))
    say(seconds=time.perf_counter() - start, columns=len(found))


def strips(settings: dict[str, Any]) -> None:
    """Count what is on the screen first, as the page does while exact counts are on their way."""
    from explorer.profile.background import _SAMPLE_ROWS
    from explorer.profile.counting.counting import count_features

    warm(settings["cache"])
    start = time.perf_counter()
    table = opened(settings["path"], settings["cache"])
    ready = time.perf_counter()
    names, rows = table.column_names[: settings["columns"]], min(_SAMPLE_ROWS, table.num_rows)
    found = list(count_features(table.source, table.features, names, sample_rows=rows))
    say(seconds=time.perf_counter() - ready, opened=ready - start, rows=rows, columns=len(found))


def sampled(settings: dict[str, Any]) -> None:
    import numpy as np

    from explorer.profile.checks.ecod import ecod
    from explorer.profile.checks.multivariate import robust_distances
    from explorer.profile.counting.distribution import Distribution
    from explorer.profile.relations.correlations import sampled_numbers
    from explorer.profile.relations.redundancy import correlations
    from explorer.profile.suggestion import try_transforms

    with tempfile.TemporaryDirectory() as cache:
        warm(cache)
        table = opened(settings["path"], cache)
        names, cells = numeric(table), []
        rows, features = min(settings["rows"], table.num_rows), table.features
        robust_distances(np.random.default_rng(0).normal(size=(500, 3)))  # loads scikit-learn
        runs = {
            "drawing the rows": lambda: cells.extend(
                sampled_numbers(table.source, names, rows, features)
            ),
            "Spearman, Pearson, groups; draws its own": lambda: correlations(
                table.source, names, rows, features=features
            ),
            "ECOD": lambda: ecod(np.column_stack([one for _, one in cells])),
            "robust distances (MinCovDet)": lambda: robust_distances(
                np.column_stack([one for _, one in cells])
            ),
            "six transforms of each": lambda: [
                try_transforms(Distribution.of(one[np.isfinite(one)]).thinned(2_048))
                for _, one in cells
            ],
        }
        parts = {name: seconds(one) for name, one in runs.items()}
    say(seconds=sum(parts.values()), parts=parts, columns=len(names))


def agreement(settings: dict[str, Any]) -> None:
    import numpy as np
    import pyarrow.parquet as pq
    from scipy import stats

    worst: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as cache:
        table = opened(settings["path"], cache)
        names = numeric(table)[: settings["columns"]]
        profiles = table.profile(names)
    for name in names:
        cells = (
            pq.read_table(settings["path"], columns=[name])[name]
            .drop_null()
            .to_numpy()
            .astype(np.float64)
        )
        theirs = {
            "mean": cells.mean(),
            "std": cells.std(ddof=1),
            "skewness": stats.skew(cells),
            "excess_kurtosis": stats.kurtosis(cells),
            "min": cells.min(),
            "max": cells.max(),
        }
        for figure, value in theirs.items():
            apart = abs(getattr(profiles[name], figure) - value) / (abs(value) or 1.0)
            worst[figure] = max(worst.get(figure, (-1.0, "")), (float(apart), name))
    say(differences=worst, columns=len(names))


TASKS = {
    "write": write, "read": read, "profile": profile, "command": command, "count": count,
    "strips": strips, "sampled": sampled, "agreement": agreement,
}  # fmt: skip


def opened(path: Any, cache: str) -> Any:
    import explorer
    from explorer.core.cache import Cache

    table = explorer.open_table(path, cache=Cache(Path(cache)))
    assert table.features  # what they are is found out here
    return table


def numeric(table: Any) -> list[str]:
    return [name for name, feature in table.features.items() if feature.kind == "numeric"]


def seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def warm(cache: str) -> None:
    """Load every kernel on a small table of the same kinds."""
    import numpy as np
    import pyarrow as pa

    import explorer
    from explorer.core.cache import Cache

    rng = np.random.default_rng(1)
    small = pa.table({name: make(rng, 20_000) for name, make in kinds().items()})
    explorer.open_table(small, cache=Cache(Path(cache))).profile()


if __name__ == "__main__":
    main()
