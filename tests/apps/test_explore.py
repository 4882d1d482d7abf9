"""The script as Panel's own server runs it: in a document, with what follows --args."""

from explorer.app import app
from explorer.app.demo import samples

SCRIPT = "explore.py"
FILMS = str(samples()[0].path)


def test_the_script_serves_the_workbench(run, fake_queue):
    handler, document = run(FILMS)
    assert not handler.failed, handler.error_detail
    assert {"header", "rows", "map", "features"} <= {root.name for root in document.roots}
    assert len(fake_queue.jobs) == 1


def test_sessions_share_the_table_and_the_queue(run, fake_queue, monkeypatch):
    opened = []
    original = app.open_table
    monkeypatch.setattr(app, "open_table", lambda files: opened.append(files) or original(files))
    for _ in range(2):
        handler, _ = run(FILMS)
        assert not handler.failed, handler.error_detail
    assert opened == [FILMS]
    assert len(fake_queue.jobs) == 2


def test_without_files_the_error_says_how(run):
    handler, _ = run()
    assert handler.failed
    assert "no table is named: panel serve apps/explore.py --args FILE..." in handler.error


def test_the_log_says_once_what_panel_serve_lacks(run, caplog):
    for _ in range(2):
        run(FILMS)
    assert [
        "explorer serve" in one.message for one in caplog.records if one.name == "explorer.app.app"
    ] == [True]
