"""Scripts of apps/ as Panel's own server runs them: in a document, with what follows --args."""

from pathlib import Path
from types import SimpleNamespace

import panel as pn
import pytest
from bokeh.command.util import build_single_handler_application
from bokeh.document import Document

from explorer.app import app


@pytest.fixture
def run(request, monkeypatch, fake_queue):
    """Run the module's script (``SCRIPT``) in a document of its own, without a worker."""
    monkeypatch.setattr(app, "JobQueue", lambda _: fake_queue)
    monkeypatch.setattr(app, "warm_kernels", lambda: None)
    script = str(Path(__file__).resolve().parents[2] / "apps" / request.module.SCRIPT)

    def document_of(*arguments):
        application = build_single_handler_application(script, list(arguments))
        document = Document()
        # Panel serves only where there is a session
        context = SimpleNamespace(
            request=SimpleNamespace(arguments={}, cookies={}), id="test", server_context=None
        )
        document._session_context = lambda: context
        application.initialize_document(document)
        return application.handlers[0], document

    yield document_of
    pn.state.cache.clear()
