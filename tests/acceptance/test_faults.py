"""A store that breaks, a full disk, a cache that is deleted: nothing confirmed is lost, nothing is doubled, and words say what to do."""

import sqlite3

import pytest

import explorer
from explorer.errors import ReviewError, StoreError
from explorer.review.approval import Approval
from explorer.review.verdict import Verdict
from tests.benchmarks import bench_postgres


class BreakingConnection:
    """Breaks the connections of a store as a server does that is restarted: before, or after it has kept a commit."""

    def __init__(self, store):
        self.dialect = store._database.engine.dialect
        self.execute, self.commit = self.dialect.do_execute, self.dialect.do_commit
        self.before = self.after = 0
        vars(self.dialect).update(do_execute=self.do_execute, do_commit=self.do_commit)

    def do_execute(self, cursor, statement, parameters, context=None):
        if self.before and statement.startswith(("INSERT", "SELECT")):
            self.before -= 1
            raise sqlite3.InterfaceError("network error")
        self.execute(cursor, statement, parameters, context)

    def do_commit(self, connection):
        self.commit(connection)
        if self.after:
            self.after -= 1
            raise sqlite3.InterfaceError("network error")


@pytest.fixture
def store(tmp_path):
    opened = explorer.open_store(tmp_path / "reviews.db")
    yield opened
    opened.close()


@pytest.fixture
def breaking(store):
    return BreakingConnection(store)


def give(store, feature="age", **more):
    return store.verdict(feature, "keep", reason="as seen", reviewer="ada", **more)


def test_a_verdict_is_written_on_a_new_connection_when_the_first_one_breaks(store, breaking):
    breaking.before = 1
    given = give(store)
    assert [one.id for one in store.verdicts()] == [given.id]
    breaking.before = 1
    assert [one.id for one in store.verdicts()] == [given.id]


def test_a_verdict_whose_commit_broke_after_it_was_kept_is_not_doubled(store, breaking):
    first = give(store)
    breaking.after = 1
    second = give(store)
    assert store.verdicts() == [first, second]
    assert second.supersedes == first.id  # and not its own id
    breaking.after = 1
    signed = Approval(in_set="core@1", reviewer="ada")
    assert store.approve(signed) == signed
    assert store.approvals("core@1") == [signed]


def test_a_merge_whose_commit_broke_says_what_was_added(store, breaking, tmp_path):
    other = explorer.open_store(tmp_path / "other.db")
    give(other)
    other.export(tmp_path / "other.json")
    other.close()
    breaking.after = 1
    assert store.merge(tmp_path / "other.json")["verdicts"] == 1
    assert store.merge(tmp_path / "other.json")["verdicts"] == 0


def test_a_connection_that_breaks_twice_is_one_line_that_says_what_is_certain(store, breaking):
    breaking.before = 2
    with pytest.raises(StoreError) as told:
        give(store)
    assert str(told.value).endswith("cannot be reached: network error; nothing was changed, try again")
    assert store.verdicts() == []
    breaking.after, words = 2, "whether this was written is not known, look before you try again"
    with pytest.raises(StoreError) as told:
        store.set_quorum("core", 2)
    assert str(told.value).endswith(f"cannot be reached: network error; {words}")
    store.set_quorum("core", 2)
    assert store.quorum("core") == 2


def test_another_verdict_of_an_id_that_is_kept_is_refused(store):
    one = Verdict(feature="age", decision="keep", reason="r", reviewer="ada", id="1")
    other = Verdict(feature="age", decision="drop", reason="r", reviewer="ada", id="1")
    assert store.write([one]) == store.write([one])
    with pytest.raises(ReviewError, match="says something else"):
        store.write([other])


# pg8000 leaves the socket of a connection that the server refuses to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_no_confirmed_verdict_is_lost_or_doubled_while_postgresql_is_restarted():
    if not bench_postgres.program("initdb") or not bench_postgres.program("pg_ctl"):
        pytest.skip("PostgreSQL is not installed: this test needs initdb and pg_ctl")
    counts = bench_postgres.measure(writers=3, per_writer=5, restarts=1)
    assert (counts.confirmed, counts.lost, counts.doubled, counts.surprises) == (15, 0, 0, [])
