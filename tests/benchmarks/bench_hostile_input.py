"""Changed files, documents and expressions: each is refused in one line, or read.

    python tests/benchmarks/bench_hostile_input.py

  --count N    of each kind (default 2,000)
  --only A,B   these kinds: expressions, catalogues, sets, sessions, verdicts, tables, embeddings,
               links, messages
  --seed S     default 0

Printed are how many were read, refused in words, and ended without words (a traceback, several
lines, or more than 30 s): the promise is 0; and how long the slowest took. Each link opens a
session, and one of 200 a page with all of its tabs; a link that is refused opens them as they are
without it. Messages go to every component of such pages, a new one after 500; what they write to
the log, and what their threads raise, counts too.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from shared.hostile_input import (
    Watch,
    as_text,
    linked,
    mutated,
    mutated_text,
    open_page,
    packed,
    random_message,
    rich_document,
    varied,
    views_of,
)

import explorer
from explorer.core.errors import ExplorerError
from explorer.embedding.embedding import Embedding, open_embedding
from explorer.features.catalogue.catalogue import Catalogue
from explorer.review.table_reviews import TableReviews
from explorer.session.session import Session
from explorer.session.session_file import read_session
from explorer.state.convert import as_json
from explorer.state.document import first_document
from explorer.state.link import from_url
from explorer.ui.messages import MessageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLOW_SECONDS = 30.0
LONGEST = 1_200  # characters of an error
EXPRESSIONS = (
    "a > 1 and b in (1,2,3) or city like 'x%'", "not (a between 0 and 1) and city is not null",
    "case when a > 0 then b else 0 end = 3", "cut(a, -1, 0, 1) = '0 to 1'",
    "year(t) = 2020 and month(t) in (1,2)", "log1p(abs(a)) * 2 - sqrt(b) / 3 >= exp(1)",
    "t >= '2020-01-01' and m", "city ilike '%Y%' or \"a\" <> 2e3",
)  # fmt: skip
ODD_EXPRESSIONS = (
    "select 1", "a > (select max(a) from x)", "a > 1; drop table t", "a > 1 -- c", "/* */ a>1",
    "a::int > 1", "a > @x", "a = :b", "a = ?", "a[0] > 1", "a.b > 1", "x'00' = a",
    "interval '1' day > t", "exists(a)", "a || b = 'x'", "count(a) > 1", "pg_sleep(5)", "null",
    "''", '""=1', "a>" * 50, "(" * 300 + "a>1" + ")" * 300, "not " * 500 + "m",
    "a>1 or " * 900 + "m", f"'{'x' * 90_000}' = city", "b = 1e99999",
    "b = 99999999999999999999999999999", "a % 0 > 1", f"city like '{'%_' * 5000}'",
    "-" * 3000 + "a>1", "t > 'yesterday'", "case " * 100,
)  # fmt: skip
ODD_YAML = (
    "[" * 5000, "{a: " * 3000, "!!python/object/apply:os.system ['true']", "\x00", "- 1", "1", "",
    "features: {a: {label: !!binary x}}", "a: 1\na: 2", "\t- x",
    "features:\n  a: {kind: numeric, kind: text}", "? [1,2]\n: 3", "<<: *x",
    "features: {1: {label: x}}", "features: {a: {valid_range: [.nan, .inf]}}",
    "features: {a: {sentinels: [9e999]}}", "%YAML 9.9\n---\na: 1", "--- a\n--- b\n",
    "features: &f\n  a: *f\n", "x: " + "1" * 100_000, "features: {a: {label: 2020-01-01}}",
)  # fmt: skip

Try = tuple[str, "Callable[[], Any]"]


def expressions(count: int, rng: np.random.Generator, _: Path) -> Iterator[Try]:
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=50),
            "b": rng.integers(0, 9, 50),
            "city": rng.choice(list("xyz"), 50),
            "t": np.array(["2020-01-01"] * 50, dtype="datetime64[s]"),
            "m": rng.random(50) < 0.5,
        }
    )
    table = explorer.open_table(frame)
    for place in range(count):
        odd = place < len(ODD_EXPRESSIONS)
        text = ODD_EXPRESSIONS[place] if odd else mutated_text(str(rng.choice(EXPRESSIONS)), rng)
        yield text, lambda text=text: explorer.where(table, text).count()


def catalogues(count: int, rng: np.random.Generator, folder: Path) -> Iterator[Try]:
    good = "\n".join(
        (Path(explorer.__file__).parents[1] / "data" / "films.yaml").read_text().split("\n")[:60]
    )
    yield from _yaml(good, count, rng, folder, Catalogue.load)


def sets(count: int, rng: np.random.Generator, folder: Path) -> Iterator[Try]:
    path = folder / "set.yaml"
    explorer.FeatureSet(
        "core", ["a", "b"], rationale="x", transform={"a": "log"}, weights={"b": 2.0}
    ).save(path)
    yield from _yaml(path.read_text(), count, rng, folder, explorer.FeatureSet.load)


def sessions(count: int, rng: np.random.Generator, _: Path) -> Iterator[Try]:
    table = {"title": "t", "fingerprint": "f", "rows": 3, "columns": ["a"]}
    state = as_json(first_document({"features": ["a"]}), "a state")
    good = {
        "form": "explorer-session-1",
        "time": 1.0,
        "table": table,
        "state": state,
        "history": [],
    }
    for place in range(count):
        text = as_text(mutated(good, rng)) if place % 4 else mutated_text(as_text(good), rng)
        yield text, lambda text=text: read_session(text)


def verdicts(count: int, rng: np.random.Generator, folder: Path) -> Iterator[Try]:
    import json

    store = explorer.open_store(folder / "reviews.db")
    store.verdict("a", "keep", reason="x", reviewer="ada")
    store.export(folder / "good.json")
    good = json.loads((folder / "good.json").read_text())
    path = folder / "verdicts.json"
    for place in range(count):
        text = as_text(mutated(good, rng)) if place % 4 else mutated_text(as_text(good), rng)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        yield text, lambda: store.merge(path)


def tables(count: int, rng: np.random.Generator, folder: Path) -> Iterator[Try]:
    import pyarrow.feather

    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 99, 300), unit="D")
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=300),
            "b": rng.integers(0, 9, 300),
            "c": rng.choice(["x", "y", None], 300),
            "t": days,
        }
    )
    frame.to_parquet(folder / "good.parquet", row_group_size=100)
    pyarrow.feather.write_feather(frame, folder / "good.arrow", compression="uncompressed")
    frame.to_csv(folder / "good.csv", index=False)
    suffixes = (".parquet", ".arrow", ".csv")
    good = {suffix: (folder / f"good{suffix}").read_bytes() for suffix in suffixes}
    for place in range(count):
        path = folder / f"table-{place}{suffixes[place % 3]}"
        path.write_bytes(_damaged(good[path.suffix], rng))
        yield path.name, lambda path=path: explorer.open_table(path).profile()
        path.unlink()


def _yaml(
    good: str, count: int, rng: np.random.Generator, folder: Path, load: Callable[[Path], Any]
) -> Iterator[Try]:
    path = folder / "document.yaml"
    for place in range(count):
        text = ODD_YAML[place] if place < len(ODD_YAML) else mutated_text(good, rng)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        yield text, lambda: load(path)


def _damaged(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        place = int(rng.integers(len(changed)))
        match int(rng.integers(5)):
            case 0:
                changed[place] = int(rng.integers(256))
            case 1:
                changed = changed[:place] or bytearray(b"x")
            case 2:
                del changed[place : place + int(rng.integers(1, 50))]
            case 3:
                changed[place:place] = bytes(
                    rng.integers(0, 256, int(rng.integers(1, 20)), dtype=np.uint8)
                )
            case _:
                changed[place : place + 8] = b"\xff" * 8
        changed = changed or bytearray(b"x")
    return bytes(changed)


def embeddings(count: int, rng: np.random.Generator, folder: Path) -> Iterator[Try]:
    rows = {"used": 200, "left_out": 0, "imputed": 3, "placed": 0}
    provenance = {
        "name": "PCA of 2 features",
        "key": "k",
        "method": {"name": "pca"},
        "rows": rows,
        "explained_variance_ratio": [0.5, 0.25],
        "table": {"name": "t", "fingerprint": "f", "rows": 200},
        "matrix": {"spec": {"features": ["a", "b"], "where": "a > 1"}},
    }
    xy, trust = rng.normal(size=(200, 2)).astype(np.float32), np.full(200, 0.5, np.float32)
    scores = {"neighbors_kept": {"15": {"value": 0.4, "pca": 0.2}}}
    Embedding(xy, np.arange(200), trust, scores, provenance, rng.random(200) < 0.5).save(
        folder / "good.parquet"
    )
    good = (folder / "good.parquet").read_bytes()

    def opened(path: Path) -> None:
        embedding = open_embedding(path)
        _ = repr(embedding), embedding.features, embedding.method, embedding.imputed_rows

    for place in range(count):
        path = folder / f"embedding-{place}.parquet"
        path.write_bytes(_damaged(good, rng))
        yield path.name, partial(opened, path)
        path.unlink()


def links(count: int, rng: np.random.Generator, folder: Path) -> Iterator[Try]:
    shared = _shared()
    table, queue = explorer.open_table(shared.people_frame()), shared.FakeQueue(folder)
    begin = {"features": ["height", "weight", "pulse"]}
    start = first_document(begin)
    good = linked(rich_document(), start)

    def opened(text: str, page: bool) -> None:
        with Watch() as watch:
            if page:
                open_page(table, queue, text)._close()
            else:
                session = Session(table, queue, begin, text)
                session.link()
                session.close()
            watch.settle()
        _raise_defects(watch)
        from_url(
            text, start
        )  # counted as refused; the session opens as without a link, and says so

    for place in range(count):
        match place % 5:
            case 0:
                text = mutated_text(packed(good), rng)
            case 1 | 2:
                text = packed(varied(good, rng))
            case _:
                text = packed(mutated(good, rng))
        yield text, partial(opened, text, page=place % 200 == 1)


def messages(count: int, rng: np.random.Generator, folder: Path) -> Iterator[Try]:
    shared = _shared()
    table, queue = explorer.open_table(shared.people_frame()), shared.FakeQueue(folder)
    reviews = TableReviews(table, str(folder / "reviews.db"))

    def send(view: Any, message: Any) -> None:
        refused = len(watch.refused)
        view._handle_msg(message)
        _raise_defects(watch)
        if len(watch.refused) > refused:
            raise MessageError(watch.refused[-1])

    page = None
    with Watch() as watch:
        for place in range(count):
            if place % 500 == 0:
                if page is not None:
                    yield "the threads of a page", lambda: (watch.settle(), _raise_defects(watch))
                    page._close()
                page = open_page(table, queue, reviews=reviews)
                views = views_of(page)
            view = views[int(rng.integers(len(views)))]
            message = random_message(view, rng)
            yield f"{type(view).__name__} {message!r}", partial(send, view, message)
        yield "the threads of a page", lambda: (watch.settle(), _raise_defects(watch))


def _raise_defects(watch: Watch) -> None:
    if watch.defects:
        told = "\n".join(watch.defects)
        watch.defects.clear()
        raise AssertionError(told)


def _shared() -> Any:
    """Return the small table and the queue of the tests."""
    spec = importlib.util.spec_from_file_location(
        "shared", Path(__file__).parents[1] / "conftest.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KINDS = {
    one.__name__: one
    for one in (
        expressions,
        catalogues,
        sets,
        sessions,
        verdicts,
        tables,
        embeddings,
        links,
        messages,
    )
}


def main() -> int:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[*KINDS])
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    wordless = 0
    for name in asked.only:
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {"EXPLORER_DATA": f"{folder}/data", "EXPLORER_CACHE": f"{folder}/cache"}
            wordless += _tried(
                name, KINDS[name](asked.count, np.random.default_rng(asked.seed), Path(folder))
            )
    return 1 if wordless else 0


def _tried(name: str, tries: Iterator[Try]) -> int:
    counts: Counter[str] = Counter()
    slowest = 0.0
    for text, call in tries:
        start = time.perf_counter()
        try:
            call()
            outcome = "read"
        except ExplorerError as error:
            outcome = (
                "refused"
                if "\n" not in str(error) and len(str(error)) <= LONGEST
                else "without words"
            )
        except Exception as error:  # noqa: BLE001 - what ends without words is what is looked for
            outcome = "without words"
            print("".join(traceback.format_exception(error)[-2:]))
        seconds = time.perf_counter() - start
        slowest = max(slowest, seconds)
        if seconds > SLOW_SECONDS:
            outcome = "without words"
        if outcome == "without words":
            print(f"  {text[:200]!r}")
        counts[outcome] += 1
    print(
        f"{name:12} {counts['read']:6,} read  {counts['refused']:6,} refused  "
        f"{counts['without words']} without words"
        f"  slowest {slowest:.1f} s",
        flush=True,
    )
    return counts["without words"]


if __name__ == "__main__":
    sys.exit(main())
