import base64
import io
import json
import zipfile
from functools import partial

import numpy as np
import pytest

import explorer
from explorer.feature.feature_list import FeatureList
from explorer.features.matrix.matrix import build_matrix
from explorer.review.controller import ReviewController
from explorer.review.page.page import ReviewPage
from explorer.review.review_store import open_store
from explorer.review.table_reviews import TableReviews
from explorer.session.session import Session
from explorer.state import actions


@pytest.fixture
def sent():
    """Collect what goes to the page beside the parameters."""
    return []


@pytest.fixture
def opened(people, fake_queue, reviews, until, monkeypatch, sent, open_view):
    """Return a session on the Review tab, its tab and its list of features.

    Other messages than parameters are dropped.
    """
    monkeypatch.setattr(FeatureList, "_send_msg", lambda _, message: sent.append(message))
    monkeypatch.setattr(ReviewPage, "_send_msg", lambda _, message: sent.append(message))

    def make(name="ada"):
        session = Session(
            people,
            fake_queue,
            {"features": ["height", "weight"], "tab": "Review"},
            makers={ReviewController: partial(ReviewController, reviews=reviews)},
        )
        session.user = name
        people.profile(["height", "weight", "pulse"])
        page, features = open_view(ReviewPage, session), open_view(FeatureList, session)
        until(lambda: reviews.name)
        until(lambda: page.shown["queue"])
        return session, page, features

    return make


def lines(page):
    """Return the lines as they stand: only those that change are sent."""
    return page.shown["lines"]


def judge(page, send, until, name, decision, **more):
    turn = page.told.get("turn", 0)
    send(page, "judge", names=[name], decision=decision, reason="r", cite=[], **more)
    until(lambda: page.told.get("turn", 0) > turn)
    return page.told


def test_a_verdict_is_told_when_it_is_kept_and_stands_in_line_list_and_history(
    opened, until, reviews, send
):
    session, page, features = opened()
    send(page, "look", name="pulse")
    until(lambda: page.detail.get("name") == "pulse")
    assert page.detail["history"] == []
    assert judge(page, send, until, "pulse", "drop", confidence="strong")["words"] == "pulse: drop"
    until(lambda: lines(page).get("pulse", {}).get("letter") == "D")
    until(lambda: page.detail["history"])
    told = page.detail["history"][0]
    assert (told["who"], told["words"], told["confidence"]) == ("ada", "drop", "strong")
    assert page.detail["mine"]["decision"] == "drop"
    until(lambda: features._marked.get("pulse", {}).get("letter") == "D")
    assert "pulse" not in page.shown["queue"]
    assert len(open_store(reviews.url).verdicts()) == 1
    assert session.state.document.features == ("height", "weight")


def test_a_verdict_that_cannot_be_is_said_and_not_kept(opened, until, reviews, send):
    _, page, _ = opened()
    told = judge(page, send, until, "pulse", "merge", into="pulse")
    assert "cannot be merged into itself" in told["why"]
    assert open_store(reviews.url).verdicts() == []


def test_the_page_gets_all_when_it_listens_and_then_what_changed(opened, until, sent, send):
    _, page, features = opened()
    judge(page, send, until, "pulse", "keep")
    until(lambda: lines(page).get("pulse", {}).get("letter") == "K")
    until(lambda: "pulse" in features._marked)
    assert not [one for one in sent if one["type"] in ("lines", "marks")]
    for view in (page, features):
        send(view, "ready")
    whole = {one["type"]: one for one in sent if one.get("whole")}
    assert "pulse" in whole["lines"]["lines"]
    assert "pulse" in whole["marks"]["marks"]
    del sent[:]
    judge(page, send, until, "height", "keep")
    until(lambda: any(one["type"] == "marks" for one in sent))
    until(lambda: any("height" in one["lines"] for one in sent if one["type"] == "lines"))
    assert not any("pulse" in one.get("lines", one.get("marks", ())) for one in sent)


def test_several_features_get_one_verdict_each(opened, until, send):
    _, page, _ = opened()
    send(page, "judge", names=["height", "weight", "pulse"], decision="keep", reason="", cite=[])
    until(lambda: len(lines(page).get("pulse", {}).get("by", {})) == 1)
    assert page.told["words"] == "3 features: keep"
    # nobody wrote a reason, and what was frozen is none
    assert lines(page)["pulse"]["reason"] == ""


def test_rules_propose_and_a_person_approves(opened, until, send):
    _, page, _ = opened()
    send(page, "rules", text="defer: gaps: missing > 0")
    until(
        lambda: all(
            one.get("proposal", {}).get("words", "defer") == "defer" for one in lines(page).values()
        )
    )
    proposed = [name for name, one in lines(page).items() if "proposal" in one]
    assert proposed
    send(page, "approve_proposals", names=proposed)
    until(lambda: all(lines(page).get(name, {}).get("letter") == "F" for name in proposed))
    send(page, "rules", text="drop everything")
    assert "line 1" in page.told["why"]


