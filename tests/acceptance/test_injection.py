"""Names that a person or a table supplies are shown as text, on every tab and in every export.

None becomes an element, a link or a script.
"""

from __future__ import annotations

import ast
import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml

import explorer
from explorer.app.cli import main
from explorer.app.page_template import page_template
from explorer.experiment.page.chosen_cell import ChosenCell
from explorer.experiment.page.experiment_report import experiment_report
from explorer.features.catalogue.address import address_of, is_template
from explorer.review.approval import Approval
from explorer.review.evidence import Evidence
from explorer.review.review_store import open_store
from explorer.state.document import first_document
from explorer.state.link import to_url
from explorer.table.feature_set import FeatureSet
from tests.browser.conftest import running_apps, running_server

IMG = '<img src=x onerror="window.hit=1">'
SCRIPT = "</script><script>window.hit=1</script>"
SVG = "\"'><svg onload=window.hit=1>"
LINK = "javascript:window.hit=1"
TURNED = "\u202e<b onclick=window.hit=1>gnp.exe"
HOSTILE = (IMG, SCRIPT, SVG, LINK, TURNED)
TITLE = f"</title>{SCRIPT}{IMG}{SVG}"
SET = f"../set {SVG} {IMG}"
FOREIGN = (
    '<svg xmlns="http://www.w3.org/2000/svg" '
    'onload="window.hit=1"><script>window.hit=1</script></svg>'
)
ROWS = 600


