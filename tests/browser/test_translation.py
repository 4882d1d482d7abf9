"""With a translation, every word of the page is translated.

The translation puts each text into brackets, and the table has no words: what is outside of
brackets and has two letters together is a text that no catalogue holds.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.browser.conftest import checked_page, running_server

ROOT = Path(__file__).resolve().parents[2]
TABS = ["Map", "Rows", "Feature", "Together", "Compare", "Experiment", "Models", "Review"]
# the same in every language
NAMES = {
    *("AUC", "Box", "CSV", "Cliff", "Cramér", "Explorer", "IQR", "JSON", "Markdown", "PCA", "PDF"),
    *("GB", "PNG", "Parquet", "Pearson", "QQ", "SVG", "Spearman", "Tukey", "UMAP", "VIF", "sd"),
}
SEEN = """() => {
    const seen = [];
    const walk = (root) => {
        for (const node of root.querySelectorAll('*')) {
            if (node.shadowRoot) walk(node.shadowRoot);
            if (node.closest('style, script, noscript') || !node.checkVisibility(
                { checkVisibilityCSS: true })) continue;
            for (const child of node.childNodes)
                if (child.nodeType === 3 && child.data.trim()) seen.push(child.data.trim());
            for (const name of ['title', 'aria-label', 'placeholder', 'alt'])
                if (node.getAttribute(name)) seen.push(node.getAttribute(name));
        }
    };
    walk(document.body);
    return seen;
}"""


def bracketed(text: str) -> str:
    return f"⟦{text}⟧"


@pytest.fixture(scope="module")
def translated(tmp_path_factory):
    """The address of a server whose every text is in brackets, on a table without words."""
    folder = tmp_path_factory.mktemp("translation")
    files = folder / "locale" / "eo" / "LC_MESSAGES"
    files.mkdir(parents=True)
    for template in sorted((ROOT / "explorer").glob("*/messages.pot")):
        catalogue = Catalog(locale="eo")
        with template.open("rb") as stream:
            for message in read_po(stream):
                if isinstance(message.id, tuple):
                    catalogue.add(message.id, tuple(bracketed(text) for text in message.id))
                elif message.id:
                    catalogue.add(message.id, bracketed(message.id))
        with (files / f"{template.parent.name}.mo").open("wb") as stream:
            write_mo(stream, catalogue)
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(300, 4)), columns=["x1", "x2", "x3", "x4"])
    table["c1"] = rng.choice(["a", "b", "c"], 300)
    table.to_parquet(folder / "t1.parquet")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LANGUAGE", "eo")
        environment.setenv("EXPLORER_LOCALE", str(folder / "locale"))
        arguments = ("serve", str(folder / "t1.parquet"))
        with running_server(*arguments, cache=folder / "cache", log=folder / "log.txt") as address:
            yield address


def outside(text: str) -> str:
    """Return the words of a text that are not in brackets."""
    before = ""
    while before != text:
        before, text = text, re.sub("⟦[^⟦⟧]*⟧", "", text)
    text = re.sub(r"\S*/\S*", "", text)  # the address of a database
    words = re.findall(r"[^\W\d_]{2,}", text)
    return " ".join(word for word in words if word not in NAMES)


def test_no_word_of_the_page_is_outside_the_catalogues(translated, browser):
    found = set()
    with checked_page(browser) as opened:
        opened.open(translated)
        page = opened.page
        assert page.evaluate("document.documentElement.lang") == "eo"
        for number, tab in enumerate(TABS):
            page.get_by_role("tab").nth(number).click()
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)
            found |= {f"{tab}: {text}" for text in page.evaluate(SEEN) if outside(text)}
    assert not found, "\n".join(sorted(found))
