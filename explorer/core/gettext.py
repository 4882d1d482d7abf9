"""The texts of the page in another language, by gettext.

A text is marked where it is used: ``_("Save")``, ``ngettext("{count} row", "{count} rows", n)``.
Values are put in afterwards, by name: ``_("{count} of {total}").format(count=..., total=...)``.
Translations lie in ``de/LC_MESSAGES/*.mo`` and so on, below ``explorer/locale`` or the folder that
``EXPLORER_LOCALE`` names. A process has one language, that of ``LANGUAGE``, ``LC_ALL``,
``LC_MESSAGES`` or ``LANG``. Without translations texts are English.

What is stored or compared stays English: ``gettext_noop("spike at {value}")`` marks it where it is
made, and ``translated(text)`` translates it where it is shown.
"""

from __future__ import annotations

import functools
import gettext
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.core.text_direction import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["_", "gettext_noop", "language", "ngettext", "page_translations", "translated"]

_PLURALS = 2000  # numbers whose plural form the page is told; after 1999 forms repeat by thousands


def _(text: str) -> str:
    """Return a text of the page in the language of the process."""
    translations = _translations()
    return _Text(text if translations is None else translations.gettext(text))


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of a text that fits a number, in the language of the process."""
    translations = _translations()
    if translations is None:
        return _Text(singular if n == 1 else plural)
    return _Text(translations.ngettext(singular, plural, n))


def gettext_noop(text: str) -> str:
    """Mark a text that stays English where it is made, for `translated` to translate it later.

    To be called while its module is imported. Values in braces have no format.
    """
    _noops[text] = re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(text)))
    return text


def translated(text: str) -> str:
    """Return what was made of a text of `gettext_noop`, in the language of the process.

    Any other text stays as it is.
    """
    translations = _translations()
    if translations is None:
        return text
    matches = [(noop, match) for noop, form in _noops.items() if (match := form.fullmatch(text))]
    if not matches:
        return text
    # "bounded at {value}" fits "bounded at 0 and 1" too: take the one with the most words
    noop, match = max(matches, key=lambda pair: -sum(map(len, pair[1].groups())))
    return translations.gettext(noop).format(**match.groupdict())


_noops: dict[str, re.Pattern[str]] = {}  # what texts look like once values are put in
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


def language() -> str:
    """Return the code of the language that texts are translated to; "en" without translations."""
    translations = _translations()
    return "en" if translations is None else translations.info().get("language") or "en"


@functools.cache
def page_translations() -> str:
    """Return all translations as JSON for `gettext.js`; empty where there are none.

    It can stand in a script element.
    """
    translations = _translations()
    return "" if translations is None else translations.to_json().replace("</", "<\\/")


class _Text(str):
    """A text whose values keep its order, whatever script they are in."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """Put values in; names in right-to-left scripts are isolated."""
        return super().format(
            *map(_isolated, values), **{k: _isolated(v) for k, v in named.items()}
        )


def _isolated(value: Any) -> Any:
    return isolated(value) if isinstance(value, str) else value


class _Translations(gettext.GNUTranslations):
    """Translations of one language, from several files."""

    _catalog: dict[str | tuple[str, int], str]  # by text, or by singular and number of the form
    plural: Callable[[int], int]

    def add(self, other: _Translations) -> None:
        """Take the texts of another file that are not there yet."""
        self._catalog = {**other._catalog, **self._catalog}

    def to_json(self) -> str:
        """Return texts by their English, and the number of the plural form of 0 to 1999."""
        messages: dict[str, str | list[str]] = {}
        for key, text in sorted(self._catalog.items(), key=str):
            if isinstance(key, str):
                messages[key] = text
            else:  # (singular, number of the form), in the order of the forms
                forms = messages.setdefault(key[0], [])
                assert isinstance(forms, list)
                forms.append(text)
        messages.pop("", None)  # the header
        plurals = "".join(str(int(self.plural(n))) for n in range(_PLURALS))
        return json.dumps({"messages": messages, "plurals": plurals}, ensure_ascii=False)


@functools.cache
def _translations() -> _Translations | None:
    merged: _Translations | None = None
    for file in _files():
        with file.open("rb") as stream:
            translations = _Translations(stream)
        if merged is None:
            merged = translations
        else:
            merged.add(translations)
    return merged


def _files() -> Iterator[Path]:
    """Find the files of the language; those of ``EXPLORER_LOCALE`` come before our own."""
    own, named = Path(__file__).parents[1] / "locale", os.environ.get("EXPLORER_LOCALE")
    for folder in (own,) if not named else (Path(named), own):
        for domain in sorted({file.stem for file in folder.glob("*/LC_MESSAGES/*.mo")}):
            file = gettext.find(domain, str(folder))
            if file:
                yield Path(file)