def table_of_hostile_names() -> pd.DataFrame:
    """Numbers, levels, arms, predictions and times, all of whose names are hostile."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=ROWS)
    arms = np.where(rng.permutation(ROWS) < ROWS // 2, IMG, SCRIPT)
    return pd.DataFrame(
        {
            IMG: x,
            SCRIPT: rng.normal(size=ROWS),
            f"third {SVG}": x + rng.normal(size=ROWS) / 9,
            SVG: rng.choice(HOSTILE, ROWS),
            LINK: arms,
            f"title {IMG}": [f"{HOSTILE[i % 5]} {i}" for i in range(ROWS)],
            f"played {IMG}": rng.random(ROWS) < 1 / (1 + np.exp(-x)),
            f"one {IMG}": rng.random(ROWS),
            TURNED: 1 / (1 + np.exp(-x)),
            f"day {SCRIPT}": pd.Timestamp("2026-01-05")
            + pd.to_timedelta(np.arange(ROWS) // 6, unit="D"),
            f"page {LINK}": [f"javascript:window.hit={i}" for i in range(ROWS)],
            f"place {SVG}": 1 + np.arange(ROWS) % 6,
            f"list {SVG}": np.arange(ROWS) // 6,
        }
    )


def catalogue_of_hostile_words(frame: pd.DataFrame) -> dict[str, object]:
    """Titles, labels, units, warnings, an experiment and models, each of which holds a script.

    The page and the picture of a row are such cells too.
    """
    words = {
        "description": f"{IMG} {SCRIPT}",
        "unit": IMG[:30],
        "group": SVG,
        "missing_means": SCRIPT,
        "source": IMG,
        "tags": [SVG],
    }
    played, one, day = f"played {IMG}", f"one {IMG}", f"day {SCRIPT}"
    models = {
        "view": "performance",
        "performance": {"truth": played, "predictions": {IMG: one, SVG: TURNED}, "by": [SVG]},
        "drift": {"time": day, "prediction": one, "truth": played},
        "engagement": {"item": SVG, "outcome": played},
        "ranking": {"position": f"place {SVG}", "outcome": played, "list": f"list {SVG}"},
    }
    experiment = {
        "variant": LINK,
        "control": IMG,
        "by": [SVG],
        "metrics": [{"name": f"metric {IMG}", "kind": "mean", "column": one, "goal": "increase"}],
    }
    return {
        "table": {
            "title": TITLE,
            "row_title": f"title {IMG}",
            "start": [IMG, SCRIPT],
            "color": SVG,
            "all": IMG,
            "source": SCRIPT,
            "license": SVG,
            "link": f"{{page {LINK}}}",
            "image": f"{{page {LINK}}}",
            "warnings": [IMG, SCRIPT],
            "experiment": experiment,
            "models": models,
        },
        "features": {
            name: {**words, "label": f"{name} {HOSTILE[i % 5]}"} for i, name in enumerate(frame)
        },
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A table and a catalogue with a review, a saved selection and labels, all of hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    frame = table_of_hostile_names()
    path, catalogue, store_path = (
        folder / "table.parquet",
        folder / "catalogue.yaml",
        folder / "reviews.db",
    )
    frame.to_parquet(path)
    catalogue.write_text(
        yaml.safe_dump(catalogue_of_hostile_words(frame), allow_unicode=True), encoding="utf-8"
    )
    table = explorer.open_table(path, catalogue=catalogue)
    some = explorer.where(table, f'"{IMG.replace(chr(34), chr(34) * 2)}" > 0.5')
    saved = table.selections.save(some, f"rows {IMG}", author=SVG)
    table.label(some, f"label {IMG}", SCRIPT, author=IMG)
    kept = FeatureSet(SET, [IMG, SCRIPT, f"third {SVG}"], rationale=f"{IMG} {SCRIPT} {SVG}")
    store = open_store(store_path)
    store.save(kept, table.fingerprint)
    for name in kept.features:
        store.verdict(
            name,
            "keep",
            reason=f"{SCRIPT} {IMG}",
            reviewer=IMG,
            in_set=kept,
            fingerprint=table.fingerprint,
            evidence=[
                Evidence(
                    kind="note",
                    subject=name,
                    title=SVG,
                    method=SCRIPT,
                    numbers={IMG: SVG},
                    parameters={SVG: [IMG]},
                    picture=FOREIGN,
                )
            ],
        )
    store.approve(Approval(in_set=kept.id, reviewer=IMG, fingerprint=table.fingerprint))
    store.close()
    return SimpleNamespace(
        folder=folder,
        path=path,
        catalogue=catalogue,
        store=store_path,
        table=table,
        saved=saved,
        set=kept,
    )


INJECTED = """() => {
  const found = [], words = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll('*')) {
      const name = one.localName;
      if (name === 'script' && one.textContent.trim().startsWith('window.hit'))
        found.push(one.outerHTML);
      for (const { name: key, value } of one.attributes) {
        const runs = key.startsWith('on') && value.includes('window.hit');
        const leads = /^(xlink:)?(href|src|action|formaction|srcdoc|data)$/.test(key);
        if (runs || (leads && /^[\\s\\0-\\x1f]*javascript:/i.test(value)))
          found.push(`<${name} ${key}=${value}>`);
      }
      if (name !== 'script' && name !== 'style')
        for (const part of one.childNodes) if (part.nodeType === 3) words.push(part.data);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  return { hit: String(window.hit), found, words: words.join('\\n'), title: document.title };
}"""


def shown_safely(page, *texts: str) -> None:
    """Wait until the page shows all texts as they were given, and nothing of them as an element."""
    page.wait_for_function(
        f"""texts => {{
          const {{ hit, found, words }} = ({INJECTED})();
          return hit !== 'undefined' || found.length || texts.every(text => words.includes(text));
        }}""",
        arg=texts,
        polling=100,
    )
    looked = page.evaluate(INJECTED)
    assert (looked["hit"], looked["found"]) == ("undefined", [])


def link_of(hostile) -> str:
    """Return a link that filters, selects, keeps two groups and opens a row, by hostile names."""
    quoted = f'"{IMG.replace(chr(34), chr(34) * 2)}"'
    first = first_document({"features": [IMG, SCRIPT]})
    state = first_document(
        {
            "features": [IMG, SCRIPT],
            "set": hostile.set.id,
            "feature": SVG,
            "row": 1,
            "regions": True,
            "color": {"column": SVG},
            "filters": [{"id": "f", "expression": f"{quoted} < 90", "on": True}],
            "selection": {"saved": hostile.saved.id, "name": hostile.saved.name},
            "groups": {
                "a": {
                    "rows": {"expression": f"{quoted} > 0"},
                    "name": IMG,
                    "count": 300,
                    "seen": {},
                },
                "b": {
                    "rows": {"expression": f"{quoted} <= 0"},
                    "name": SVG,
                    "count": 300,
                    "seen": {},
                },
            },
        }
    )
    return to_url(state, first)


@pytest.mark.browser
def test_no_name_becomes_an_element_on_any_tab(browser, hostile):
    arguments = (
        "serve",
        str(hostile.path),
        "--catalogue",
        str(hostile.catalogue),
        "--store",
        str(hostile.store),
        "--xy",
        f"{IMG},{SCRIPT}",
    )
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(f"localStorage.setItem('explorer-reviewer', {IMG!r})")
    with running_server(
        *arguments, cache=hostile.folder / "cache", log=hostile.folder / "log.txt"
    ) as address:
        page.goto(f"{address}?s={link_of(hostile)}", timeout=120_000)
        page.locator(".stage[data-moving=false]").wait_for(timeout=90_000)
        page.locator("aside.card h2").wait_for()
        shown_safely(page, *HOSTILE, TITLE, hostile.saved.name, "page javascript", f"{SCRIPT} 1")
        # a name that turns the direction of writing turns no name beside it
        assert (
            page.locator(".chips .chip").first.evaluate("one => getComputedStyle(one).unicodeBidi")
            == "isolate"
        )
        box = page.locator(".stage").bounding_box()
        for x in range(4, 16):
            page.mouse.move(box["x"] + box["width"] * x / 20, box["y"] + box["height"] / 2)
            shown_safely(page)
        page.keyboard.press("Escape")
        steps = {
            "Rows": [],
            "Feature": [],
            "Together": [],
            "Compare": [page.locator(".page button.primary")],
            "Experiment": [],
            "Models": [
                page.get_by_role("tab", name=view)
                for view in ("performance", "drift", "engagement", "ranking")
            ],
            "Review": [
                page.locator(".lines .row").first,
                page.get_by_role("button", name="Sessions"),
            ],
        }
        for tab, parts in steps.items():
            page.get_by_role("tab", name=tab).click()
            page.get_by_role("tab", name=tab, selected=True).wait_for()
            for part in parts:
                part.click()
                shown_safely(page, IMG)
            if tab == "Compare":
                shown_safely(page, f"{IMG} against {SVG} · ")  # kept once it is computed
            shown_safely(page, *HOSTILE[:4])
        # the name of the set, and whoever judged and approved
        shown_safely(page, SET, f"as {IMG}", f"approve: {IMG}")
    assert complaints == []
    context.close()


@pytest.mark.parametrize("name", ["page.html", "experiment.html"])
def test_a_title_stays_within_the_title_of_a_served_page(hostile, name):
    page = page_template(name, hostile.table.title, first_document())
    written = "".join(
        page.template.blocks["title"](page.template.new_context(page._render_variables))
    )
    assert texts_of(f"<title>{written}</title>").startswith(TITLE)


class Elements(HTMLParser):
    """Elements of a page that come from the payload.

    By an attribute that runs, the address of a script, or the script itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            running = name.startswith("on")
            leads = name in ("href", "src", "xlink:href", "action", "srcdoc") and re.match(
                r"\s*javascript:", value or "", re.IGNORECASE
            )
            if running or leads or (name, value) == ("src", "x"):
                self.found.append(f"<{tag} {name}={value}>")
            if value and value.startswith("data:image/svg+xml;base64,"):
                assert (tag, name) == ("img", "src")  # where a browser runs nothing of a picture
                picture = base64.b64decode(value.partition(",")[2]).decode()
                if picture != FOREIGN:
                    checked_svg(picture)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.lasttag == "script" and data.strip().startswith("window.hit"):
            self.found.append(f"<script>{data}")


