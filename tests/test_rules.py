"""The house rules that no linter knows."""

import ast
import functools
import importlib.metadata
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ("explorer", "projections")
FOLDERS = (*LIBRARY, "apps", "data", "tests")
# Written by tools, or the tools' own: the locks.
BESIDE_THE_HOUSE = {
    "build",
    "dist",
    "bench-results",
    "node_modules",
    "requirements",
    "test-results",
}
GRAB_BAGS = {"utils", "util", "helpers", "common", "misc", "manager"}

MODULES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
OUTSIDE_TESTS = [path for path in MODULES if not path.is_relative_to(ROOT / "tests")]
SCRIPTS = [path for folder in ("apps", "data") for path in sorted((ROOT / folder).glob("*.py"))]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def imported_names(path: Path) -> set[str]:
    """Return the dotted names that a module imports: modules, and module.name of names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.fixture(scope="module")
def top_level_imports() -> set[str]:
    """Names that `import` finds: the standard library's, of installed distributions, and ours."""
    return (
        set(sys.stdlib_module_names)
        | set(importlib.metadata.packages_distributions())
        | set(FOLDERS)
    )


def test_top_level_folders_are_those_of_the_drawing():
    drawing = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("```")[1]
    drawn = set(re.findall(r"^(\w+)/", drawing, flags=re.MULTILINE))
    ignored = re.compile(r"\..*|.*\.egg-info|__pycache__")
    found = {
        path.name for path in ROOT.iterdir() if path.is_dir() and not ignored.fullmatch(path.name)
    }
    assert found - BESIDE_THE_HOUSE == drawn


def test_no_script_in_apps_hides_a_package(top_level_imports):
    # Panel puts the script's folder first on sys.path: apps/panel.py would be what every page
    # imports as panel.
    assert [
        named(path) for path in (ROOT / "apps").glob("*.py") if path.stem in top_level_imports
    ] == []


def test_scripts_of_apps_and_data_have_unique_names():
    stems = Counter(path.stem for path in SCRIPTS)
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_no_file_is_a_grab_bag():
    assert [named(path) for path in OUTSIDE_TESTS if path.stem.lstrip("_") in GRAB_BAGS] == []


def test_tests_are_no_packages():
    assert [
        named(path)
        for path in MODULES
        if path.name == "__init__.py" and path.is_relative_to(ROOT / "tests")
    ] == []


def test_the_samples_are_read_as_resources_and_never_imported():
    # only a module that has the words can import them
    readers = [
        path
        for path in OUTSIDE_TESTS
        if path.parent != ROOT / "data"
        and re.search(r"(import|from) data\b|samples", path.read_text(encoding="utf-8"))
    ]
    imported = [
        f"{named(path)}: {name}"
        for path in readers
        for name in imported_names(path)
        if re.match(r"(explorer\.samples|data)(\.|$)", name)
    ]
    assert imported == []
    mentions = [path for path in readers if "explorer.samples" in path.read_text(encoding="utf-8")]
    assert [
        named(path) for path in mentions if "importlib.resources" not in imported_names(path)
    ] == []


def test_every_folder_of_the_library_is_named_as_a_package():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]
    folders = {path.parent for folder in LIBRARY for path in (ROOT / folder).rglob("*.py")}
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders} | {
        "explorer.samples"
    }
    assert set(setup["packages"]) == packages
    assert [named(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_no_folder_holds_more_than_25_files():
    held = Counter(
        path.parent
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        # messages.pot is written by make messages
        if path.is_file() and "__pycache__" not in path.parts and path.name != "messages.pot"
    )
    assert {named(folder): count for folder, count in held.items() if count > 25} == {}


def test_only_names_that_tasks_repeat_stand_twice():
    repeated = {
        "__init__",
        "cards",
        "command",
        "compute",
        "controller",
        "detail",
        "figures",
        "files",
        "page",
        "plots",
        "precompile",
        "text_table",
        "errors",
    }
    stems = Counter(path.stem for folder in LIBRARY for path in (ROOT / folder).rglob("*.py"))
    assert {stem for stem, count in stems.items() if count > 1} <= repeated


# A name of ours in a string: alone, between backticks, or in a program for another process.
DOTTED = r"(?:explorer|projections)(?:\.[A-Za-z_]\w*)+"
IN_STRINGS = re.compile(
    rf"`(?P<ticked>{DOTTED})`"
    rf"|\bfrom (?P<module>{DOTTED}) import (?P<name>\w+)"
    rf"|\bimport (?P<imported>{DOTTED})"
)


def names_in_strings(path: Path) -> set[str]:
    """Return the dotted names of ours in the strings of a module, which no type checker follows."""
    source = path.read_text(encoding="utf-8")
    if not re.search(DOTTED, source):
        return set()
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if re.fullmatch(DOTTED, node.value):
            names.add(node.value)
        for match in IN_STRINGS.finditer(node.value):
            ticked, module, name, imported = match.groups()
            names.add(ticked or imported or f"{module}.{name}")
    return names


@functools.cache
def bound_names(path: Path) -> set[str]:
    """Return every name that a module binds, in its classes and functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name for alias in aliases}
    return names


def resolves(name: str) -> bool:
    """Say whether a dotted name is a package, a module, or something that a module binds."""
    folder, *rest = name.replace("explorer.samples", "data").split(".")
    path = ROOT / folder
    while rest and (path / rest[0]).is_dir():
        path /= rest.pop(0)
    if rest and (path / f"{rest[0]}.py").is_file():
        names = bound_names(path / f"{rest.pop(0)}.py")
    else:
        names = {
            bound
            for file in (path / "__init__.py", path / "__init__.pyi")
            if file.is_file()
            for bound in bound_names(file)
        }
    # what a module imports has names that are not ours
    return not rest or (rest[0] in names and (rest[0].islower() or names.issuperset(rest)))


def test_every_dotted_name_in_a_string_resolves():
    assert [
        f"{named(path)}: {name}"
        for path in MODULES
        for name in sorted(names_in_strings(path))
        if not resolves(name)
    ] == []


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_guide_names_exists(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    examples = {
        "columns_command.py",
        "tests/app/test_columns_command.py",
        "tests/hello/test_page.py",
    }
    mentioned = set(re.findall(r"`([\w./]+\.(?:py|pyi|js|css|html|md|toml|yaml))`", text))
    files = [
        f"/{named(path)}" for folder in (*FOLDERS, "docs") for path in (ROOT / folder).rglob("*.*")
    ]
    assert [
        name
        for name in sorted(mentioned - examples)
        if not (ROOT / name).is_file() and not any(file.endswith(f"/{name}") for file in files)
    ] == []
