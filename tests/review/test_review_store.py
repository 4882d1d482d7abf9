import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from sqlalchemy import text

from explorer.core.errors import ExplorerError, ReviewError, StoreError, UnknownName
from explorer.core.folders import data_folder
from explorer.review.approval import Approval
from explorer.review.database import Database
from explorer.review.evidence import Evidence
from explorer.review.review_store import open_store
from explorer.review.tables import HEAD, METADATA
from explorer.review.verdict import Verdict
from explorer.table.feature_set import FeatureSet


def core(features=("year", "gross"), **more):
    return FeatureSet("core", features, **{"rationale": "agreed on Monday", **more})


def seen(feature="year"):
    return Evidence(
        kind="profile", subject=feature, numbers={"missing": 3, "mean": None}, picture="<svg/>"
    )


def test_a_verdict_comes_back_as_it_was_given(store, url):
    proof = seen()
    given = store.verdict(
        "gross",
        "transform",
        recipe="log1p",
        reason="a long right tail",
        reviewer="ada",
        evidence=[proof],
        in_set="core@3",
        confidence="strong",
        suggestion={"decision": "keep"},
        fingerprint="f",
        definition="d",
    )
    again = open_store(url)
    assert again.verdicts() == [given]
    assert again.evidence(given.evidence) == {proof.key: proof}
    assert given.words == "transform (log1p)"
    again.close()


def test_a_later_verdict_supersedes_the_reviewers_own_and_keeps_the_history(store):
    first = store.verdict("year", "keep", reason="r", reviewer="ada", in_set="core@1")
    other = store.verdict("year", "drop", reason="r", reviewer="ben", in_set="core@1")
    second = store.verdict(
        "year", "drop", reason="changed my mind", reviewer="ada", in_set="core@2"
    )
    assert (first.supersedes, other.supersedes, second.supersedes) == ("", "", first.id)
    assert store.verdicts("year", in_set="core") == [first, other, second]
    assert store.verdicts(in_set="core@7", latest=True) == [other, second]
    assert store.verdicts(reviewer="ben") == [other]


def test_reviews_of_two_sets_do_not_mix_and_verdicts_of_no_set_hold_for_all_of_the_table(store):
    a = store.verdict("year", "keep", reason="r", reviewer="ada", in_set="core@1")
    b = store.verdict("year", "drop", reason="r", reviewer="ada", in_set="wide@1")
    free = store.verdict("id", "drop", reason="r", reviewer="ada", fingerprint="here")
    store.verdict("id", "keep", reason="r", reviewer="ada", fingerprint="elsewhere")
    assert store.verdicts(in_set="core", fingerprint="here") == [a, free]
    assert store.verdicts(in_set="wide") == [b]
    assert store.verdicts(fingerprint="here") == [free]


def test_sets_are_kept_by_version_and_never_changed(store):
    first = store.save(core())
    second = store.save(first.changed(features=["year"], rationale="gross is mostly missing"))
    assert store.sets() == [first, second]
    assert store.set("core") == second
    assert store.set("core@1") == first
    assert (
        store.save(core(created="2020-01-01T00:00:00+00:00")).hash == first.hash
    )  # the same again
    with pytest.raises(
        ReviewError,
        match="core@1 is kept already with other features or settings: save yours as core@2",
    ):
        store.save(core(["year"]))
    with pytest.raises(ReviewError, match="kept already"):
        store.save(core(rationale="another reason"))
    assert store.sets() == [first, second]
    with pytest.raises(UnknownName, match="did you mean"):
        store.set("cor@1")


def test_a_set_without_a_rationale_is_not_kept(store):
    with pytest.raises(ReviewError, match="core@1 has no rationale"):
        store.save(core(rationale=" "))
    assert store.sets() == []


def test_a_set_in_a_verdict_is_kept_with_it(store):
    given = store.verdict("year", "keep", reason="r", reviewer="ada", in_set=core())
    assert given.in_set == "core@1"
    assert store.sets() == [core(created=store.sets()[0].created)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"decision": "maybe"}, "no decision 'maybe'"),
        ({"reason": " "}, "a verdict needs a reason"),
        ({"reviewer": ""}, "a verdict needs a reviewer"),
        ({"feature": ""}, "a verdict needs a feature"),
        ({"recipe": "log"}, "a recipe goes with the decision transform"),
        ({"into": "gross"}, "a feature to merge into goes with the decision merge"),
        ({"decision": "merge", "into": "year"}, "cannot be merged into itself"),
        ({"decision": "transform", "recipe": "cube"}, "no transform 'cube'"),
        ({"confidence": "sure"}, "no confidence 'sure'"),
        ({"in_set": "core@x"}, "expected a set as NAME@VERSION"),
        ({"evidence": ["0" * 32]}, "no evidence"),
        ({"reason": "x" * 10_001}, "10,000 characters at most"),
    ],
)
def test_what_is_no_verdict_is_refused_in_words_and_nothing_is_written(store, changes, words):
    whole = {"feature": "year", "decision": "keep", "reason": "r", "reviewer": "ada", **changes}
    with pytest.raises((ReviewError, UnknownName), match=words):
        store.verdict(whole.pop("feature"), whole.pop("decision"), **whole)
    assert store.verdicts() == []


