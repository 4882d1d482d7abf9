"""Joins a script of the page, with all that it imports, into the one ES module that Panel takes.

Panel hands a component's script to the browser as a blob, where the address of another file cannot
be resolved. Each imported script becomes a function that is called once and returns what the script
exports, so that its other names stay its own. No tool is needed for that, since the scripts keep to
a few forms, which are checked here::

    import { h, saveFile } from "../ui/dom.js";
    export function render() {}          // or: async function, class, const
"""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

__all__ = ["BrowserModule", "ModuleSyntaxError", "import_order", "join_modules", "read_module"]

_IMPORT = re.compile(
    r'^import \{(\s*[\w$]+(?:,\s*[\w$]+)*,?\s*)\} from "(\.{1,2}/[\w./-]+\.js)";$', re.MULTILINE
)
_EXPORT = re.compile(
    r"^export (?=(?:async )?(?:function\*? ?|class |const )([\w$]+))", re.MULTILINE
)
_MODULE_WORD = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class ModuleSyntaxError(ExplorerError, SyntaxError):
    """A script that cannot be joined: a form that is not known, or a name that is not exported."""


@dataclass(frozen=True)
class BrowserModule:
    """A script of the page.

    Attributes
    ----------
    path : str
        Below the folder of the package, as ``ui/dom.js``.
    imports : mapping of str to tuple of str
        Names that it takes from each other script, by path.
    exports : tuple of str
    body : str
        Its text without imports, its exports still marked.
    """

    path: str
    imports: Mapping[str, tuple[str, ...]]
    exports: tuple[str, ...]
    body: str


def read_module(path: str, root: Traversable | None = None) -> BrowserModule:
    """Read a script.

    Parameters
    ----------
    path : str
        Below `root`, as ``ui/dom.js``.
    root : Traversable, optional
        The folder of all scripts; by default that of the package explorer.

    Raises
    ------
    ModuleSyntaxError
        If the script is not there, or imports or exports in another form than the two above.
    """
    file = (root or resources.files("explorer")).joinpath(path)
    if path.startswith("../") or not file.is_file():
        raise ModuleSyntaxError(f"there is no script {path}")
    text = file.read_text(encoding="utf-8")
    imports: dict[str, tuple[str, ...]] = {}
    for names, address in _IMPORT.findall(text):
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
        if imported in imports:
            raise ModuleSyntaxError(f"{path} imports {imported} twice")
        imports[imported] = tuple(name.strip() for name in names.split(",") if name.strip())
    body = _IMPORT.sub("", text)
    for line in _MODULE_WORD.findall(body):
        if not _EXPORT.match(line):
            raise ModuleSyntaxError(f"{path}: expected a named import or export, found {line!r}")
    return BrowserModule(path, imports, tuple(_EXPORT.findall(body)), body)


def import_order(path: str, root: Traversable | None = None) -> list[BrowserModule]:
    """Return a script and all that it imports, each after those that it imports itself.

    Raises
    ------
    ModuleSyntaxError
        As `read_module`; or if scripts import each other in a circle, or a name that is not there.
    """
    read = _read_packaged if root is None else functools.partial(read_module, root=root)
    ordered: dict[str, BrowserModule] = {}
    underway: list[str] = []

    def visit(path: str) -> BrowserModule:
        if path in underway:
            raise ModuleSyntaxError(f"a circle of imports: {' → '.join([*underway, path])}")
        if path not in ordered:
            underway.append(path)
            module = read(path)
            for imported, names in module.imports.items():
                missing = set(names) - set(visit(imported).exports)
                if missing:
                    raise ModuleSyntaxError(f"{imported} exports no {min(missing)}; see {path}")
            underway.pop()
            ordered[path] = module
        return ordered[path]

    visit(path)
    return list(ordered.values())


def join_modules(path: str, root: Traversable | None = None) -> str:
    """Return one ES module that exports what a script exports and needs no other file.

    Parameters and errors as `import_order`.
    """
    *imported, entry = import_order(path, root)
    wrapped = [
        f"const {_variable(module.path)} = (() => {{\n"
        f"{_linked(module)}{_EXPORT.sub('', module.body)}"
        f"return {{ {', '.join(module.exports)} }};\n}})();\n"
        for module in imported
    ]
    return "".join([*wrapped, _linked(entry), entry.body])


_read_packaged = functools.cache(read_module)


def _variable(path: str) -> str:
    """Name what a script exports in a joined module."""
    return "module_" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _linked(module: BrowserModule) -> str:
    """Return the lines that stand for the imports of a script."""
    return "".join(
        f"const {{ {', '.join(names)} }} = {_variable(path)};\n"
        for path, names in module.imports.items()
    )