def texts_of(page: str) -> str:
    """Return the texts of a page, of which none may be an element."""
    reader = Elements()
    reader.feed(page)
    reader.close()
    assert reader.found == []
    return "\n".join(reader.texts)


def checked_svg(text: str) -> str:
    """Return the texts of a picture, which is well formed and has nothing that runs."""
    root = ElementTree.fromstring(text)
    for one in root.iter():
        name = one.tag.rpartition("}")[2]
        assert name not in ("script", "img", "foreignObject", "a")
        assert one is root or name != "svg"
        assert not [
            key
            for key in one.attrib
            if key.startswith("on")
            or ("javascript:" in one.attrib[key] and key.endswith(("href", "src")))
        ]
    return "\n".join(root.itertext())


@pytest.fixture(scope="module")
def report(hostile, tmp_path_factory):
    """The pages of a profile report."""
    out = tmp_path_factory.mktemp("report") / "report"
    assert (
        main(
            [
                "profile",
                str(hostile.path),
                "--catalogue",
                str(hostile.catalogue),
                "--html",
                str(out),
            ]
        )
        == 0
    )
    return sorted(out.rglob("*.html"))


def test_profile_report_shows_names_as_text(hostile, report):
    assert len(report) == 1 + len(
        hostile.table.column_names
    )  # an index and a page per column, labels of rows too
    told = "".join(texts_of(path.read_text(encoding="utf-8")) for path in report)
    assert all(name in told for name in (*HOSTILE, TITLE))