def test_many_verdicts_are_written_all_or_none(store):
    good = [
        Verdict(feature=f"f{k}", decision="drop", reason="r", reviewer="ada") for k in range(43)
    ]
    bad = Verdict(feature="x", decision="drop", reason="r", reviewer="ada", evidence=("nowhere",))
    with pytest.raises(ReviewError):
        store.write([*good, bad])
    assert store.verdicts() == []
    assert len(store.write(good)) == 43
    assert len(store.verdicts()) == 43


def test_two_reviewers_at_the_same_time_are_both_kept(store, url):
    barrier, failed = threading.Barrier(2), []

    def judge(who, decision):
        mine = open_store(url)
        barrier.wait()
        try:
            for _ in range(20):
                mine.verdict(
                    "year", decision, reason="r", reviewer=who, in_set="core@1", evidence=[seen()]
                )
        except ExplorerError as error:
            failed.append(error)
        mine.close()

    threads = [
        threading.Thread(target=judge, args=one) for one in (("ada", "keep"), ("ben", "drop"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(store.verdicts()) == 40
    assert sorted(one.words for one in store.verdicts(latest=True)) == ["drop", "keep"]


def test_approvals_and_quorum_are_kept(store):
    assert store.quorum("core") == 1
    store.set_quorum("core", 2)
    store.set_quorum("core@4", 3)
    assert store.quorum("core@1") == 3
    signed = store.approve(Approval(in_set="core@1", reviewer="ada", definitions={"year": "k"}))
    assert store.approvals("core@1") == [signed]
    assert store.approvals("core@2") == []
    for wrong in (0, 101, 1.5, True):
        with pytest.raises(ReviewError, match="whole number from 1 to 100"):
            store.set_quorum("core", wrong)
    with pytest.raises(ReviewError, match="one version of a set is approved"):
        Approval(in_set="core", reviewer="ada")


def test_its_mark_changes_with_everything_that_is_written(store, url):
    marks = [store.newest()]
    other = open_store(url)
    other.verdict("year", "keep", reason="r", reviewer="ada")
    marks.append(store.newest())
    other.save(core())
    marks.append(store.newest())
    other.approve(Approval(in_set="core@1", reviewer="ada"))
    marks.append(store.newest())
    other.set_quorum("core", 2)
    marks.append(store.newest())
    other.set_quorum("core", 3)
    other.set_quorum("wide", 2)
    marks.append(store.newest())
    other.set_quorum("core", 2)
    other.set_quorum("wide", 3)
    marks.append(store.newest())
    other.close()
    assert len(set(marks)) == 7


def test_a_file_of_verdicts_merges_into_another_store_once(store, tmp_path):
    store.verdict("year", "keep", reason="r", reviewer="ada", evidence=[seen()], in_set=core())
    store.verdict("year", "drop", reason="r", reviewer="ada", in_set="wide@1")
    store.approve(Approval(in_set="core@1", reviewer="ada"))
    counts = store.export(tmp_path / "core.json", "core")
    assert counts == {"sets": 1, "verdicts": 1, "evidence": 1, "approvals": 1}
    other = open_store(tmp_path / "other.db")
    other.verdict("year", "drop", reason="r", reviewer="ben", in_set="core@1")
    assert other.merge(tmp_path / "core.json") == counts
    assert set(other.merge(tmp_path / "core.json").values()) == {0}
    assert [one.reviewer for one in other.verdicts("year", in_set="core")] == ["ada", "ben"]
    assert other.sets() == store.sets()
    assert other.evidence([seen().key]) == {seen().key: seen()}


def test_merging_a_set_that_is_another_one_here_adds_nothing(store, tmp_path):
    store.verdict("year", "keep", reason="r", reviewer="ada", in_set=core())
    store.export(tmp_path / "core.json")
    other = open_store(tmp_path / "other.db")
    other.save(core(["title"]))
    with pytest.raises(ReviewError, match="kept already"):
        other.merge(tmp_path / "core.json")
    assert other.verdicts() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "expected JSON"),
        ("[]", "expected a file of verdicts"),
        ('{"form": "explorer-review-1", "verdicts": []}', "not a whole file"),
        (
            (
                '{"form": "explorer-review-1", "verdicts": [{"x": 1}], "evidence": [], "sets": '
                '[], "approvals": []}'
            ),
            "not a verdict",
        ),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(tmp_path, text, words):
    store = open_store(tmp_path / "a.db")
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ReviewError, match=words):
        store.merge(tmp_path / "x.json")
    with pytest.raises(ReviewError, match="cannot read"):
        store.merge(tmp_path / "no.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"time": 5},
        {"time": "zzzz"},
        {"feature": 3},
        {"reason": ["x"]},
        {"in_set": "core@x"},
        {"in_set": 3},
        {"suggestion": "x"},
        {"suggestion": {"a": 1}},
        {"evidence": "abc"},
        {"recipe": 3},
        {"reason": "\ud800"},
        {"reviewer": 1},
        {"in_set": "x" * 300},
        {"id": 7},
    ],
)
def test_a_file_with_an_entry_of_another_type_adds_nothing_and_harms_nobody(tmp_path, changes):
    store = open_store(tmp_path / "a.db")
    store.verdict("year", "keep", reason="r", reviewer="ada", in_set="core@1")
    store.export(tmp_path / "x.json")
    document = json.loads((tmp_path / "x.json").read_text())
    document["verdicts"] = [{**document["verdicts"][0], "id": "other", **changes}]
    (tmp_path / "x.json").write_text(json.dumps(document))
    with pytest.raises(ExplorerError):
        store.merge(tmp_path / "x.json")
    assert len(store.verdicts()) == 1


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("verdicts", 1),
        ("sets", 1),
        ("sets", {"form": 1, "name": 3, "features": ["a"]}),
        ("approvals", {"in_set": 3}),
        ("sets", {"form": 1, "name": "x", "features": 3}),
        ("evidence", {"kind": "note", "subject": 3}),
        ("evidence", 1),
        ("approvals", {"in_set": "core@1", "reviewer": "a", "approves": "yes"}),
        ("sets", {"form": 1, "name": "x", "features": [["a"]]}),
    ],
)
def test_a_file_with_something_else_in_a_list_is_refused_in_words(tmp_path, part, wrong):
    store = open_store(tmp_path / "a.db")
    store.export(tmp_path / "x.json")
    document = json.loads((tmp_path / "x.json").read_text())
    (tmp_path / "x.json").write_text(json.dumps({**document, part: [wrong]}))
    with pytest.raises(ExplorerError):
        store.merge(tmp_path / "x.json")


