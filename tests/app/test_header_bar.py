import pandas as pd
import pytest

import explorer
from explorer.app.header_bar import HeaderBar
from explorer.core.jobs.events import Failed, Progress
from explorer.session.session import Session
from explorer.state import actions


@pytest.fixture
def view(session):
    made = HeaderBar(session)
    session.listen(lambda _: made.refresh())
    return made


def test_it_says_which_table(view):
    assert view.header["table"].endswith(" · 600 rows · 16 columns")
    assert (view.header["job"], view.header["link"], view.header["can_undo"]) == (None, "", False)


def test_a_file_that_was_replaced_is_said_once_for_the_whole_page(tmp_path, fake_queue):
    file = tmp_path / "t.parquet"
    pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 1.0]}).to_parquet(file)
    session = Session(explorer.open_table(file), fake_queue, {"features": []})
    assert HeaderBar(session).header["changed"] == ""
    pd.DataFrame({"a": [1.0]}).to_parquet(file)
    assert "changed after the table was opened" in HeaderBar(session).header["changed"]
    file.unlink()
    assert "cannot be found any more" in HeaderBar(session).header["changed"]


def test_undo_and_redo(view, session, send):
    session.state.act(actions.toggle_feature, name="age", on=True)
    assert view.header["can_undo"]
    assert view.header["link"] == session.link() != ""
    send(view, "undo")
    assert session.state.document == session.start
    assert view.header["can_redo"]
    send(view, "redo")
    assert "age" in session.state.document.features


def test_light_and_dark(view, session, send):
    for theme in ("dark", "light"):
        send(view, "theme")
        assert session.state.document.theme == view.header["theme"] == theme


def test_the_job_is_shown_cancelled_and_dismissed(view, session, fake_queue, send):
    session.projection.project()
    job = fake_queue.jobs[-1]
    job.tell(Progress("layout", 1, 2, share=0.5, eta=3.0))
    assert view.header["job"]["text"] == "umap · layout · 50 % · 3 s left"
    send(view, "cancel")
    assert job.cancelled
    assert view.header["job"] is None
    session.projection.project()
    fake_queue.jobs[-1].tell(Failed("no memory"))
    assert view.header["job"]["failed"]
    send(view, "dismiss")
    assert view.header["job"] is None


def test_keys_clear_the_selection_and_choose_the_tool(view, session, send):
    session.state.act(actions.select, selection={"expression": "age > 30"})
    send(view, "clear")
    assert session.state.document.selection is None
    send(view, "tool", name="lasso")
    assert session.messages["tool"] == "lasso"
