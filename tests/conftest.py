"""Folders of the tests' own, and small tables, sessions and views that several folders share."""

import gc
import logging
import os
import re
import shutil
import threading
import time

import numpy as np
import pandas as pd
import pyarrow as pa

from projections.errors import Cancelled

import panel  # noqa: F401  isort: skip

import pytest

from explorer.core.compiled_code import prepare_numba


class Loggers(dict):
    """All loggers.

    pytest (9.2) walks through them before and after every test, while a thread may import a module
    that adds one.
    """

    def values(self):
        return list(super().values())  # a copy at one stroke


logging.root.manager.loggerDict = Loggers(logging.root.manager.loggerDict)

# Before the cache is moved: compiled kernels stay where the user's are, so that a second run finds
# them.
prepare_numba()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each file to one process.

    And tests/browser to one, which has one Chromium and one server, and tests/projections, where
    umap-learn compiles for a minute.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::", 1)[0]
            folder = file.split("/")[1]
            return folder if folder in ("browser", "projections") else file

    config.option.loadscopereorder = False  # the order below, not by the number of tests
    return ByFile(config, log)


LONGEST = ("browser", "projections", "acceptance", "test_facade.py", "install", "app", "compare")


def pytest_collection_modifyitems(items):
    """Begin with what takes longest: no process then waits for another at the end."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(
        key=lambda item: places.get(
            re.split("[/:]", item.nodeid.removeprefix("tests/"))[0], len(places)
        )
    )


def pytest_collection_finish():
    """Let the collector of garbage pass over what lives until the end: modules and tests."""
    gc.collect()
    gc.freeze()


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",  # the page promises to need none
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """Return an installed Chromium; None lets Playwright use its own."""
    named = os.environ.get("EXPLORER_CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


class PatientBrowser:
    """A browser that waits half a minute for what comes late: tests may share two cores."""

    def __init__(self, chromium):
        self.chromium = chromium
        self.left_pages = []  # empty, for the next test

    def new_context(self, **how):
        context = self.chromium.new_context(**how)
        context.set_default_timeout(90_000)
        return context


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=90_000)
    with playwright.sync_playwright() as api:
        try:
            chromium = api.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        except playwright.Error as error:
            pytest.skip(
                f"no Chromium: {str(error).splitlines()[0]} (make test installs one where it can)"
            )
        yield PatientBrowser(chromium)
        chromium.close()


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory):
    """Let no test read or write the user's cache and data."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("EXPLORER_CACHE", "EXPLORER_DATA"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="module", autouse=True)
def own_data(own_folders, tmp_path_factory):
    """Keep edits of one test file from others: they hold for a table's name and columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_DATA", str(tmp_path_factory.mktemp("explorer_data")))
        yield


@pytest.fixture
def cache(tmp_path):
    """A cache of the test's own, empty."""
    from explorer.core.cache import Cache

    return Cache(tmp_path / "cache")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def people_frame() -> pd.DataFrame:
    """600 rows with every kind of column, and every kind of trouble."""
    rng = np.random.default_rng(0)
    n = 600
    group = rng.integers(0, 3, n)
    frame = pd.DataFrame(
        rng.normal(size=(n, 4)) + 4 * group[:, None], columns=["height", "weight", "pulse", "sleep"]
    )
    frame["age"] = rng.integers(18, 90, n)
    frame.loc[rng.random(n) < 0.1, "pulse"] = np.nan
    letters = np.array(list("ABCDEFGHIJKLMNOPQRST"))[np.minimum(rng.geometric(0.2, n) - 1, 19)]
    frame["city"] = np.where(rng.random(n) < 0.05, None, letters)
    frame["member"] = rng.random(n) < 0.3
    frame["since"] = pd.Timestamp("2001-01-01") + pd.to_timedelta(
        rng.integers(0, 5000, n), unit="D"
    )
    frame["person_id"] = [f"p{i:04d}" for i in range(n)]
    frame["flat"] = 1.0
    frame["flat_too"] = 2.0
    frame["nothing"] = np.full(n, np.nan)
    frame["mostly"] = np.where(rng.random(n) < 0.6, np.nan, rng.normal(size=n))
    frame["stature"] = 2.5 * frame["height"] + rng.normal(scale=0.1, size=n)
    frame["boundless"] = np.where(np.arange(n) < 3, np.inf, rng.normal(size=n))
    return frame


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """What pandas knows of `people`; not to be written to."""
    return people_frame()


