"""Fixtures of the workbench."""

import pytest


@pytest.fixture
def ends_when_told():
    """Check that a call with progress is cancelled at each of its steps."""
    from projections.errors import Cancelled

    def check(call, steps):
        for last in range(steps):
            left = iter([True] * last)
            with pytest.raises(Cancelled):
                call(lambda *_, left=left: next(left, False))

    return check
