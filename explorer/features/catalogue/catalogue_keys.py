"""Keys of a catalogue: what may be said of a table and a feature, and how it is checked."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from explorer.core.errors import CatalogueError, nearest_names, shown
from explorer.features.catalogue.address import is_template
from explorer.features.catalogue.yaml_document import Located, located, read_yaml
from explorer.features.kind import ASSIGNMENTS, KINDS
from explorer.features.roles.role import ROLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

__all__ = [
    "EXPERIMENT_KEYS",
    "FEATURE_KEYS",
    "TABLE_KEYS",
    "as_date",
    "as_is",
    "checked_value",
    "nearest",
    "read_mapping",
    "value_as_text",
    "value_from_text",
]

_TWO_ENDS = "two ends, such as 40 – 240; leave out an end that is open"
# A number; two of them with a hyphen between; what else may stand between two ends; words for an
# end alone.
_DIGITS = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_HYPHENED = re.compile(rf"({_DIGITS})\s*-\s*({_DIGITS})")
_BETWEEN = re.compile(r"^[–—]\s+|(?<=.)\s*[–—]\s*|\s*(?:\.{2,}|…|\bto\b|\s-\s)\s*")
_ALONE = re.compile(r"(≥|>=|≤|<=)\s*(.+)")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _WrongTypeError(Exception):
    """What was expected in place of a value."""


def as_is(value: Located) -> Any:
    """Read nothing yet: keep the value and its line."""
    return value


def _text(value: Located) -> str:
    if not isinstance(value.value, str):
        raise _WrongTypeError("text (put it in quotes if it looks like a number, a date or yes/no)")
    return value.value


def _texts(value: Located) -> tuple[str, ...]:
    if not isinstance(value.value, list):
        raise _WrongTypeError("a list of texts, [a, b]")
    return tuple(_text(item) for item in value.value)


def _number(value: Located) -> float:
    """Read a number, or a date as seconds since 1970-01-01 UTC.

    A time without a zone is taken as UTC.
    """
    plain = value.value
    if isinstance(plain, datetime):
        return (plain if plain.tzinfo else plain.replace(tzinfo=UTC)).timestamp()
    if isinstance(plain, date):
        return datetime(plain.year, plain.month, plain.day, tzinfo=UTC).timestamp()
    if isinstance(plain, bool) or not isinstance(plain, int | float) or not math.isfinite(plain):
        raise _WrongTypeError("finite numbers or dates")
    return plain


def _range(value: Located) -> tuple[float | None, float | None]:
    ends = value.value
    if not isinstance(ends, list) or len(ends) != 2:
        raise _WrongTypeError("two ends, [lowest, highest], null for an open one")
    low, high = (None if end.value is None else _number(end) for end in ends)
    if low is not None and high is not None and low > high:
        raise _WrongTypeError("the lower end first")
    return low, high


def _sentinels(value: Located) -> tuple[float | str, ...]:
    if not isinstance(value.value, list):
        raise _WrongTypeError("a list of values, [-999, unknown]")
    return tuple(
        item.value if isinstance(item.value, str) else _number(item) for item in value.value
    )


def _one_of(allowed: tuple[str, ...]) -> Callable[[Located], str]:
    def read(value: Located) -> str:
        if not isinstance(value.value, str) or value.value not in allowed:
            offered = ", ".join(word for word in allowed if word)
            raise _WrongTypeError(f"one of {offered}{nearest(str(value.value), allowed)}")
        return value.value

    return read


def _template(value: Located) -> str:
    if not isinstance(value.value, str) or not is_template(value.value):
        raise _WrongTypeError(
            'an address with columns in braces, "https://example.org/{id}", a path, or one column '
            'alone, "{poster}"'
        )
    return value.value


def _texts_or_text(value: Located) -> tuple[str, ...]:
    return (value.value,) if isinstance(value.value, str) else _texts(value)


def _scalar(value: Located) -> str:
    """Read the value of a cell as its text, yes and no as they are shown."""
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if not isinstance(value.value, str | int | float):
        raise _WrongTypeError("a value of the column")
    return str(value.value)


def _shares(value: Located) -> dict[str, float]:
    if not isinstance(value.value, dict):
        raise _WrongTypeError("the share of each arm, {A: 0.5, B: 0.5}")
    shares = {name: _number(share) for name, share in value.value.items()}
    if any(share < 0 for share in shares.values()):
        raise _WrongTypeError("shares of 0 or more")
    return shares


def _metrics(value: Located) -> tuple[str | dict[str, Any], ...]:
    if not isinstance(value.value, list):
        raise _WrongTypeError("a list of metrics, as in [plays=mean(plays):increase]")
    for item in value.value:
        if not isinstance(item.value, str | dict):
            raise _WrongTypeError("a list of texts or mappings")
    return tuple(item.plain() for item in value.value)


def _plain_mapping(value: Located) -> dict[str, Any]:
    if not isinstance(value.value, dict):
        raise _WrongTypeError("a mapping")
    result: dict[str, Any] = value.plain()
    return result


TABLE_KEYS: dict[str, Callable[[Located], Any]] = {
    "title": _text,
    "row_title": _text,
    "color": _text,
    "start": _texts,
    "all": _text,
    "source": _text,
    "license": _text,
    "link": _template,
    "image": _template,
    "warnings": _texts,
    "experiment": as_is,
    "models": _plain_mapping,
    "tab": _text,
}
EXPERIMENT_KEYS: dict[str, Callable[[Located], Any]] = {
    "variant": _text,
    "control": _scalar,
    "metrics": _metrics,
    "allocation": _shares,
    "by": _texts_or_text,
    "unit": _text,
    "time": _text,
    "status": _one_of(("final", "running")),
    "experiments": _text,
}
FEATURE_KEYS: dict[str, Callable[[Located], Any]] = {
    "label": _text,
    "unit": _text,
    "description": _text,
    "kind": _one_of(KINDS),
    "role": _one_of(ROLE_NAMES),
    "of": _text,
    "group": _text,
    "owner": _text,
    "valid_range": _range,
    "sentinels": _sentinels,
    "missing_means": _text,
    "assignment": _one_of(ASSIGNMENTS),
    "source": _text,
    "tags": _texts,
}


def nearest(name: str, names: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" with the name most like this one, or nothing."""
    close = nearest_names(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def read_mapping(
    path: Path | str,
    what: str,
    node: Located | None,
    readers: Mapping[str, Callable[[Located], Any]] | None,
) -> dict[str, Any]:
    """Read a mapping whose keys each have a reader; any key goes when there are no readers.

    Raises
    ------
    CatalogueError
        With the line of the value that cannot be read.
    """
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        raise CatalogueError(
            f"{path}, line {node.line}: {what} must be a mapping (key: value), not "
            f"{shown(node.plain())}"
        )
    if readers is None:
        return dict(node.value)
    result = {}
    for key, value in node.value.items():
        if key not in readers:
            hint = nearest(key, readers) or f"; known are {', '.join(readers)}"
            raise CatalogueError(f"{path}, line {value.line}: unknown key {key!r} in {what}{hint}")
        if value.value is None and readers[key] is not as_is:
            continue  # "unit:" with nothing after it says nothing
        try:
            result[key] = readers[key](value)
        except _WrongTypeError as error:
            received = value.plain()
            raise CatalogueError(
                f"{path}, line {value.line}: {key!r} of {what} must be {error}, "
                f"not {shown(received)}"
            ) from None
    return result


def checked_value(feature: str, attribute: str, value: Any) -> Any:
    """Return a value of a feature's attribute as a catalogue file would give it.

    Parameters
    ----------
    feature, attribute : str
    value
        As YAML holds it: text, number, date, or a list or tuple of them.

    Raises
    ------
    CatalogueError
        An attribute that does not exist, or a value of the wrong type.
    """
    if attribute not in FEATURE_KEYS:
        hint = nearest(attribute, FEATURE_KEYS) or f"; known are {', '.join(FEATURE_KEYS)}"
        raise CatalogueError(f"unknown key {attribute!r} of feature {feature!r}{hint}")
    try:
        return FEATURE_KEYS[attribute](located(value))
    except _WrongTypeError as error:
        raise CatalogueError(
            f"{attribute!r} of feature {feature!r} must be {error}, not {shown(value)}"
        ) from None


def value_from_text(feature: str, attribute: str, text: str) -> Any:
    """Read what someone typed for an attribute.

    Words as they are, lists with or without their brackets.

    "40 – 240", "40 to 240", "40-240", "40..240", "40, 240", "≥ 40", "40 –" (open above) and
    "1990-01-01 – 1999-12-31" are ranges; "−999, unknown" are sentinels. Either minus sign will do;
    what has a comma in it stands in quotes.

    Raises
    ------
    CatalogueError
        In words for who fills in a field, where the text cannot be read; else as `checked_value`.
    """
    text = text.strip()
    if FEATURE_KEYS.get(attribute) not in (_range, _sentinels, _texts):
        return checked_value(feature, attribute, text)
    listed = re.sub(r"−(?=[\d.])", "-", text.removeprefix("[").removesuffix("]"))
    if attribute == "valid_range":
        listed = ", ".join(end or "null" for end in _ends(listed))
    try:
        read = read_yaml(f"[{listed}]", as_text=attribute == "tags")
        return FEATURE_KEYS[attribute](located(read.plain() if read else []))
    except (CatalogueError, _WrongTypeError) as error:
        first = "the lower end first: " if "lower end" in str(error) else ""
        expected = (
            first + _TWO_ENDS
            if attribute == "valid_range"
            else "values with commas between, such as −999, unknown"
        )
        raise CatalogueError(f"expected {expected}; came {text!r}") from None


def _ends(text: str) -> list[str]:
    """Split a typed range into its ends; an open one is empty.

    A comma between is the last thing looked for.
    """
    if not text:
        return ["", ""]
    if alone := _ALONE.fullmatch(text):
        end = _without_commas(alone[2])
        return [end, ""] if alone[1] in ("≥", ">=") else ["", end]
    if hyphened := _HYPHENED.fullmatch(text):
        return [hyphened[1], hyphened[2]]
    parts = _BETWEEN.split(text)
    if len(parts) == 2:
        return [_without_commas(part) for part in parts]
    return [part.strip() for part in text.split(",")]


def _without_commas(text: str) -> str:
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def value_as_text(value: Any, *, times: bool = False) -> str:
    """Write a value of an attribute as `value_from_text` reads it; the numbers of times as dates.

    Parameters
    ----------
    value
        Text, range, sentinels, tags, or None.
    times : bool
        Whether the feature is temporal.
    """
    if not isinstance(value, tuple):
        return "" if value is None else str(value)
    parts = [as_date(item) if times and _is_number(item) else item for item in value]
    return ", ".join("" if part is None else _quoted(part) for part in parts)


def as_date(seconds: float) -> Any:
    """Return seconds since 1970-01-01 UTC as a date or, within a day, a time in UTC.

    The number where none is exact.
    """
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return seconds
    if moment.timestamp() != seconds:  # finer than a microsecond
        return seconds
    return moment.date() if seconds % 86_400 == 0 else moment


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _quoted(part: Any) -> str:
    """Write a text that YAML would not read back as itself in quotes."""
    if not isinstance(part, str):
        return str(part)
    try:
        read = read_yaml(f"[{part}]")
        plain = read is not None and read.plain() == [part]
    except CatalogueError:
        plain = False
    return part if plain else json.dumps(part, ensure_ascii=False)