@pytest.fixture(scope="module")
def publication(hostile, tmp_path_factory):
    """The folder of a published set, whose verdicts rest on evidence of somebody else."""
    folder = tmp_path_factory.mktemp("publication")
    hostile.table.project(hostile.set, method="pca").save(folder / "e.parquet")
    command = [
        "review",
        str(hostile.path),
        "export",
        "--set",
        SET,
        "--store",
        str(hostile.store),
        "--catalogue",
        str(hostile.catalogue),
        "--embedding",
        str(folder / "e.parquet"),
        "--color",
        SVG,
        "--size",
        "90x60",
        "--out",
        str(folder / "out"),
    ]
    assert main(command) == 0
    return folder / "out"


def test_publication_shows_names_as_text(publication):
    told = "".join(
        texts_of(path.read_text(encoding="utf-8")) for path in publication.rglob("*.html")
    )
    assert all(name in told for name in (*HOSTILE, TITLE, SET))


def test_markdown_of_a_publication_shows_names_as_text(publication):
    markdown = pytest.importorskip("markdown_it")
    written = (publication / "report.md").read_text(encoding="utf-8")
    told = texts_of(
        markdown.MarkdownIt("commonmark", {"html": True}).enable("table").render(written)
    )
    assert all(name in told for name in (IMG, SCRIPT, SET))


def test_other_files_of_a_publication_hold_names_as_values(hostile, publication):
    lines = ast.parse((publication / "reproduce.py").read_text(encoding="utf-8")).body
    named = {one.targets[0].id: one.value for one in lines if isinstance(one, ast.Assign)}
    assert ast.literal_eval(named["SET"]) == hostile.set.id
    kept = FeatureSet.load(publication / "features.yaml")
    assert (kept.name, kept.features) == (SET, hostile.set.features)
    assert {path.parent for path in publication.rglob("*")} == {
        publication,
        publication / "features",
    }


@pytest.fixture(scope="module")
def experiment_file(hostile, tmp_path_factory):
    """The page of an experiment, as it is saved."""
    found = explorer.experiment(
        hostile.table,
        variant=LINK,
        control=IMG,
        metrics=[explorer.Metric(f"metric {SVG}", "mean", f"one {IMG}")],
        by=[SVG],
    )
    path = tmp_path_factory.mktemp("experiment") / "experiment.html"
    look = ChosenCell(f"metric {SVG}", SCRIPT, SVG, "")
    path.write_text(experiment_report(found, look, TITLE), encoding="utf-8")
    return path


def test_experiment_page_shows_names_as_text(experiment_file):
    told = texts_of(experiment_file.read_text(encoding="utf-8"))
    assert all(name in told for name in (*HOSTILE[:3], TITLE, f"metric {SVG}"))


@pytest.mark.browser
def test_files_opened_from_the_disk_run_nothing_of_a_name(
    browser, report, publication, experiment_file
):
    context = browser.new_context()
    page = context.new_page()
    for path in (report[0], next(one for one in report if one.name == "index.html")):
        page.goto(path.as_uri())
        shown_safely(page, IMG)
        head = page.locator("#features thead button").first
        if head.count():
            head.click()  # sorted anew by its script
            shown_safely(page, *HOSTILE)
    verdict = next(
        path
        for path in publication.rglob("features/*.html")
        if "data:image/svg" in path.read_text()
    )
    for path in (publication / "index.html", publication / "map.html", verdict, experiment_file):
        page.goto(path.as_uri())
        shown_safely(page, IMG, SVG)
    context.close()


