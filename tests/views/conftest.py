import pytest

# Panel is loaded before the first test, outside the time and the warnings of any of them.
import panel  # noqa: F401  isort: skip


@pytest.fixture
def at_once():
    """Run what a view wants to show in the thread that computed it."""
    return lambda callback: callback()
