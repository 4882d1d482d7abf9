"""The script of the models as Panel's own server runs it."""

from explorer.app.demo import samples

SCRIPT = "models.py"


def test_the_script_opens_the_page_at_its_models(run):
    handler, document = run(str(samples()[0].path))
    assert not handler.failed, handler.error_detail
    assert document.template_variables["tab"] == "Models"
    assert "models" in {root.name for root in document.roots}


def test_without_files_the_error_says_how(run):
    handler, _ = run()
    assert handler.failed
    assert "no table is named: panel serve apps/models.py --args FILE..." in handler.error
