"""The distribution, built from a copy of the sources and installed elsewhere, is complete."""

import fnmatch
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("explorer", "projections", "data", "pyproject.toml", "README.md", "LICENSE")
# What tools leave among the sources.
# declarations (.d.ts) are for checking the scripts, which is done in a checkout
LEFTOVERS = ("__pycache__", "*.pyc", "*.nbi", "*.nbc", "*.egg-info", "*.d.ts", "*.pot")

# Run in the fresh environment: where the two packages and the samples are found, and what else
# could be imported.
PROBE = """
import importlib.metadata, importlib.resources, importlib.util, io, json
import explorer, projections, pyarrow.parquet as pq
samples = importlib.resources.files("explorer.samples")
print(json.dumps({
    "version": importlib.metadata.version("highdim-explorer"),
    "folder": str(samples),
    "files": sorted(item.name for item in samples.iterdir()),
    "rows": pq.read_metadata(io.BytesIO(samples.joinpath("films.parquet").read_bytes())).num_rows,
    "leaks": [name for name in ("data", "apps", "tests") if importlib.util.find_spec(name)],
}))
"""

pytestmark = pytest.mark.install


def environment_of(folder: Path) -> dict[str, str]:
    """This environment without Python settings, with Explorer's own files kept in `folder`."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))
    }
    return kept | {
        "EXPLORER_CACHE": str(folder / "cache"),
        "EXPLORER_DATA": str(folder / "durable"),
    }


def run(*words: str | Path, folder: Path) -> str:
    """Run a command in `folder`; its output, or a failure that shows it."""
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment_of(folder),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def fresh_environment(folder: Path) -> Path:
    """Make a virtual environment that sees the libraries of this one; return its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    scheme = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", vars=scheme))
    # A folder named in a .pth file is searched, but the .pth files inside it (an editable
    # Explorer's) are not read.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def install(python: Path, *what: str | Path, folder: Path) -> None:
    """Install with this environment's pip into another one, from the disk only."""
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed")
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, *what, folder=folder)


@contextmanager
def served_demo(python: Path, folder: Path) -> Iterator[str]:
    """Start `explorer demo` on a free port; its address, once it answers."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    words = [python.with_name("explorer"), "demo", "--no-browser", "--port", str(port)]
    with (folder / "log").open("w+") as log:
        # kernels compiled elsewhere are of no use to these files, and compiling takes a minute
        environment = environment_of(folder) | {"NUMBA_DISABLE_JIT": "1"}
        server = subprocess.Popen(words, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_for(port, server, folder / "log")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait(timeout=120)


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the port takes connections; fail when the server ends, or after three minutes."""
    end = time.monotonic() + 180
    while True:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFTOVERS))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(sources, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        folder,
        sources,
        folder=folder,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(sources, wheel):
    folders = {"explorer": "explorer", "projections": "projections", "data": "explorer/samples"}
    expected = {
        f"{installed}/{path.relative_to(sources / folder).as_posix()}"
        for folder, installed in folders.items()
        for path in (sources / folder).rglob("*")
        if path.is_file()
        and not any(fnmatch.fnmatch(part, left) for part in path.parts for left in LEFTOVERS)
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected
    assert {"explorer/samples/films.parquet", "explorer/samples/films.yaml"} <= held


def test_the_wheel_carries_the_licences_and_the_command(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert any(name.endswith("/LICENSE-DATA.md") and ".dist-info/" in name for name in names)
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    assert b"explorer = explorer.__main__:command" in zipfile.ZipFile(wheel).read(entry_points)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Return the Python of an environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("installed")
    python = fresh_environment(folder / "environment")
    install(python, wheel, folder=folder)
    return python


def test_an_editable_installation_finds_its_samples_in_the_sources(sources, tmp_path):
    python = fresh_environment(tmp_path / "environment")
    install(python, "--editable", sources, folder=tmp_path)
    check_samples(python, sources, tmp_path)


def test_an_installation_finds_its_samples_from_any_folder(installed, tmp_path):
    check_samples(installed, installed.parents[1], tmp_path)


def check_samples(python: Path, home: Path, folder: Path) -> None:
    """Check that the samples are found below `home`, and that no other name is installed."""
    probed = json.loads(run(python, "-c", PROBE, folder=folder))
    assert Path(probed["folder"]).is_relative_to(home)
    shipped = {
        "films.parquet",
        "films.yaml",
        "flights.yaml",
        "open_bandit.parquet",
        "samples.yaml",
        "LICENSE-DATA.md",
    }
    assert shipped <= set(probed["files"])
    assert probed["rows"] == 17_472
    assert probed["leaks"] == []


def test_the_demo_is_served_from_an_installation(installed, tmp_path):
    listed = run(installed.with_name("explorer"), "demo", "--list", folder=tmp_path)
    assert "films" in listed
    assert "17,472 rows" in listed
    with (
        served_demo(installed, tmp_path) as address,
        urllib.request.urlopen(address, timeout=500) as page,
    ):
        assert page.status == 200
        assert b"<html" in page.read()


def test_a_recipe_can_be_run_from_an_installation(installed, tmp_path):
    assert "--source" in run(
        installed, "-m", "explorer.samples.flights_recipe", "--help", folder=tmp_path
    )
    opened = (
        "from explorer.app.demo import open_sample; print(open_sample('experiment', print).title)"
    )
    assert run(installed, "-c", opened, folder=tmp_path).splitlines()[-1].startswith("Simulated")
    assert (tmp_path / "durable/samples/experiment-1/simulated_log_truth.json").is_file()