def test_a_set_is_saved_approved_and_its_conflicts_applied(opened, until, send):
    session, page, features = opened()
    send(features, "save_set", name="core", rationale="agreed")
    until(lambda: session.state.document.set == "core@1")
    until(lambda: features.told.get("saved") == "core@1")
    until(lambda: page.status.get("set") == "core@1")
    for name in ("height", "weight", "pulse"):
        judge(page, send, until, name, "keep")
    until(lambda: features.review.get("conflicts") == 1)
    send(page, "approve", on=True)
    assert "1 conflict" in page.told["why"]
    send(features, "apply")
    assert session.state.document.features == ("height", "weight", "pulse")
    assert features.status["unsaved"] == "+ 1 edit (unsaved)"
    send(features, "save_set", name="core", rationale="pulse too")
    until(lambda: session.state.document.set == "core@2")
    until(lambda: page.status.get("state") == "provisional")
    send(page, "approve", on=True)
    until(lambda: page.status["state"] == "approved")
    send(page, "quorum", quorum=2)
    until(lambda: page.status["state"] == "provisional")
    send(features, "open_set", name="core@1")
    assert session.state.document.features == ("height", "weight")


def test_verdicts_go_out_as_a_file_and_come_in_again_once(opened, until, reviews, send):
    _, page, _ = opened()
    judge(page, send, until, "pulse", "drop")
    send(page, "export")
    until(lambda: page.saved.get("data"))
    content = base64.b64decode(page.saved["data"].split(",")[1])
    assert [one["feature"] for one in json.loads(content)["verdicts"]] == ["pulse"]
    send(page, "merge", data=base64.b64encode(content).decode())
    until(lambda: page.told["words"].startswith("0 verdicts"))
    send(page, "merge", data=base64.b64encode(b"no JSON").decode())
    until(lambda: "expected JSON" in page.told["why"])
    assert len(open_store(reviews.url).verdicts()) == 1


def test_the_name_is_asked_once_and_a_login_is_not_overwritten(opened, send):
    session, _, features = opened("")
    send(features, "reviewer", name="  ben ")
    assert (session.part(ReviewController).reviewer, features.reviewer["name"]) == ("ben", "ben")
    session.signed_in = True
    send(features, "reviewer", name="cy")
    assert session.part(ReviewController).reviewer == "ben"


def test_without_a_name_a_verdict_by_key_is_refused_in_words(opened, send):
    _, _, features = opened("")
    send(features, "verdict", name="pulse", decision="keep")
    assert "say who you are" in features.told["why"]


def test_a_store_that_cannot_be_opened_is_said_where_one_judges(
    people, fake_queue, tmp_path, until, monkeypatch, open_view, send
):
    monkeypatch.setattr(FeatureList, "_send_msg", lambda *_: None)
    (tmp_path / "x.db").write_text("no database" * 200)
    reviews = TableReviews(people, str(tmp_path / "x.db"))
    session = Session(
        people,
        fake_queue,
        {"features": ["height"], "tab": "Review"},
        makers={ReviewController: partial(ReviewController, reviews=reviews)},
    )
    session.user = "ada"
    page, features = open_view(ReviewPage, session), open_view(FeatureList, session)
    until(lambda: "no database" in features.review.get("failed", ""))
    until(lambda: "no database" in page.status.get("failed", ""))
    assert "no database" in judge(page, send, until, "height", "keep")["why"]
    reviews.close()


def test_a_saved_set_is_published_as_a_zip_that_another_program_can_use(
    opened, until, tmp_path, people, send
):
    session, page, features = opened()
    send(page, "publish", base="http://x/")
    until(lambda: "save the features as a set first" in page.told.get("why", ""))
    send(features, "save_set", name="core", rationale="agreed")
    until(lambda: session.state.document.set == "core@1")
    judge(page, send, until, "height", "keep")
    until(lambda: session.part(ReviewController).base())
    send(page, "publish", base="http://x/")
    until(lambda: page.saved.get("name") == "core@1.zip")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(page.saved["data"].split(",")[1]))) as packed:
        packed.extractall(tmp_path)
    made = explorer.FeatureSet.load(tmp_path / "core@1" / "features.yaml")
    found = np.concatenate(list(made.apply(people)))
    np.testing.assert_array_equal(
        found, build_matrix(people.source, people.matrix_spec(["height", "weight"])).X
    )
    report = json.loads((tmp_path / "core@1" / "report.json").read_text())
    assert f"http://x/?s={session.link()}" in json.dumps(report)
    assert page.busy == {}
    session.state.act(actions.toggle_feature, name="pulse", on=True)
    send(page, "publish", base="http://x/")
    until(lambda: "save first" in page.told.get("why", ""))
