"""Rankings and engagement of millions of rows, beside pandas and scikit-learn.

    python tests/benchmarks/bench_ranking.py [ROWS] [--folder DIR]

A log of pages of twelve titles in three rows and four columns, four pages a member, two layouts
(10,000,000 rows by default), in Parquet, read cold by each in a process of its own:

 ours      `explorer.ranking` with lists, units, page and layouts: every figure with its interval
           between units, and verdicts
 peer      the same figures without any interval: pandas' group-by for MRR, success, positions,
           page and any play; `ndcg_score` of scikit-learn on one matrix of all lists, which it can
           do since all have twelve rows
 per list  `ndcg_score` called for each of 2,000 lists, as it must be where lists differ in length;
           scaled to all of them
 items     `explorer.engagement` by 5,000 items with propensities and units; beside it pandas'
           group-by of the same sums, without intervals

Each line: seconds, those of the processor, and the most memory of the process. The last lines are
ratios, and whether the figures agree.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import peers

HERE = Path(__file__).resolve()
SIZE, PAGES_OF_MEMBER, ITEMS = 12, 4, 5_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--folder", help="where the table is written")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = str(Path(folder) / "log.parquet")
        peers.run([sys.executable, str(HERE), "write", str(chosen.rows), path])
        found = {}
        for name in ("ours", "peer", "per_list", "items", "items_peer"):
            found[name] = peers.run([sys.executable, str(HERE), name, path])
            one = found[name]
            figures = (
                f"{one['seconds']:>9.1f} s{one['cpu']:>9.1f} s of CPU{one['peak'] / 1e9:>9.2f} GB"
            )
            print(f"{name:12}{figures}", flush=True)
    print(f"peer / ours   {found['peer']['seconds'] / found['ours']['seconds']:.1f}")
    print(f"per list / ours   {found['per_list']['seconds'] / found['ours']['seconds']:.1f}")
    print(f"items: peer / ours   {found['items_peer']['seconds'] / found['items']['seconds']:.2f}")
    for name in ("mrr", "success", "ndcg", "any_play", "first_cell"):
        same = abs(found["ours"][name] - found["peer"][name]) < 1e-12
        print(
            f"{name}: {found['ours'][name]:.6f} {'agrees' if same else 'DIFFERS FROM'} "
            f"{found['peer'][name]:.6f}"
        )
    same = abs(found["items"]["snips"] - found["items_peer"]["snips"]) < 1e-12
    print(f"snips: {found['items']['snips']:.6f} {'agrees' if same else 'DIFFERS'}")


def write(rows: int, path: str) -> None:
    """Write the log."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    pages = rows // SIZE
    page = np.repeat(np.arange(pages), SIZE)
    position = np.tile(np.arange(1, SIZE + 1, dtype=np.int16), pages)
    order = rng.permutation(len(page))
    page, position = page[order], position[order]
    member = page // PAGES_OF_MEMBER
    item = np.minimum(rng.geometric(1 / 900, len(page)) - 1, ITEMS - 1).astype(np.int32)
    table = {
        "page": page,
        "position": position,
        "member": member,
        "row": (position - 1) // 4 + 1,
        "column": (position - 1) % 4 + 1,
        "layout": pa.array(np.where(member % 2 == 0, "old", "new")).dictionary_encode(),
        "item": item,
        "p": rng.uniform(0.01, 1, len(page)),
        "played": (rng.random(len(page)) < 0.3 / position).astype(np.int8),
    }
    pq.write_table(pa.table(table), path, row_group_size=1 << 20)
    peers.say()


def ours(path: str) -> None:
    """Rank the log."""
    import explorer

    start, cpu = time.perf_counter(), time.process_time()
    found = explorer.ranking(
        explorer.open_table(path),
        "position",
        "played",
        "page",
        "member",
        "row",
        "column",
        by="layout",
    )
    peers.say(
        seconds=time.perf_counter() - start,
        cpu=time.process_time() - cpu,
        mrr=found.mrr.value,
        success=found.success[5].value,
        ndcg=found.ndcg[10].value,
        any_play=found.any_play[1].value,
        first_cell=found.page[0].rate,
    )


