"""The script of the dashboard as Panel's own server runs it."""

from explorer.app.demo import samples

SCRIPT = "experiment.py"


def test_the_script_serves_the_experiment_alone(run, fake_queue):
    handler, document = run(str(samples()[0].path))
    assert not handler.failed, handler.error_detail
    names = {root.name for root in document.roots}
    assert {"header", "experiment"} <= names
    assert "map" not in names
    assert fake_queue.jobs == []


def test_without_files_the_error_says_how(run):
    handler, _ = run()
    assert handler.failed
    assert "no table is named: panel serve apps/experiment.py --args FILE..." in handler.error