# links and pictures of rows, as a catalogue and cells may give them
TEMPLATES = (
    "javascript:window.hit={id}", "JavaScript:{id}", " javascript:{id}", "java\tscript:{id}",
    "data:text/html,{id}", "vbscript:{id}", "//a.org/{id}",
    " //a.org/{id}", "\\\\a.org/{id}", "/\\a.org/{id}", "https://a.org/{id}",
    "https://a.org/?q={id}#{id}", "https://{id}.a.org/x", "https://a.org{id}",
    "https:{id}", "/rows/{id}", "rows/{id}.html", "{id}", "{id}/x", "?row={id}", "#{id}",
    "blob:{id}", "{id}:{id}",
)  # fmt: skip
CELLS = (
    *HOSTILE, "data:text/html,<script>window.hit=1</script>", "//b.org", "/../..", "..", "@b.org",
    ".b.org", "\\\\b.org", "java\nscript:window.hit=1", "\x01javascript:window.hit=1",
    "https://b.org/x", "http://[b", "https:javascript:window.hit=1", "blob:https://b.org/1",
    " https://b.org", "%2F%2Fb.org", ":80",
)  # fmt: skip


@pytest.mark.browser
def test_a_link_made_of_cells_leads_where_its_template_says(browser):
    context = browser.new_context()
    page = context.new_page()
    led = 0
    for template in filter(is_template, TEMPLATES):
        made = {cell: address_of(template, {"id": cell}) for cell in CELLS}
        # what a browser makes of each address on a page of a server; nothing where it takes it for
        # none
        read = page.evaluate(
            (
                "all => all.filter(one => URL.canParse(one, 'http://server.org/')).map(one => "
                "new URL(one, 'http://server.org/')).map(one => [one.protocol, one.host])"
            ),
            [one for one in made.values() if one is not None],
        )
        for protocol, host in read:
            assert protocol in ("http:", "https:")
            own = template == "{id}"  # a column of whole addresses
            assert own or host == ("a.org" if template.startswith("https") else "server.org"), (
                template
            )
        led += len(read)
    context.close()
    assert led > 100


@pytest.mark.browser
def test_no_name_becomes_an_element_on_the_pages_of_apps(browser, hostile):
    root = Path(__file__).resolve().parents[2]
    scripts = [str(root / "apps" / name) for name in ("experiment.py", "models.py")]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    catalogue = catalogue_of_hostile_words(table_of_hostile_names())["table"]
    look = {"metric": f"metric {IMG}", "arm": SCRIPT, "by": SVG, "segment": None}
    state = first_document(
        {
            "features": [IMG, SCRIPT],
            "experiment": {**catalogue["experiment"], "look": look},
            "models": catalogue["models"],
        }
    )
    link = to_url(state, first_document({"features": [IMG, SCRIPT]}))
    with running_apps(
        *scripts, files=[str(hostile.path)], cache=hostile.folder / "cache"
    ) as address:
        page.goto(f"{address}/experiment?s={link}", timeout=120_000)
        page.locator(".pane.forest canvas").first.wait_for(timeout=60_000)
        shown_safely(page, *HOSTILE[:4], f"metric {IMG}")
        drawn = page.locator(".pane.forest canvas").first
        drawn.scroll_into_view_if_needed()
        box = drawn.bounding_box()
        told = page.locator(".bk-tooltip-content")
        for x in range(300, 480, 8):  # along the line of a segment, whose point tells it
            page.mouse.move(box["x"] + x, box["y"] + 15 + 2 * 19.5)
            page.evaluate(
                "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
            )
            if told.count() and SCRIPT in told.inner_text():
                break
        else:
            raise AssertionError("no segment was told")
        shown_safely(page)
        page.goto(f"{address}/models?s={link}", timeout=120_000)
        page.locator(".bk-Figure").first.wait_for(
            timeout=60_000
        )  # its views are those of the workbench
        shown_safely(page, f"played {IMG}", SVG)
    assert complaints == []
    context.close()


@pytest.mark.parametrize("color", [SVG, IMG])
def test_svg_picture_shows_names_as_text(hostile, tmp_path, color):
    shown = explorer.build_map(
        hostile.table.project([IMG, SCRIPT], method="pca"), tmp_path / "map", hostile.table
    )
    shown.save(tmp_path / "map.svg", color=color, title=TITLE, size=(300, 200))
    told = checked_svg((tmp_path / "map.svg").read_text(encoding="utf-8"))
    assert TITLE in told
