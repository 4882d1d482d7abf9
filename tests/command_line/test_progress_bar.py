"""The bar follows the stages on a terminal, and is silent elsewhere."""

import io
from types import SimpleNamespace

import pytest

from explorer.command_line import progress_bar as bar_module
from explorer.command_line.progress_bar import ProgressBar


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    stream = Terminal()
    # pytest puts its own sys.stderr back between a fixture and its test
    monkeypatch.setattr(bar_module, "sys", SimpleNamespace(stderr=stream))
    return stream


def test_the_last_line_is_the_last_stage_in_per_cent(terminal):
    bar = ProgressBar()
    bar("read", 0, 4)
    bar("count", 1, 4)
    bar("count", 4, 4)
    assert terminal.getvalue().split("\r\x1b[K") == ["", "read   0 %", "count  25 %", "count 100 %"]
    bar.close()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_stage_without_a_total_is_at_its_start(terminal):
    ProgressBar()("read", 0, 0)
    assert terminal.getvalue().endswith("read   0 %")


def test_thousands_of_steps_are_a_few_writes(terminal):
    bar = ProgressBar()
    for done in range(5_001):
        bar("count", done, 5_000)
    assert terminal.getvalue().endswith("count 100 %")
    assert terminal.getvalue().count("count") < 1_000


def test_nothing_is_written_where_nobody_looks(capsys):
    bar = ProgressBar()
    bar("read", 1, 2)
    bar.close()
    assert capsys.readouterr().err == ""
