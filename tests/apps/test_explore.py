"""The script as Panel's own server runs it: in a document, with what follows --args."""

from pathlib import Path
from types import SimpleNamespace

import panel as pn
import pytest
from bokeh.command.util import build_single_handler_application
from bokeh.document import Document

from explorer.demo import samples
from explorer.pages import app

SCRIPT = str(Path(__file__).resolve().parents[2] / "apps" / "explore.py")
FILMS = str(samples()[0].path)


@pytest.fixture
def run(monkeypatch, fake_queue):
    """Run the script in a document of its own; no worker is started."""
    monkeypatch.setattr(app, "JobQueue", lambda _: fake_queue)
    monkeypatch.setattr(app, "warm_kernels", lambda: None)

    def document_of(*arguments):
        application = build_single_handler_application(SCRIPT, list(arguments))
        document = Document()
        # Panel serves only where there is a session
        context = SimpleNamespace(request=SimpleNamespace(arguments={}), id="test", server_context=None)
        document._session_context = lambda: context
        application.initialize_document(document)
        return application.handlers[0], document

    yield document_of
    pn.state.cache.clear()


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
