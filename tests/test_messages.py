"""The catalogues of texts hold what the code says, and all of it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_catalogues_of_texts_are_what_the_code_says():
    # else: make messages
    check = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "messages"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr


# Folders whose texts for the page are all marked, and what in them is for others: commands,
# reports and stores.
FOLDERS = (
    *("compare", "drift", "embedding", "engagement", "experiment", "feature", "features/roles"),
    *("map/regions", "map_view", "performance", "profile", "ranking", "relations", "review"),
    *("rows", "session", "table/units", "tray", "ui"),
)
NOT_OF_THE_PAGE = re.compile(
    r"(command|text_table|precompile|migrate|database|stepping|messages|component|page_loop"
    r"|browser_modules|downloads|verdict_rules|review_store|session_store|log_reader"
    r"|read_predictions|watch|experiment_report|profile_table|profile_store)\.py$"
    r"|/publication/|/commands/|/profile/report/"
    # errors, and notes of a provenance, which is stored
    r"|/(projection_methods|projection_spec|segment_rows|unit_codes|relevance_target)\.py$"
    r"|/embedding/(aligned|embedding|embedding_columns|embedding_computation|estimator_method)\.py$"
)
# Kinds of verdicts, and heads of tables in files: the same in every language.
NAMES = {
    *("all lists", "any play", "as the whole", "band high", "band low", "lists with a hit"),
    *("bounded at", "cannot tell", "heaped at", "not enough data", "not tested", "other values"),
    *("rows from here on", "spike at", "two classes"),
    # parts of errors
    *("; did you mean …?", "; known are …", "the feature", "… at level …"),
}
# What takes names, expressions, HTML or messages for the log.
TAKERS = {
    *("_", "cast", "compile", "debug", "endswith", "exception", "execute", "fail", "format"),
    *("get", "getLogger", "getattr", "gettext_noop", "info", "isinstance", "joinpath", "match"),
    *("ngettext", "option", "pop", "removeprefix", "removesuffix", "replace", "report"),
    *("require", "result_document", "search", "setdefault", "split", "startswith", "strftime"),
    *("sub", "take", "warn", "warning"),
}
NO_TEXTS = {"doc", "dtype", "encoding", "expression", "key", "media", "name", "style", "type"}
SENTENCE = re.compile(r"[^\W\d_]{2}[,;:.]? [^\W\d_]{2}")
CODE = re.compile(r"^#|</?\w+[ >]|font:|^[a-z_ ]+_[a-z_ ]+$|\bis null\b|, sans-serif")


def is_read_elsewhere(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a string is no text of the page: of an error, a log, a type, a key, a comparison."""
    while node in parents:
        child, node = node, parents[node]
        match node:
            case ast.Raise() | ast.Assert() | ast.Compare() | ast.Expr() | ast.Subscript():
                if not (isinstance(node, ast.Expr) and not isinstance(child, ast.Constant)):
                    return True
            case ast.arguments() | ast.FormattedValue() | ast.ExceptHandler():
                return True
            case ast.Dict() if child in node.keys:
                return True
            case ast.AnnAssign() if child is node.annotation:
                return True
            case ast.FunctionDef() if child is node.returns:
                return True
            case ast.keyword() if node.arg in NO_TEXTS:
                return True
            case ast.Attribute() if node.attr in TAKERS:
                return True
            case ast.Call():
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if child is not node.func and (
                    name in TAKERS
                    or name.endswith(("Error", "Warning"))
                    or getattr(getattr(node.func, "value", None), "id", "") == "param"
                ):
                    return True
    return False


def unmarked_texts(path: Path) -> list[str]:
    """Return the sentences of a module that are not marked for translation."""
    tree = ast.parse(path.read_bytes())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if isinstance(parents.get(node), ast.JoinedStr) or text in NAMES:
            continue
        if not SENTENCE.search(text):
            continue
        if not CODE.search(text) and not is_read_elsewhere(node, parents):
            found.append(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: {text}")
    return found


def modules_of_the_page() -> list[Path]:
    files = [path for name in FOLDERS for path in (ROOT / "explorer" / name).rglob("*.py")]
    return [path for path in sorted(files) if not NOT_OF_THE_PAGE.search(path.as_posix())]


def test_sentences_of_the_page_are_marked_for_translation():
    assert [text for path in modules_of_the_page() for text in unmarked_texts(path)] == []


def test_an_unmarked_sentence_is_found(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    module = tmp_path / "cards.py"
    module.write_text(
        '"""Cards of rows."""\n'
        'card = {"text": "no row is shown", "title": _("no row is shown")}\n'
        'more = f"and {n:,} more rows"\n'
        'raise ExplorerError("no such row: give another")\n'
    )
    assert {line.split(": ")[1] for line in unmarked_texts(module)} == {
        "no row is shown",
        "and … more rows",
    }
