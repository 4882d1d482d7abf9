"""What is known of the features: at once in a small table, later but as exact in a large one."""

import threading
from dataclasses import replace

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import UnknownName
from explorer.core.jobs.events import Done, Failed, Profiled, Progress
from explorer.profile import background as jobs
from explorer.profile.profile import FeatureProfile
from explorer.table import profiling, table_profiles
from explorer.table.table import open_table
from explorer.table.table_profiles import TableProfiles

NAMES = [f"c{i:02d}" for i in range(40)]


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open a table of 40 columns again and again; a large one, as its book sees it."""
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(table_profiles, "_SMALL_COLUMNS", 10)
    monkeypatch.setattr(table_profiles, "_MOMENT_CELLS", 0)
    cells = np.random.default_rng(0).normal(size=(40, 300))
    cells[3, :20] = -999
    columns = {
        name: one > 1 if i > 5 else one
        for i, (name, one) in enumerate(zip(NAMES, cells, strict=True))
    }
    path = tmp_path / "large.parquet"
    pq.write_table(pa.table(columns), path)
    return lambda: open_table(path, cache=Cache(tmp_path / "cache"))


class FakeJob:
    """A job that tells what the test says."""

    def __init__(self, *about):
        self.wanted, self.first, self.tell = about[-3], list(about[-2]), about[-1]
        self.preferred, self.cancelled = [], False

    def prefer(self, names):
        self.preferred.append(list(names))

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def fake(monkeypatch):
    made = []

    def make(*arguments):
        made.append(FakeJob(*arguments))
        return made[-1]

    monkeypatch.setattr(jobs, "ProfileJob", make)
    return made


def profiled(name, **figures):
    return Profiled(FeatureProfile(name=name, kind="numeric", rows=300, **figures).document())


def test_a_small_table_is_counted_at_once_and_without_a_process(people, monkeypatch):
    monkeypatch.setattr(jobs, "ProfileJob", None)
    book = TableProfiles(people.columns)
    assert book.small
    book.start()
    assert set(book.finished()) == set(people.column_names)
    assert book.get("height").mean == pytest.approx(
        people.columns.numbers("height").mean(), rel=1e-9
    )
    assert (book.running, book.failed, book.progress) == (False, "", None)


def test_a_small_table_is_counted_once_by_many_threads(people, monkeypatch):
    calls = []
    count = table_profiles.exact_profiles
    monkeypatch.setattr(
        table_profiles, "exact_profiles", lambda *given: calls.append(1) or count(*given)
    )
    book = TableProfiles(people.columns)
    threads = [threading.Thread(target=book.get, args=("height",)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert calls == [1]


@pytest.mark.parametrize(("limit", "value"), [("_SMALL_CELLS", 600 * 10), ("_SMALL_COLUMNS", 3)])
def test_long_and_wide_tables_are_not_small(people, monkeypatch, limit, value):
    monkeypatch.setattr(table_profiles, limit, value)
    book = TableProfiles(people.columns)
    assert not book.small
    assert book.get("height") is None
    assert book.finished() == {}


def test_a_large_table_is_counted_by_one_job_that_is_told_what_is_looked_at(opened, fake):
    table = opened()
    table.profiles.start(["c05"])
    table.profiles.start(["c06"])
    (job,) = fake
    assert (job.wanted, job.first, table.profiles.running) == (NAMES, ["c05"], True)
    table.profiles.prefer(["c07", "c08"])
    assert job.preferred == [["c07", "c08"]]


def test_what_few_rows_tell_is_counted_while_one_waits(opened, fake, monkeypatch):
    table = opened()
    table.profiles.start()
    monkeypatch.setattr(table_profiles, "_MOMENT_CELLS", 600)
    table.profiles.prefer(["c01", "c02"])
    assert list(table.profiles.finished()) == ["c01", "c02"]
    assert fake[0].preferred == []
    table.profiles.prefer(["c01", "c02"])
    table.profiles.prefer(["c03", "c04", "c05"])
    assert fake[0].preferred == [["c03", "c04", "c05"]]


def test_everybody_who_listens_hears_of_each_feature_until_they_stop(opened, fake):
    table, heard, other = opened(), [], []
    end = table.profiles.listen(heard.append)
    table.profiles.listen(other.append)
    table.profiles.start()
    fake[0].tell(profiled("c01", mean=1.0))
    end()
    end()
    fake[0].tell(profiled("c02", mean=2.0))
    assert (heard, other) == ([frozenset({"c01"})], [frozenset({"c01"}), frozenset({"c02"})])
    assert table.profiles.get("c02").mean == 2.0
    assert table.profiles.get("c03") is None


def test_a_sample_never_takes_the_place_of_all_rows(opened, fake):
    table, heard = opened(), []
    table.profiles.listen(heard.append)
    table.profiles.start()
    fake[0].tell(profiled("c01", sampled=300, mean=1.0))
    assert table.profiles.get("c01").sampled == 300
    table.profiles.prefer(["c01"])  # still worth counting
    fake[0].tell(profiled("c01", mean=2.0))
    fake[0].tell(profiled("c01", sampled=300, mean=3.0))
    assert (table.profiles.get("c01").sampled, table.profiles.get("c01").mean) == (None, 2.0)
    assert heard == [frozenset({"c01"})] * 2
    table.profiles.prefer(["c01"])
    assert fake[0].preferred == [["c01"]]


def test_how_far_it_is_and_how_it_ended_are_there_to_be_shown(opened, fake):
    table, heard = opened(), []
    table.profiles.listen(heard.append)
    table.profiles.start()
    step = Progress("profile", 3, 40)
    fake[0].tell(step)
    assert table.profiles.progress == step
    fake[0].tell(Failed("the worker process ended"))
    assert (table.profiles.failed, table.profiles.progress, table.profiles.running) == (
        "the worker process ended",
        None,
        False,
    )
    assert heard[-1] == frozenset()
    done = opened()
    done.profiles.start()
    fake[1].tell(Done())
    assert (done.profiles.failed, done.profiles.running) == ("", False)


def test_what_is_kept_is_known_at_once_and_only_the_rest_counted(opened, fake):
    first = opened()
    kept = profiling.exact_profiles(
        first.columns, {name: first.features[name] for name in NAMES[:30]}
    )
    again, heard = opened(), []
    again.profiles.listen(heard.append)
    again.profiles.start()
    assert heard == [frozenset(NAMES[:30])]
    assert fake[0].wanted == NAMES[30:]
    assert again.profiles.get("c01").document() == kept["c01"].document()
    profiling.exact_profiles(first.columns, first.features)
    whole = opened()
    whole.profiles.start()
    assert len(fake) == 1


def test_an_edit_while_a_job_counts_is_not_undone_by_it(opened, fake):
    table = opened()
    table.profiles.start()
    table.edit("c03", "sentinels", [-999])
    assert table.profiles.get("c03").missing == 20
    fake[0].tell(profiled("c03", missing=0, mean=-60.0))
    assert table.profiles.get("c03").missing == 20


def test_words_edited_while_a_job_counts_are_those_that_show(opened, fake):
    table = opened()
    table.profiles.start()
    table.edit("c04", "label", "Four")
    table.edit("c04", "unit", "kg")
    fake[0].tell(profiled("c04", mean=1.0, label="c04"))
    assert (table.profiles.get("c04").label, table.profiles.get("c04").unit) == ("Four", "kg")


def test_other_words_are_told_without_counting(opened, fake, monkeypatch):
    table, heard = opened(), []
    table.profiles.start()
    fake[0].tell(profiled("c01", mean=1.0))
    table.profiles.listen(heard.append)
    monkeypatch.setattr(table_profiles, "exact_profiles", None)
    table.profiles.relabel(replace(table.features["c01"], label="One", unit="m"))
    table.profiles.relabel(table.features["c02"])
    assert (table.profiles.get("c01").label, table.profiles.get("c01").mean) == ("One", 1.0)
    assert table.profiles.get("c02") is None
    assert heard == [frozenset({"c01"}), frozenset({"c02"})]


def test_what_is_forgotten_is_counted_again_and_told(opened):
    table, heard = opened(), []
    table.profiles.listen(heard.append)
    table.profiles.forget("c03")
    assert heard == [frozenset({"c03"})]
    assert table.profiles.get("c03").min == -999


def test_strips_come_from_profiles_and_else_are_counted_quickly(opened, fake):
    table = opened()
    table.profiles.start()
    fake[0].tell(profiled("c01", mean=1.5))
    assert table.summaries["c01"].mean == 1.5
    quick = table.summaries["c02"]
    assert quick.mean == pytest.approx(table.columns.numbers("c02").mean(), rel=1e-9)
    assert table.profiles.get("c02") is None
    assert table.summaries["c02"] is quick
    assert (list(table.summaries), len(table.summaries)) == (NAMES, 40)
    with pytest.raises(UnknownName, match="no feature 'c99'"):
        table.summaries["c99"]


def test_summaries_are_put_together_once_until_another_is_known(opened, fake):
    table = opened()
    table.profiles.start()
    table.summaries.load(NAMES[:2])
    counted = table.summaries.counted()
    assert table.summaries.counted() is counted
    exact = profiling.exact_profiles(table.columns, {"c05": table.features["c05"]})["c05"]
    fake[0].tell(Profiled(exact.document()))
    later = table.summaries.counted()
    assert list(later) == ["c00", "c01", "c05"]
    assert list(counted) == ["c00", "c01"]
    table.summaries.forget("c00", again=False)
    assert list(table.summaries.counted()) == ["c01", "c05"]


def test_it_counts_from_the_first_moment_of_its_start(opened, fake, monkeypatch):
    table, running = opened(), []

    def make(*about):
        running.append(table.profiles.running)
        return FakeJob(*about)

    monkeypatch.setattr(jobs, "ProfileJob", make)
    table.profiles.start()
    assert running == [True]  # what waits for the end of counting does not begin before it


def test_a_stopped_book_goes_on_where_it_was(opened, fake):
    table, heard = opened(), []
    table.profiles.start()
    profiling.exact_profiles(table.columns, {name: table.features[name] for name in NAMES[:5]})
    table.profiles.listen(heard.append)
    table.profiles.stop()
    assert (fake[0].cancelled, table.profiles.running, table.profiles.progress) == (
        True,
        False,
        None,
    )
    table.profiles.start()
    assert fake[1].wanted == NAMES[5:]


def test_a_book_whose_job_failed_can_go_on(opened, fake):
    book = opened().profiles
    book.start()
    fake[0].tell(Failed("killed"))
    assert (book.running, book.failed) == (False, "killed")
    book.start()
    assert len(fake) == 2
    assert (book.running, book.failed) == (True, "")


def test_a_process_counts_everything_as_this_one_would_and_is_gone_after(opened, until):
    table = opened()
    ended, heard = threading.Event(), set()

    def listen(names):
        heard.update(names)
        if not names:
            ended.set()

    table.profiles.listen(listen)
    table.profiles.start(["c39"])
    assert ended.wait(60)
    assert (table.profiles.failed, heard, set(table.profiles.finished())) == (
        "",
        set(NAMES),
        set(NAMES),
    )
    expected = profiling.exact_profiles(opened().columns, table.features)
    assert {name: one.document() for name, one in table.profiles.finished().items()} == {
        name: one.document() for name, one in expected.items()
    }
    until(lambda: not workers())


def test_close_ends_the_process(opened, until):
    table = opened()
    table.profiles.start()
    until(workers)
    table.profiles.close()
    table.profiles.close()
    until(lambda: not workers())
    assert table.profiles.failed == ""


def workers():
    """Return the running worker processes that this process itself has started."""
    children = psutil.Process().children()
    return [
        one
        for one in children
        if one.status() != psutil.STATUS_ZOMBIE and "explorer.jobs.worker" in one.cmdline()
    ]