def test_times_of_other_zones_are_kept_in_utc_so_that_they_sort(store):
    given = store.verdict("x", "keep", reason="r", reviewer="a", time="2026-01-31T12:00:00+02:00")
    assert given.time == "2026-01-31T10:00:00.000000+00:00"


def test_without_an_address_it_is_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    open_store().verdict("year", "keep", reason="r", reviewer="ada")
    assert (data_folder() / "reviews.db").is_file()
    monkeypatch.setenv("EXPLORER_STORE", str(tmp_path / "elsewhere" / "r.db"))
    assert open_store().verdicts() == []
    assert (tmp_path / "elsewhere" / "r.db").is_file()


# --- bad days


@pytest.mark.parametrize(
    "address", ["mysql://host/x", "oracle://x", "postgresql://[", "sqlite://x:y"]
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(StoreError, match=r"store|address|user"):
        open_store(address)


def test_a_server_that_is_not_there_is_named_without_its_password():
    with pytest.raises(StoreError, match=r"cannot be reached") as told:
        open_store("postgresql://ada:secret@127.0.0.1:1/reviews")
    assert "secret" not in str(told.value)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "x.db").write_text("these are notes, no database" * 100)
    before = (tmp_path / "x.db").read_bytes()
    with pytest.raises(StoreError, match="no database, or a damaged one"):
        open_store(tmp_path / "x.db")
    assert (tmp_path / "x.db").read_bytes() == before


def test_a_locked_store_is_said_and_nothing_is_written(tmp_path, monkeypatch):
    store = open_store(tmp_path / "x.db")
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with store._database.engine.connect() as connection:
        connection.exec_driver_sql(
            "PRAGMA busy_timeout = 50"
        )  # the pool hands the same connection out again
    with pytest.raises(StoreError, match="locked by another program"):
        store.verdict("year", "keep", reason="r", reviewer="ada")
    other.execute("ROLLBACK")
    assert store.verdicts() == []
    store.verdict("year", "keep", reason="r", reviewer="ada")
    assert len(store.verdicts()) == 1


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path):
    store = open_store(tmp_path / "x.db")
    store.verdict("year", "keep", reason="r", reviewer="ada")
    with store._database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="full disk"):
        store.verdict("gross", "keep", reason="x" * 9_000, reviewer="ada", evidence=[seen()])
    assert [one.feature for one in store.verdicts()] == ["year"]


