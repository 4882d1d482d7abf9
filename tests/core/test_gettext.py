"""Texts come in the language of the process; what is not translated stays English."""

import json

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from explorer.core import gettext


@pytest.fixture
def speak(tmp_path, monkeypatch):
    """Write translations of one folder into a language and speak it: speak("de", "map", {...})."""

    def write(language, domain, messages):
        catalogue = Catalog(locale=language)
        for text, translation in messages.items():
            catalogue.add(text, translation)
        file = tmp_path / language / "LC_MESSAGES" / f"{domain}.mo"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            write_mo(stream, catalogue)
        monkeypatch.setenv("EXPLORER_LOCALE", str(tmp_path))
        monkeypatch.setenv("LANGUAGE", language)
        forget()

    yield write
    monkeypatch.undo()
    forget()


def forget():
    gettext._translations.cache_clear()
    gettext.page_translations.cache_clear()


def test_without_translations_texts_are_english():
    assert gettext._("Save") == "Save"
    assert gettext.ngettext("{n} row", "{n} rows", 1) == "{n} row"
    assert gettext.ngettext("{n} row", "{n} rows", 0) == "{n} rows"
    assert (gettext.language(), gettext.page_translations()) == ("en", "")


def test_the_files_of_a_language_are_read_together(speak):
    speak("de", "map", {"Save": "Sichern"})
    speak("de", "rows", {"Close": "Schließen"})
    assert [gettext._(text) for text in ("Save", "Close", "Cancel")] == [
        "Sichern",
        "Schließen",
        "Cancel",
    ]
    assert gettext.language() == "de"


def test_plural_forms_are_those_of_the_language(speak):
    speak("cs", "rows", {("{n} row", "{n} rows"): ("{n} řádek", "{n} řádky", "{n} řádků")})
    forms = [gettext.ngettext("{n} row", "{n} rows", n).format(n=n) for n in (1, 3, 5)]
    assert forms == ["1 řádek", "3 řádky", "5 řádků"]


def test_a_text_that_was_stored_in_english_is_translated_where_it_is_shown(speak, monkeypatch):
    monkeypatch.setattr(gettext, "_noops", {})
    one_end = gettext.gettext_noop("bounded at {value}")
    two_ends = gettext.gettext_noop("bounded at {low} and {high}")
    stored = [one_end.format(value=0), two_ends.format(low=0, high="1.5 %"), "a level"]
    assert list(map(gettext.translated, stored)) == stored
    speak("de", "profile", {one_end: "ab {value}", two_ends: "von {low} bis {high}"})
    assert list(map(gettext.translated, stored)) == ["ab 0", "von 0 bis 1.5 %", "a level"]


def test_the_page_is_given_all_translations_and_the_forms_of_numbers(speak):
    speak(
        "cs",
        "rows",
        {"</script>": "</script>", ("{n} row", "{n} rows"): ("řádek", "řádky", "řádků")},
    )
    text = gettext.page_translations()
    assert "</" not in text
    page = json.loads(text)
    assert page["messages"] == {"</script>": "</script>", "{n} row": ["řádek", "řádky", "řádků"]}
    assert [page["plurals"][n] for n in (0, 1, 2, 4, 5, 1001)] == ["2", "0", "1", "1", "2", "2"]
    assert len(page["plurals"]) == 2000
