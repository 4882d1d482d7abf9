"""Scripts that import each other reach the browser as one module."""

import re
from importlib import resources

import pytest

from explorer.ui.browser_modules import (
    ModuleSyntaxError,
    import_order,
    join_modules,
    read_module,
)

SCRIPTS = resources.files("explorer")
ALL = sorted(path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.rglob("*.js"))


@pytest.fixture
def root(tmp_path):
    """Write scripts into a folder: root({"a.js": text})."""

    def write(files):
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_imported_scripts_come_first_and_each_once(root):
    folder = root(
        {
            "ui/dom.js": "export const h = 1;\n",
            "page/table.js": 'import { h } from "../ui/dom.js";\nexport function table() {}\n',
            "page/page.js": (
                'import { h } from "../ui/dom.js";\n'
                'import {\n  table,\n} from "./table.js";\n'
                "export function render() {}\n"
            ),
        }
    )
    modules = import_order("page/page.js", folder)
    assert [module.path for module in modules] == ["ui/dom.js", "page/table.js", "page/page.js"]
    assert modules[2].imports == {"ui/dom.js": ("h",), "page/table.js": ("table",)}
    assert modules[1].exports == ("table",)


def test_the_joined_module_exports_what_the_script_exports_and_imports_nothing(root):
    folder = root(
        {
            "a.js": "const secret = 1;\nexport const open = secret;\n",
            "b.js": 'import { open } from "./a.js";\n\nexport function render() {}\n',
        }
    )
    assert join_modules("b.js", folder) == (
        "const module_a = (() => {\nconst secret = 1;\nconst open = secret;\n"
        "return { open };\n})();\n"
        "const { open } = module_a;\n\n\nexport function render() {}\n"
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.js": 'import { x } from "./b.js";\n'}, "there is no script b.js"),
        ({"a.js": 'import { x } from "../b.js";\n'}, "there is no script ../b.js"),
        (
            {"a.js": 'import { x } from "./b.js";\n', "b.js": "export const y = 1;\n"},
            "b.js exports no x; see a.js",
        ),
        (
            {
                "a.js": 'import { b } from "./b.js";\nexport const a = 1;\n',
                "b.js": 'import { a } from "./a.js";\nexport const b = 1;\n',
            },
            "a circle of imports: a.js → b.js → a.js",
        ),
        (
            {"a.js": 'import { x } from "./b.js";\nimport { y } from "./b.js";\n'},
            "a.js imports b.js twice",
        ),
        *(
            ({"a.js": f"{line}\n"}, "expected a named import or export, found")
            for line in (
                'import b from "./b.js";',
                'import * as b from "./b.js";',
                'import { x as y } from "./b.js";',
                'import { x } from "lodash";',
                'import "./b.js";',
                "export default 1;",
                "export let x = 1;",
                "export { x };",
                'export * from "./b.js";',
            )
        ),
    ],
)
def test_what_cannot_be_joined_is_refused_in_words(root, files, message):
    with pytest.raises(ModuleSyntaxError) as caught:
        join_modules("a.js", root(files))
    assert message in str(caught.value)


@pytest.mark.parametrize("path", ALL)
def test_every_script_keeps_to_the_known_forms(path):
    *imported, module = import_order(path)
    assert module == read_module(path)
    used = {name for names in module.imports.values() for name in names}
    assert used.isdisjoint(module.exports)
    assert len(imported) >= len(module.imports)


def test_no_script_is_left_over():
    entries = {path for path in ALL if "render" in read_module(path).exports}
    reached = {module.path for path in entries for module in import_order(path)}
    assert set(ALL) - reached == {"profile/report/report.js"}  # of pages that are read offline


def test_a_button_that_cannot_be_used_says_why():
    """`disabled` takes a control out of reach of keys: only lists have it, whose text says why."""
    scripts = [*resources.files("explorer").rglob("*.js")]
    lines = {
        f"{path.name}: {line.strip()}"
        for path in scripts
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bdisabled\b(?= *[:=])", line)
    }
    assert lines == {
        "charts.js: this.more.disabled = full || Boolean(none);",
        "page.js: earlier.disabled = !kept.length;",
        "page.js: this.cite.disabled = !this.model.cited.length;",
        "panel.js: this.more.disabled = !available.length;",
        "setup.js: disabled: arms.length < 2,",
    }