def test_a_read_only_store_can_be_read_and_says_that_it_cannot_be_written(tmp_path, monkeypatch):
    open_store(tmp_path / "x.db").verdict("year", "keep", reason="r", reviewer="ada")
    monkeypatch.setattr("explorer.review.database._may_write", lambda _: False)
    store = open_store(tmp_path / "x.db")
    assert len(store.verdicts()) == 1
    with pytest.raises(StoreError, match="read-only"):
        store.verdict("gross", "keep", reason="r", reviewer="ada")


def test_a_store_of_a_newer_form_is_refused(tmp_path):
    store = open_store(tmp_path / "x.db")
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    store._database.write(lambda connection: connection.execute(newer) and None)
    with pytest.raises(StoreError, match="newer Explorer"):
        open_store(tmp_path / "x.db")


def test_a_database_of_another_program_is_refused(url):
    database = Database(url)
    made = text("CREATE TABLE reviews (title TEXT)")
    database.write(lambda connection: connection.execute(made) and None)
    with pytest.raises(StoreError, match="tables of another program"):
        open_store(url)
    counted = text("SELECT count(*) FROM reviews")
    assert database.read(lambda connection: connection.execute(counted).scalar()) == 0
    database.close()


def test_an_older_store_is_renewed_with_a_copy_beside_it(url, tmp_path, monkeypatch):
    """A step of migrations more than there is now."""
    from alembic.script import ScriptDirectory

    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    store = open_store(url)
    given = store.verdict("year", "keep", reason="r", reviewer="ada")
    import shutil

    from explorer.review import migrate

    steps = tmp_path / "steps"
    shutil.copytree(migrate._FOLDER, steps)
    (steps / "versions" / "s9_next.py").write_text(
        textwrap.dedent("""
        import sqlalchemy as sa
        from alembic import op
        revision, down_revision = "0009", "%s"
        def upgrade():
            op.add_column("reviews", sa.Column("note", sa.Text))
        """)
        % HEAD
    )
    monkeypatch.setattr(migrate, "_FOLDER", steps)
    monkeypatch.setattr(migrate, "HEAD", "0009")
    assert ScriptDirectory(str(steps)).get_current_head() == "0009"
    again = open_store(url)
    assert again.verdicts() == [given]
    copies = [*tmp_path.glob("reviews.db.form-*"), *(tmp_path / "data").glob("copies/*")]
    assert len(copies) == 1
    if url.startswith("sqlite"):
        with sqlite3.connect(copies[0]) as copy:
            assert copy.execute("SELECT count(*) FROM verdicts").fetchone() == (1,)
    else:
        assert json.loads(copies[0].read_text())["verdicts"][0]["feature"] == "year"
    again.close()
    store.close()


def test_the_steps_end_at_the_tables_as_they_are_written_down(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store._database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert MigrationContext.configure(connection).get_current_revision() == HEAD


_REVIEWER = """
import sys, time
from explorer.review.evidence import Evidence
from explorer.review.review_store import open_store
store = open_store(sys.argv[1])
who = sys.argv[2]
for k in range(100_000):  # until it is killed
    proof = Evidence(kind="note", subject=f"f{k}", title=who)
    given = store.verdict(
        f"f{k}", "keep", reason="r", reviewer=who, in_set="core@1", evidence=[proof]
    )
    print(given.id, flush=True)
    # SQLite has no queue: where four write without any pause, the fifth may never be let in
    time.sleep(0.02)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")
@pytest.mark.parametrize("after", [0.05, 0.3])
def test_what_was_confirmed_survives_kill_9_of_five_reviewers(tmp_path, after):
    """Five processes write without end; all are killed, and the store opens clean."""
    file = tmp_path / "reviews.db"
    open_store(file).close()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _REVIEWER, str(file), f"r{k}"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for k in range(5)
    ]
    first = [process.stdout.readline() for process in running]  # all of them write by now
    time.sleep(after)
    for process in running:
        process.send_signal(signal.SIGKILL)
    confirmed = {line.strip() for line in first}
    for process in running:
        confirmed |= {line.strip() for line in process.stdout if len(line.strip()) == 32}
        process.wait()
        process.stdout.close()
    store = open_store(file)
    kept = {one.id for one in store.verdicts()}
    assert len(confirmed) >= 5
    assert confirmed <= kept
    check = "PRAGMA integrity_check"
    assert (
        store._database.read(lambda connection: connection.exec_driver_sql(check).scalar()) == "ok"
    )
    for one in store.verdicts():
        assert set(store.evidence(one.evidence)) == set(one.evidence)
