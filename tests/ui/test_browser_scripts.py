"""What scripts of the page compute without a browser is tested by Node's own runner."""

import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from explorer.ui.browser_modules import join_modules, read_module

ROOT = Path(__file__).resolve().parents[2]
OLDEST = 20  # that the scripts are tested with


def major_version() -> int:
    """Return the major version of Node; 0 without one."""
    node = shutil.which("node")
    if node is None:
        return 0
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.strip().lstrip("v").partition(".")[0] or 0)


pytestmark = pytest.mark.skipif(
    major_version() < OLDEST, reason=f"no Node of version {OLDEST} or newer is installed"
)


def run(*arguments: str) -> None:
    result = subprocess.run(
        ["node", *arguments], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_tests_of_the_scripts_pass():
    files = sorted((ROOT / "tests/browser_scripts").glob("*.test.js"))
    assert files
    run("--test", *map(str, files))


def test_every_component_loads_as_one_module_that_exports_render(tmp_path):
    scripts = resources.files("explorer")
    with resources.as_file(scripts) as folder:
        paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*.js")]
    components = [path for path in sorted(paths) if "render" in read_module(path).exports]
    for number, path in enumerate(components):
        (tmp_path / f"{number}.mjs").write_text(join_modules(path), encoding="utf-8")
    lines = [
        f'if (!(await import("./{number}.mjs")).render) throw Error("{path} exports no render");'
        for number, path in enumerate(components)
    ]
    (tmp_path / "all.mjs").write_text("\n".join(lines), encoding="utf-8")
    run(str(tmp_path / "all.mjs"))