def peer(path: str) -> None:
    """Compute the same figures by pandas and scikit-learn."""
    import numpy as np
    import pandas as pd
    from sklearn.metrics import ndcg_score

    start, cpu = time.perf_counter(), time.process_time()
    log = pd.read_parquet(path, columns=["page", "position", "row", "column", "layout", "played"])
    figures = {}
    for some in (log, log[log.layout == "old"], log[log.layout == "new"]):
        pages = some.page.unique()
        hits = some[some.played > 0]
        first = hits.groupby("page").position.min().reindex(pages)
        figures["mrr"], figures["success"] = (1 / first).fillna(0).mean(), (first <= 5).mean()
        some.groupby("position").played.agg(["size", "sum", "mean"])
        ordered = some.sort_values(["page", "position"]).played.to_numpy().reshape(-1, SIZE)
        scores = np.broadcast_to(-np.arange(SIZE, dtype=float), ordered.shape)
        ndcg = [ndcg_score(ordered, scores, k=k) for k in (1, 5, 10)]
        figures["ndcg"] = ndcg[-1]
        if some is log:
            kept = dict(figures)
            kept["any_play"] = (hits.groupby("page").row.min().reindex(pages) <= 2).mean()
            cells = log.groupby(["row", "column"]).played.agg(["size", "sum", "mean"])
            kept["first_cell"] = float(cells["mean"].iloc[0])
    peers.say(
        seconds=time.perf_counter() - start,
        cpu=time.process_time() - cpu,
        **{name: float(value) for name, value in kept.items()},
    )


def per_list(path: str) -> None:
    """Call scikit-learn once for each list, for 2,000 of them."""
    import numpy as np
    import pandas as pd
    from sklearn.metrics import ndcg_score

    log = pd.read_parquet(path, columns=["page", "position", "played"])
    pages = int(log.page.max()) + 1
    some = log[log.page < 2_000].sort_values(["page", "position"])
    lists = [part.to_numpy()[None] for _, part in some.groupby("page").played]
    scores = -np.arange(SIZE, dtype=float)[None]
    start, cpu = time.perf_counter(), time.process_time()
    for one in lists:
        for k in (1, 5, 10):
            ndcg_score(one, scores, k=k)
    peers.say(
        seconds=(time.perf_counter() - start) * pages / 2_000,
        cpu=(time.process_time() - cpu) * pages / 2_000,
    )


def items(path: str) -> None:
    """Compute the engagement by item."""
    import explorer

    start, cpu = time.perf_counter(), time.process_time()
    found = explorer.engagement(
        explorer.open_table(path), "item", "played", propensity="p", unit="member"
    )
    peers.say(
        seconds=time.perf_counter() - start,
        cpu=time.process_time() - cpu,
        snips=found.find("0").snips,
    )


def items_peer(path: str) -> None:
    """Compute the same sums by pandas."""
    import pandas as pd

    start, cpu = time.perf_counter(), time.process_time()
    log = pd.read_parquet(path, columns=["item", "played", "p"])
    log["w"] = 1 / log.p
    log["wr"], log["ww"] = log.w * log.played, log.w**2
    sums = log.groupby("item")[["played", "w", "wr", "ww"]].agg(["size", "sum", "max"])
    peers.say(
        seconds=time.perf_counter() - start,
        cpu=time.process_time() - cpu,
        snips=float(sums["wr", "sum"][0] / sums["w", "sum"][0]),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(int(sys.argv[2]), sys.argv[3])
    elif (
        sys.argv[1] in ("ours", "peer", "per_list", "items", "items_peer")
        if len(sys.argv) > 1
        else False
    ):
        globals()[sys.argv[1]](sys.argv[2])
    else:
        main()
