"""The names that users import, and what importing costs."""

import ast
import importlib
import importlib.metadata
import os
import pkgutil
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import explorer
import projections
from explorer.app.demo import samples

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "numba",
    "sklearn",
    "datashader",
    "panel",
    "bokeh",
    "umap",
    "pynndescent",
)


def python(code: str) -> str:
    """Run code in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_name_resolves_in_any_order():
    names = list(explorer.__all__)
    for seed in range(2):
        random.Random(seed).shuffle(names)
        python(
            f"import explorer\nfor name in {names!r}:\n"
            "    assert getattr(explorer, name) is not None, name"
        )


def test_every_public_name_is_declared_where_it_is_loaded_from():
    assert dir(explorer) == sorted(explorer.__all__)
    found: dict = {}
    exec("from explorer import *", found)
    assert set(explorer.__all__) <= set(found)
    for package in (explorer, projections):
        stub = ast.parse(Path(package.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
        declared = {
            alias.name: f"{package.__name__}.{node.module}"
            for node in ast.walk(stub)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert set(package.__all__) == set(declared)
        for name, home in declared.items():
            module = importlib.import_module(home)
            assert getattr(module, name) is getattr(package, name)
            assert name == "__version__" or name in module.__all__


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(explorer, "open_tabel")
    assert not hasattr(projections, "TSNE")


def test_importing_loads_nothing_heavy():
    for package in ("explorer", "projections", "explorer.app.cli"):
        loaded = python(
            f"import sys, {package}; print(*[n for n in {HEAVY!r} if n in sys.modules])"
        )
        assert loaded.split() == [], package


def test_one_cancelled_is_the_other():
    assert explorer.Cancelled is projections.Cancelled


def test_a_folder_named_like_a_function_never_replaces_it():
    named = {module.name for module in pkgutil.iter_modules(explorer.__path__)} & set(
        explorer.__all__
    )
    assert "compare" in named
    python(
        f"import importlib, types, explorer\nfor name in {sorted(named)!r}:\n"
        "    importlib.import_module(f'explorer.{name}.compute')\n"
        "    assert isinstance(getattr(explorer, name), types.FunctionType), name"
    )
    modules = {module.name for module in pkgutil.iter_modules(projections.__path__)}
    assert modules.isdisjoint(projections.__all__)


def test_the_version_is_that_of_the_distribution():
    assert explorer.__version__ == importlib.metadata.version("highdim-explorer")


def test_the_readme_runs(tmp_path):
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    shutil.copy(samples()[0].path, tmp_path / "films.parquet")
    checks = (
        "assert rows.shape == (700, 900) and rows.sum() == 17_472\n"
        "assert picture.shape == (700, 900, 4)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*blocks, checks])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "EXPLORER_DATA": str(tmp_path / "data")},
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    grade, outliers, panned, region, *recent, explained, ratio, ledger = lines[:10]
    *cells, verdicts = lines[10:]
    assert explained.startswith("765 rows: ")
    assert "as declared" in ratio
    assert re.match(r"\d+ cells tested; false positives expected at 5% ", ledger)
    assert len(cells) == 10
    assert cells[0].startswith("all players ")
    assert verdicts == "['transform (log)']"
    assert re.fullmatch(r"(close|workable|not) \(.+\) try \w+", grade)
    assert re.fullmatch(r"\d\.\d% beyond Tukey's fences, a Gaussian has 0\.7%", outliers)
    assert re.fullmatch(r"[1-9]\d* panned films in the upper half", panned)
    assert re.fullmatch(
        r"[1-9][\d,]+ rows: .+ \['.+ than all other rows of the map; .+ here, .+ there.*'\]", region
    )
    assert len(recent) == 3
    assert all(re.fullmatch(r"\w+ effect \d\.\d\d, at least \d\.\d\d", line) for line in recent)
    assert (tmp_path / "films-map.parquet").exists()
