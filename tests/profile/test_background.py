"""Profiling in order of interest, in this process and in a worker that may be stopped."""

import dataclasses
import json
import os
import signal
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.jobs.events import Done, Failed, Profiled, Progress
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.kind import Feature
from explorer.profile import background as profiling
from explorer.profile.background import ProfileJob, features_from_documents, profile_into
from explorer.profile.feature_queue import FeatureQueue
from explorer.profile.profile import FeatureProfile
from explorer.profile.profile_store import ProfileStore
from explorer.sources.source import open_source

NAMES = [f"c{i:03d}" for i in range(300)]
BATCH = profiling._AT_ONCE[False]  # names that are in work once the first of them is told
FEW = NAMES[: BATCH + 20]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """300 columns of 400 rows, in a file; most of them booleans, which are counted sooner."""
    cells = np.random.default_rng(0).normal(size=(300, 400))
    cells[7, :40] = -999
    columns = [one if i < 20 else one > 1 for i, one in enumerate(cells)]
    path = tmp_path_factory.mktemp("jobs") / "wide.parquet"
    pq.write_table(pa.table(dict(zip(NAMES, columns, strict=True))), path)
    return path


@pytest.fixture
def source(path, cache):
    return open_source(path, cache)


@pytest.fixture
def features(source):
    return describe_columns(
        source, Catalogue(features={"c007": {"sentinels": (-999,), "valid_range": (None, 3)}})
    )


class Heard:
    """What a job tells, in order."""

    def __init__(self):
        self.events, self.ended = [], threading.Event()
        self.on_first = lambda: None

    def __call__(self, event):
        self.events.append(event)
        if isinstance(event, Profiled) and len(self.names) == 1:
            self.on_first()
        if isinstance(event, Done | Failed):
            self.ended.set()

    @property
    def names(self):
        return [event.document["name"] for event in self.events if isinstance(event, Profiled)]

    @property
    def last(self):
        assert self.ended.wait(60)
        return self.events[-1]


@pytest.fixture
def start(source, features, cache):
    """Start jobs at the wide table; none outlives its test."""
    jobs = []

    def begin(wanted=NAMES, first=()):
        heard = Heard()
        jobs.append(ProfileJob(cache, source, features, list(wanted), list(first), heard))
        return jobs[-1], heard

    yield begin
    for job in jobs:
        job.cancel()


def running(job):
    """Return the process of a job that has started."""
    import psutil

    return psutil.Process(job._worker.pid)


def test_features_come_back_from_json_as_they_were():
    known = {
        "a": Feature(
            name="a",
            kind="numeric",
            label="A",
            unit="m",
            valid_range=(None, 3.5),
            sentinels=(-999, "?"),
            tags=("x", "y"),
            notes=("only 0 and 1",),
        ),
        "ü \n": Feature(name="ü \n", kind="text", description="d", group="g", owner="o"),
    }
    document = json.loads(json.dumps([dataclasses.asdict(one) for one in known.values()]))
    assert features_from_documents(document) == known


def test_all_are_counted_once_and_kept(source, features, cache):
    store = ProfileStore(cache, source.identity())
    found = list(profile_into(source, features, FeatureQueue(NAMES[:20]), store))
    assert [one.name for one in found] == NAMES[:20]
    assert all(one.exact and one.rows == 400 for one in found)
    assert found[7].sentinels == ((-999.0, 40),)
    kept = ProfileStore(cache, source.identity()).get(features.values())
    assert [one.document() for one in kept.values()] == [one.document() for one in found]


def test_what_somebody_looks_at_is_counted_first(source, features, cache, monkeypatch):
    monkeypatch.setattr(profiling, "_AT_ONCE", {False: 4})
    wanted = FeatureQueue(NAMES[:20], first=["c015", "c012"])
    found = profile_into(source, features, wanted, ProfileStore(cache, source.identity()))
    names = [next(found).name for _ in range(4)]
    assert names == ["c015", "c012", "c000", "c001"]
    wanted.prefer(["c019"])
    assert next(found).name == "c019"
    rest = [one.name for one in found]
    assert sorted([*names, "c019", *rest]) == NAMES[:20]


def test_a_long_table_shows_a_sample_of_what_is_looked_at_then_all_rows(
    source, features, cache, monkeypatch
):
    monkeypatch.setattr(profiling, "_SAMPLED_FROM", 100)
    monkeypatch.setattr(profiling, "_SAMPLE_ROWS", 150)
    monkeypatch.setattr(profiling, "_AT_ONCE", {False: 3})
    store = ProfileStore(cache, source.identity())
    wanted = FeatureQueue(NAMES[:8], first=["c004", "c006"])
    told = []
    for one in profile_into(source, features, wanted, store):
        told.append((one.name, one.sampled))
        if told[-1] == ("c000", None):
            wanted.prefer(["c007", "c000"])
    assert told[:5] == [
        ("c004", 150),
        ("c006", 150),
        ("c004", None),
        ("c006", None),
        ("c000", None),
    ]
    # preferred later: again first of a sample; what is counted is not counted again
    assert told[5:7] == [("c007", 150), ("c007", None)]
    assert sorted(name for name, sampled in told if sampled is None) == NAMES[:8]
    assert len([one for one in told if one[1]]) == 3
    # only exact ones are kept
    assert store.get(features.values(), sampled=150) == {}
    assert sorted(store.get(features.values())) == NAMES[:8]