@pytest.fixture(scope="session")
def people(own_folders, frame):
    """A table of 600 rows with every kind of column, opened once."""
    from explorer.table.table import open_table

    table = pa.Table.from_pandas(frame, preserve_index=False)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(1200.0)), 2)
    return open_table(table.append_column("vector", vectors))


@pytest.fixture(scope="session")
def films(own_folders):
    """The sample films, opened once."""
    from explorer.app.demo import open_sample

    return open_sample("films")


class FakeJob:
    """A job that does what the test says, when the test says it; its maps are random points."""

    def __init__(self, queue, source, specs, on_event):
        self.queue, self.source, self.specs, self.on_event, self.cancelled = (
            queue,
            source,
            specs,
            on_event,
            False,
        )
        self.ended = False

    def tell(self, event):
        from explorer.core.jobs.events import Cancelled, Done, Failed

        self.ended = isinstance(event, Cancelled | Done | Failed)
        self.on_event(event)

    def cancel(self):
        from explorer.core.jobs.events import Cancelled

        self.cancelled = True
        self.tell(Cancelled())

    def wait(self, seconds):  # noqa: ARG002  nothing to wait for
        return True

    def finish(self, number=None, preview=False):
        """Tell of one embedding; of all of them and the end without a number."""
        from explorer.core.jobs.events import Done, Finished

        for spec in self.specs if number is None else [self.specs[number]]:
            self.tell(
                Finished(
                    spec.key(self.source.fingerprint),
                    self.queue.made(self.source, spec, preview),
                    preview,
                )
            )
        if number is None:
            self.tell(Done())


class FakeQueue:
    """Takes requests and keeps them; nothing is computed."""

    def __init__(self, folder):
        self.folder, self.jobs = folder, []

    def warm(self):
        """Have nothing to make ready."""

    def close(self):
        """Have nothing to end."""

    def project(self, source, specs, on_event):
        self.jobs.append(FakeJob(self, source, list(specs), on_event))
        return self.jobs[-1]

    def made(self, source, spec, preview=False):
        """Return the folder of an embedding and its map: every row but the last seven, at random.

        Previews are half as large.
        """
        from explorer.embedding.embedding import Embedding
        from explorer.map.map import build_map

        key = spec.key(source.fingerprint)
        folder = self.folder / f"{key}{'-preview' if preview else ''}"
        if not folder.exists():
            folder.mkdir()
            m = source.num_rows - 7
            xy = np.random.default_rng(int(key, 16)).normal(size=(m, 2)).astype(np.float32)
            xy = xy / 2 if preview else xy
            provenance = {
                "name": spec.name,
                "key": key,
                "method": {"name": spec.method},
                "table": {
                    "name": source.name,
                    "fingerprint": source.fingerprint,
                    "rows": source.num_rows,
                },
                "rows": {"used": m, "left_out": 7, "imputed": 3, "placed": 0},
                "explained_variance_ratio": [0.5, 0.25],
            }
            scores = {} if preview else {"neighbors_kept": {"15": {"value": 0.4, "pca": 0.2}}}
            embedding = Embedding(xy, np.arange(m), np.full(m, 0.5, np.float32), scores, provenance)
            embedding.save(folder / "embedding.parquet")
            build_map(embedding, folder / "map")
        return folder


@pytest.fixture
def fake_queue(tmp_path) -> FakeQueue:
    return FakeQueue(tmp_path)


@pytest.fixture
def new_session(people, fake_queue):
    """Make sessions at `people` that start with three features."""
    from explorer.session.session import Session

    def make(link="", **start):
        return Session(
            people, fake_queue, {"features": ["height", "weight", "pulse"], **start}, link
        )

    return make


@pytest.fixture
def session(new_session, fake_queue):
    """A session whose two maps are there."""
    opened = new_session()
    opened.projection.open()
    fake_queue.jobs[-1].finish()
    return opened


@pytest.fixture(scope="session")
def showing():
    """Held while a view shows what a thread brought: on a page nobody sees half of it either."""
    return threading.RLock()


@pytest.fixture
def until(showing):
    """Wait for what a thread brings."""

    def wait(happened, seconds=60.0):  # on a busy machine
        end = time.monotonic() + seconds
        while True:
            with showing:
                if happened():
                    return
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.002)

    return wait


@pytest.fixture
def link_of():
    """Write a link to a start document with some sections changed, as a stranger might by hand."""
    from explorer.state.convert import as_json
    from explorer.state.document import FIXED_SECTIONS
    from explorer.state.link import to_url

    def link(session, **sections):
        # not checked on the way out: a stranger writes what they like
        document = as_json(session.start, "the start")
        for name, value in sections.items():
            document[name] = {**document[name], **value} if name in FIXED_SECTIONS else value
        return to_url(document, session.start)

    return link


