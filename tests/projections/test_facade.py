import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import projections


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    ).stdout.strip()


def test_importing_the_package_loads_no_numpy():
    loaded = (
        "import sys, projections; print([m for m in ('numpy', 'numba', 'scipy', 'sklearn', "
        "'umap') if m in sys.modules])"
    )
    assert run_python(loaded) == "[]"


def test_every_public_name_can_be_had_in_any_order():
    names = list(projections.__all__)
    random.Random(0).shuffle(names)
    assert all(getattr(projections, name).__name__ == name for name in names)
    assert dir(projections) == sorted(projections.__all__)


def test_scores_stays_a_function_when_its_module_is_imported_first():
    code = (
        "import projections.quality.map_scores; from projections import scores; "
        "print(callable(scores))"
    )
    assert run_python(code) == "True"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match="UMAP"):
        _ = projections.TSNE


def test_numba_cache_folder_is_set_unless_the_user_chose_one():
    code = "import os, projections; print(os.environ['NUMBA_CACHE_DIR'])"
    assert run_python(code, NUMBA_CACHE_DIR="/elsewhere") == "/elsewhere"
    unset = "import os; os.environ.pop('NUMBA_CACHE_DIR', None); " + code
    assert Path(run_python(unset)).parent.name == "numba"
