"""What tests and benchmarks of the browser share lies in conftest files, which are no modules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any


def load_test_module(path: str) -> Any:
    """Return a file below tests/ as a module."""
    root = Path(__file__).parents[3]
    if str(root) not in sys.path:
        sys.path.append(str(root))  # conftest files import from tests
    file = root / "tests" / path
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