@pytest.fixture
def until_stopped():
    """Make a function that reads until it is stopped, and then notes its option."""

    def make(stage, option, stopped):
        def read(*_, progress, **options):
            done = 0
            while progress(stage, done % 100, 100) is not False:
                done += 1
                time.sleep(0.005)
            stopped.append(options.get(option))
            raise Cancelled

        return read

    return make


@pytest.fixture
def at_once(showing):
    """Run what a view wants to show in the thread that computed it."""

    def run(callback):
        with showing:
            callback()

    return run


@pytest.fixture(scope="session")
def send():
    """Send a view the message that its script would send."""

    def send_message(view, kind, **message):
        view._handle_msg({"type": kind, **message})

    return send_message


@pytest.fixture
def open_view(at_once):
    """Make a view of a session that follows its changes, as on the page."""

    def make(component, session, **options):
        view = component(session, at_once, **options)
        session.listen(view.refresh)
        return view

    return make


@pytest.fixture
def idle(until):
    """Wait until views have nothing left to compute, and show what was computed."""
    from explorer.ui.page_loop import LatestTask

    def wait(*views):
        workers = [part for view in views for part in vars(view).values()]
        workers = [worker for worker in workers if isinstance(worker, LatestTask)]
        until(lambda: not any(worker.busy for worker in workers))

    return wait


@pytest.fixture(scope="session")
def trial_frame():
    """2,400 members in two arms; the treatment helps in the north and harms in the south.

    It lengthens what is watched.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    n = 2400
    arm = np.where(rng.permutation(n) < n // 2, "new", "control")
    place = rng.choice(["north", "south", "west"], n, p=[0.5, 0.3, 0.2])
    new = arm == "new"
    chance = (
        0.4
        + np.where(new & (place == "north"), 0.2, 0)
        - np.where(new & (place == "south"), 0.2, 0)
    )
    before = rng.normal(20, 5, n)
    return pd.DataFrame(
        {
            "arm": arm,
            "place": place,
            "clicked": rng.random(n) < chance,
            "minutes": before + rng.normal(0, 3, n) + 2.0 * new,
            "before": before,
            "visits": rng.integers(1, 6, n),
            "age": rng.integers(18, 80, n),
            "entered": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="h"),
            "member": [f"m{i}" for i in range(n)],
        }
    )


METRICS = [
    "click rate=proportion(clicked):increase:primary",
    "minutes=mean(minutes):increase",
    "per visit=ratio(minutes,visits)",
]


@pytest.fixture(scope="session")
def trial_table(own_folders, trial_frame):
    from explorer.table.table import open_table

    return open_table(trial_frame)


@pytest.fixture(scope="session")
def trial(trial_table):
    """The experiment of these members, by place and age."""
    from explorer.experiment.compute import experiment

    return experiment(
        trial_table,
        "arm",
        "control",
        METRICS,
        {"control": 1, "new": 1},
        ["place", "age"],
        time="entered",
    )


@pytest.fixture(scope="session")
def grid_frame():
    """Twelve experiments of about 400 members in three arms.

    B of T3 works, and T7 has lost members of arm B.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    n = 4800
    frame = pd.DataFrame(
        {"test": rng.permutation(np.arange(n) % 12), "arm": rng.choice(["A", "B", "C"], n)}
    )
    works = (frame.test == 3) & (frame.arm == "B")
    frame["test"] = "T" + frame.test.astype(str)
    frame["plays"] = rng.normal(5, 2, n) + np.where(works, 2.0, 0.0)
    frame["clicked"] = rng.random(n) < 0.4
    frame["age"] = rng.integers(18, 80, n)
    lost = (frame.test == "T7") & (frame.arm == "B") & (rng.random(n) < 0.5)
    return frame[~lost].reset_index(drop=True)


@pytest.fixture(scope="session")
def grid_table(own_folders, grid_frame):
    from explorer.table.table import open_table

    return open_table(grid_frame)


@pytest.fixture
def ends_when_told():
    """Check that a call with progress is cancelled at each of its steps."""
    from projections.errors import Cancelled

    def check(call, steps):
        for last in range(steps):
            left = iter([True] * last)
            with pytest.raises(Cancelled):
                call(lambda *_, left=left: next(left, False))

    return check