def test_who_stops_listening_keeps_what_was_finished_before(source, features, cache, monkeypatch):
    monkeypatch.setattr(profiling, "_AT_ONCE", {False: 5})
    store = ProfileStore(cache, source.identity())
    found = profile_into(source, features, FeatureQueue(NAMES), store)
    for _ in range(12):
        next(found)
    found.close()
    assert list(store.get(features.values())) == NAMES[:10]


def test_a_worker_counts_all_and_tells_how_far_it_is(start, source, features, cache):
    _, heard = start(first=["c299"])
    assert heard.last == Done()
    assert heard.names[0] == "c299"
    assert sorted(heard.names) == NAMES
    told = [
        FeatureProfile.from_document(e.document) for e in heard.events if isinstance(e, Profiled)
    ]
    kept = ProfileStore(cache, source.identity()).get(features.values())
    assert {one.name: one.document() for one in told} == {
        name: one.document() for name, one in kept.items()
    }
    assert kept["c007"].missing == 40
    steps = [event for event in heard.events if isinstance(event, Progress)]
    assert [(step.done, step.total) for step in steps] == [(i + 1, 300) for i in range(300)]
    assert (steps[-1].share, steps[-1].eta) == (1.0, 0.0)
    assert [type(event) for event in heard.events].count(Done) == 1


def test_the_worker_ends_with_its_job(start, until):
    job, heard = start(NAMES[:3])
    until(lambda: job._worker is not None)
    process = running(job)
    assert heard.last == Done()
    process.wait(20)


def test_what_is_preferred_while_the_worker_works_comes_next(start):
    job, heard = start(FEW)
    later = FEW[-2:][::-1]
    heard.on_first = lambda: job.prefer(later)
    assert heard.last == Done()
    assert heard.names[BATCH : BATCH + 2] == later
    assert sorted(heard.names) == FEW


def test_what_is_preferred_while_the_worker_starts_is_not_forgotten(start, until):
    job, heard = start(FEW)
    until(lambda: job._worker is not None)
    assert heard.events == []
    job.prefer(FEW[-1:])
    assert heard.last == Done()
    assert heard.names.index(FEW[-1]) <= BATCH


def test_a_cancelled_job_is_gone_at_once_and_says_no_more(start, until):
    job, heard = start()
    begun = threading.Event()
    heard.on_first = begun.set
    assert begun.wait(60)
    process = running(job)
    job.cancel()
    process.wait(20)
    told = [event for event in heard.events if isinstance(event, Done | Failed)]
    assert told == []


def test_a_job_cancelled_before_its_worker_is_there_starts_none(
    source, features, cache, monkeypatch
):
    hold, started = threading.Event(), []
    monkeypatch.setattr(type(source), "describe", lambda *_, **__: hold.wait(20) and {})
    monkeypatch.setattr(profiling, "WorkerProcess", lambda *_: started.append(1))
    heard = Heard()
    job = ProfileJob(cache, source, features, NAMES, [], heard)
    job.prefer(["c001"])
    job.cancel()
    hold.set()
    next(t for t in threading.enumerate() if t.name == "profile-start").join(20)
    assert started == heard.events == []


def test_a_killed_worker_is_one_line_and_another_run_counts_only_the_rest(
    start, source, features, cache
):
    job, heard = start()

    def kill(event):
        heard(event)
        if len(heard.names) == BATCH + 5 and isinstance(event, Profiled):
            os.kill(job._worker.pid, signal.SIGKILL)

    job._on_event = kill
    assert isinstance(heard.last, Failed)
    assert "signal 9 (perhaps out of memory)" in heard.last.message
    assert "\n" not in heard.last.message
    assert [type(event) for event in heard.events].count(Failed) == 1
    kept = ProfileStore(cache, source.identity()).get(features.values())
    missing = [name for name in NAMES if name not in kept]
    assert BATCH <= 300 - len(missing) < 300
    _, again = start(missing)
    assert again.last == Done()
    assert again.names == missing
    assert list(ProfileStore(cache, source.identity()).get(features.values())) == NAMES


def test_a_file_that_changed_is_one_line(source, features, cache, path, tmp_path):
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(path.read_bytes())
    opened = open_source(copy, cache)
    copy.write_bytes(path.read_bytes()[:1000])
    heard = Heard()
    ProfileJob(cache, opened, features, NAMES, [], heard)
    assert isinstance(heard.last, Failed)
    assert "copy.parquet" in heard.last.message
    assert len(heard.events) == 1


def test_a_worker_that_cannot_start_is_one_line(source, features, cache, monkeypatch, caplog):
    def refuse(*_):
        raise OSError("no more processes")

    monkeypatch.setattr(profiling, "WorkerProcess", refuse)
    heard = Heard()
    ProfileJob(cache, source, features, NAMES, [], heard)
    assert "no more processes" in heard.last.message
    assert len(heard.events) == 1
