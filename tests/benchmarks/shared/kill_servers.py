"""Servers that are killed while five people write; used by a test and by bench_documents.py.

A server here is a process with what one `explorer serve` has, short of the web server: a table, a
table reviews, and a session for each person. Five threads, one a person, do what the page does when
it is asked to: write verdicts, label rows, save selections and sessions, edit the catalogue. The
process is killed with signal 9 and another one opens the same data folder, hundreds of times. What
the server confirmed stands in a file outside of it, which it wrote to after each change.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
import traceback
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import explorer
from explorer.core.folders import data_folder
from explorer.features.catalogue.catalogue_edits import catalogue_key, open_edits
from explorer.jobs.queue import JobQueue
from explorer.review.controller import ReviewController
from explorer.review.table_reviews import TableReviews
from explorer.selection.label_column import LabelColumn
from explorer.session.session import Session
from explorer.session.session_file import fit_to_table, read_session
from explorer.session.sessions import Autosave, SessionStore
from explorer.session.start import choose_start
from explorer.state import actions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from explorer.table.table import Table

CLIENTS = 5
KINDS = ("verdict", "label", "selection", "session", "edit")
LABEL, FILTER = "segment", "number"
# Servers at one table before the next one: each edit writes the whole history of a table.
LIVES = 40
_MOST = 100  # changes of one person at one server
_PER_CHANGE = 3  # rows of a label or a selection, which no other change has
_ROWS = LIVES * CLIENTS * _MOST * _PER_CHANGE
_SHARED = _ROWS  # the last row goes from level to level: one label writes two
_LATEST = 0.4  # seconds from the first change to the kill
_WAIT = 60.0
_FORK = multiprocessing.get_context("fork")
# what a server imports when it needs it: here before it is forked, so that it writes within the
# moment that it has
_IMPORTED = (
    "numba",
    "alembic.command",
    "alembic.autogenerate",
    "sqlalchemy.dialects.sqlite",
    "explorer.table.table",
    "explorer.table.picking",
    "explorer.table.column_relations",
    "explorer.table.table_profiles",
    "explorer.profile.relations.relevance",
)


class Change(NamedTuple):
    """One change: of which kind, at which server, by whom, and the number of it."""

    kind: str
    life: int
    client: int
    number: int

    @property
    def words(self) -> str:
        """The text by which it is found again."""
        return f"{self.life} {self.client} {self.number}"

    @property
    def rows(self) -> tuple[int, int]:
        """The first of its rows, and the one after the last."""
        first = (self.life % LIVES * CLIENTS + self.client) * _MOST + self.number
        return first * _PER_CHANGE, (first + 1) * _PER_CHANGE


@dataclass
class Found:
    """What is there in the end, by kind.

    Parameters
    ----------
    kills : int
    begun, confirmed : Counter
        Changes.
    lost, doubled, torn : Counter
        Confirmed changes that are not there; changes that are there twice; what is there in part,
        or cannot be read.
    trouble : list of str
        Refusals and errors while servers wrote, and databases that are damaged.
    drafts : int
        Files half written that are left behind.
    """

    kills: int = 0
    begun: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    torn: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    drafts: int = 0

    @property
    def good(self) -> bool:
        """Whether all that was promised was kept."""
        return not (self.lost.total() or self.doubled.total() or self.torn.total() or self.trouble)


def run(folder: Path, kills: int, seed: int = 0) -> Found:
    """Kill servers at one data folder, and return what became of what they confirmed.

    Parameters
    ----------
    folder : Path
        Empty; data, cache and tables go there.
    kills : int
    seed : int
        Of the moments of the kills.
    """
    os.environ.update(EXPLORER_DATA=str(folder / "data"), EXPLORER_CACHE=str(folder / "cache"))
    os.environ.pop("EXPLORER_STORE", None)
    for name in _IMPORTED:
        import_module(name)
    (folder / "said").mkdir()
    _forked(
        _write_tables, folder, kills
    ).join()  # this process only imports: its threads would be lost in a fork
    rng = np.random.default_rng(seed)
    for life in range(kills):
        read, write = _FORK.Pipe(duplex=False)
        server = _forked(_serve, folder, life, write)
        write.close()
        began = read.poll(_WAIT) and server.is_alive()
        if began:
            time.sleep(float(rng.uniform(0, _LATEST)))
        server.kill()
        server.join()
        read.close()
        if not began or server.exitcode != -signal.SIGKILL:
            raise RuntimeError(f"server {life} ended with {server.exitcode} before it was killed")
    _forked(_check, folder, kills).join()
    told = json.loads((folder / "found").read_text())
    return Found(
        **{name: Counter(one) if isinstance(one, dict) else one for name, one in told.items()}
    )


def _forked(work: Callable[..., None], *given: object) -> BaseProcess:
    """Start something in a process that has everything imported."""
    process = _FORK.Process(target=work, args=given)
    process.start()
    return process


def _write_tables(folder: Path, kills: int) -> None:
    for place in range(-(-kills // LIVES)):
        columns = {f"f{k}": np.full(_ROWS + 1, float(place)) for k in range(CLIENTS)}
        columns["row"] = np.arange(_ROWS + 1)
        pq.write_table(pa.table(columns), folder / f"table-{place}.parquet")


# --- a server


def _serve(folder: Path, life: int, ready: Connection) -> None:
    """Open the table as a server does, check what is confirmed of sessions, write until killed."""
    said = os.open(folder / "said" / str(life), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(text: str) -> None:
        os.write(said, f"{text}\n".encode())

    table = _table(folder, life)
    reviews, queue = TableReviews(table), JobQueue(table.columns.cache)
    for words in _wrong_sessions(folder, life - 1, queue):
        say(words)
    sessions = [
        Session(
            table,
            queue,
            choose_start(table).document,
            makers={ReviewController: partial(ReviewController, reviews=reviews)},
        )
        for _ in range(CLIENTS)
    ]
    people = [_Person(session, life, client, say) for client, session in enumerate(sessions)]
    threads = [threading.Thread(target=person.work) for person in people]
    for thread in threads:
        thread.start()
    ready.send("writing")
    for thread in threads:
        thread.join()
    time.sleep(_WAIT)  # for the kill


def _table(folder: Path, life: int) -> Table:
    return explorer.open_table(folder / f"table-{life // LIVES}.parquet")


class _Person:
    """Somebody who writes at a server, one change after another."""

    def __init__(
        self, session: Session, life: int, client: int, say: Callable[[str], None]
    ) -> None:
        self._session, self._life, self._client, self._say = session, life, client, say
        self._feature, self._level = f"f{client}", f"level {client}"
        session.user = f"person {client}"
        self._autosave = Autosave(session, SessionStore())
        self._autosave.key = _session_key(life, client)

    def work(self) -> None:
        rng = np.random.default_rng((self._life, self._client))
        for number in range(_MOST):
            change = Change(str(rng.choice(KINDS)), self._life, self._client, number)
            self._say(f"begun {change.kind} {change.words}")
            try:
                getattr(self, f"write_{change.kind}")(change)
            except Exception:  # noqa: BLE001  whatever it is, it is no answer to a person
                self._say(f"trouble {change.kind} {change.words}: {traceback.format_exc()!r}")
            else:
                self._say(f"confirmed {change.kind} {change.words}")

    def write_verdict(self, change: Change) -> None:
        told, happened = [], threading.Event()

        def done(_: object, why: str) -> None:
            told.append(why)
            happened.set()

        self._session.part(ReviewController).decide(
            [self._feature], "keep", done, reason=change.words
        )
        if not happened.wait(_WAIT) or told != [""]:
            raise RuntimeError(f"not confirmed: {told}")

    def write_label(self, change: Change) -> None:
        self._select(change, f"or row = {_SHARED}")
        self._session.table.label(self._session.rows.selection(), LABEL, self._level, change.words)

    def write_selection(self, change: Change) -> None:
        self._select(change)
        self._session.rows.save_selection(change.words)

    def write_session(self, change: Change) -> None:
        self._session.state.act(
            actions.add_filter, id=FILTER, expression=f"row > {-1 - change.number}"
        )
        self._autosave.flush()  # as after a moment of rest
        if self._autosave.failed:
            raise RuntimeError(self._autosave.failed)

    def write_edit(self, change: Change) -> None:
        self._session.edit_feature(self._feature, "description", change.words)

    def _select(self, change: Change, more: str = "") -> None:
        first, end = change.rows
        self._session.state.act(
            actions.select, selection={"expression": f"row >= {first} and row < {end} {more}"}
        )


# --- what is there in the end


def _said(folder: Path, life: int) -> dict[str, list[Change]]:
    """Return the begun and the confirmed changes of a server, and nothing else of its output."""
    changes: dict[str, list[Change]] = {"begun": [], "confirmed": []}
    path = folder / "said" / str(life)
    for line in path.read_text().splitlines() if path.exists() else ():
        what, _, words = line.partition(" ")
        if what in changes:
            kind, *numbers = words.split()
            changes[what].append(Change(kind, *map(int, numbers)))
    return changes


def _session_key(life: int, client: int) -> str:
    return f"{life}-{client}"


def _wrong_sessions(folder: Path, life: int, queue: JobQueue) -> Iterator[str]:
    """Say which sessions of a killed server are not as confirmed.

    Only the newest of all are kept for longer.
    """
    if life < 0:
        return
    said, table = _said(folder, life), _table(folder, life)
    listed = {one["key"] for one in SessionStore().at_table(table.title, table.fingerprint)}
    for client in range(CLIENTS):
        key = _session_key(life, client)
        begun, confirmed = (
            [one.number for one in said[what] if (one.kind, one.client) == ("session", client)]
            for what in ("begun", "confirmed")
        )
        if key not in listed:
            if confirmed:
                yield f"lost session {key}: it is not listed"
            continue
        try:
            document = read_session(json.dumps(SessionStore().load(key)))
            session = Session(table, queue, choose_start(table).document)
            state, notes = fit_to_table(document, table, session.resolver)
            (expression,) = [entry.expression for entry in state.filters if entry.id == FILTER]
        except (explorer.core.errors.ExplorerError, ValueError, KeyError) as error:
            yield f"torn session {key}: {error!r}"
            continue
        number = -1 - int(expression.removeprefix("row > "))
        if notes or number not in begun:
            yield f"torn session {key}: {expression!r} {notes}"
        if confirmed and number < confirmed[-1]:
            yield f"lost session {key}: {number} in place of {confirmed[-1]}"


class _Reading:
    """Reads everything back, in a process that has read nothing before."""

    def __init__(self, folder: Path, lives: int) -> None:
        self.folder, self.found = folder, Found(kills=lives)
        for kind in KINDS:
            for counts in (self.found.lost, self.found.doubled, self.found.torn):
                counts[kind] = 0
        said = [_said(folder, life) for life in range(lives)]
        self.begun = [one for life in said for one in life["begun"]]
        self.confirmed = {one for life in said for one in life["confirmed"]}
        self.found.begun.update(one.kind for one in self.begun)
        self.found.confirmed.update(one.kind for one in self.confirmed)

    def all(self) -> Found:
        """Return what is there."""
        lives = self.found.kills
        for life in range(lives):
            for line in (self.folder / "said" / str(life)).read_text().splitlines():
                self.hear(line)
        with self.reading("verdict"):
            self.verdicts([one for one in self.begun if one.kind == "verdict"])
        for place in range(-(-lives // LIVES)):
            table = _table(self.folder, place * LIVES)
            for kind, read in (
                ("label", self.labels),
                ("selection", self.selections),
                ("edit", self.edits),
            ):
                with self.reading(kind):
                    read(
                        table,
                        [
                            one
                            for one in self.begun
                            if (one.kind, one.life // LIVES) == (kind, place)
                        ],
                    )
        for line in _wrong_sessions(self.folder, lives - 1, JobQueue(table.columns.cache)):
            self.hear(line)
        for name in ("documents.db", "reviews.db"):
            with closing(sqlite3.connect(data_folder() / name)) as opened:
                if (whole := opened.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
                    self.found.trouble.append(f"{name}: {whole}")
        self.found.drafts = sum(
            path.suffix in (".tmp", ".part") for path in data_folder().rglob(".*")
        )
        return self.found

    @contextmanager
    def reading(self, kind: str) -> Iterator[None]:
        """Count what cannot be read at all."""
        try:
            yield
        except explorer.core.errors.ExplorerError as error:
            self.tear(kind, 1, f"cannot be read: {error}")

    def hear(self, line: str) -> None:
        """Take what a server said of itself, or of the sessions of the one before."""
        what = line.partition(" ")[0]
        if what in ("lost", "torn"):
            getattr(self.found, what)["session"] += 1
        if what in ("lost", "torn", "trouble"):
            self.found.trouble.append(line)

    def count(self, kind: str, begun: list[Change], there: Counter[str]) -> None:
        """Compare changes with what is there, by its words."""
        for change in begun:
            self.found.lost[kind] += change in self.confirmed and not there[change.words]
            self.found.doubled[kind] += there[change.words] > 1
        unknown = there.keys() - {change.words for change in begun}
        self.tear(kind, len(unknown), f"never asked for: {sorted(unknown)[:5]}")

    def tear(self, kind: str, count: int, words: str) -> None:
        """Count what is there in part."""
        if count:
            self.found.torn[kind] += count
            self.found.trouble.append(f"torn {kind}: {words}")

    def verdicts(self, begun: list[Change]) -> None:
        with closing(explorer.open_store()) as store:
            kept = store.verdicts()
            wanted = {key for one in kept for key in one.evidence}
            lacking = wanted - store.evidence(wanted).keys()
        self.count("verdict", begun, Counter(one.reason for one in kept))
        self.tear("verdict", len(lacking), f"evidence that is not there: {sorted(lacking)[:5]}")

    def labels(self, table: Table, begun: list[Change]) -> None:
        column = table.labels.columns.get(LABEL) or LabelColumn(LABEL, table.num_rows)
        codes = column.codes()
        self.tear("label", len(table.labels.trouble), str(table.labels.trouble))
        counts = [np.count_nonzero(codes == place) for place in range(len(column.levels))]
        wrong = [
            one.name for one, count in zip(column.levels, counts, strict=True) if one.count != count
        ]
        self.tear("label", len(wrong), f"the counts of {wrong}")
        made = {one.author: level.name for level in column.levels for one in level.made}
        names = {level.name: place for place, level in enumerate(column.levels)}
        self.count(
            "label", begun, Counter(one.author for level in column.levels for one in level.made)
        )
        for change in begun:
            expected = names[made[change.words]] if change.words in made else -1
            self.tear(
                "label",
                bool((codes[slice(*change.rows)] != expected).any()),
                f"the rows of {change}",
            )

    def selections(self, table: Table, begun: list[Change]) -> None:
        listed = table.selections.listed()
        self.tear("selection", len(table.selections.trouble), str(table.selections.trouble))
        self.count("selection", begun, Counter(one.name for one in listed))
        expected = {change.words: change.rows for change in begun}
        for one in listed:
            rows = np.flatnonzero(table.selections.rows(one.id).mask).tolist()
            self.tear("selection", rows != [*range(*expected[one.name])], f"the rows of {one.name}")

    def edits(self, table: Table, begun: list[Change]) -> None:
        edits = open_edits(catalogue_key(table.columns.lasting_source))
        self.count("edit", begun, Counter(one.value for one in edits.history))
        last = {one.feature: one.value for one in edits.history}
        shown = {name: table.features[name].description for name in last}
        self.tear("edit", shown != last, f"{shown} in place of {last}")


def _check(folder: Path, kills: int) -> None:
    (folder / "found").write_text(json.dumps(vars(_Reading(folder, kills).all())))
