"""Numbers written as text ("1,416,481", "89.10%", "0:00:47").

They are recognised and offered, never silently converted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.sources.source import ArrowSource

__all__ = ["TextNumbers", "numbers_as_text", "parse_numbers"]

_MISSING = pa.array(["", "na", "n/a", "#n/a", "nan", "null", "none", "-", "–", "—", "."])
_DIGITS = r"(\d+\.?\d*|\.\d+)"
_GROUPED = r"\d{1,3}(,\d{3})+(\.\d*)?"
_CLOCK = r"^[+-]?\d+:[0-5]\d:[0-5]\d(\.\d+)?$"
_PATTERNS = {
    "plain numbers": rf"^[+-]?{_DIGITS}([eE][+-]?\d+)?$",
    "commas between thousands": rf"^[+-]?{_GROUPED}$",
    "per cent (89.10% is read as 89.1)": rf"^[+-]?({_DIGITS}|{_GROUPED})\s*%$",
    "amounts with a currency sign": rf"^[+-]?[$€£¥]\s*[+-]?({_DIGITS}|{_GROUPED})$",
    "h:mm:ss (read as seconds)": _CLOCK,
}
_SAMPLE_ROWS = 20_000
_OFFERED_FROM = 0.9  # share of the values that parse, from which a column is offered: a convention


@dataclass(frozen=True)
class TextNumbers:
    """A column of text that reads as numbers.

    Attributes
    ----------
    share : float
        Share of the values that parse, in [0, 1], missing ones left out.
    values : int
        Values looked at, missing ones left out.
    pattern : str
        How the numbers are written, in words, most frequent first.
    unparsed : tuple of str
        Up to three values that do not parse.
    sampled : int or None
        Random rows that were looked at; None when it was all of them.
    """

    share: float
    values: int
    pattern: str
    unparsed: tuple[str, ...]
    sampled: int | None


def numbers_as_text(
    source: ArrowSource, names: Iterable[str] | None = None
) -> dict[str, TextNumbers]:
    """Find the columns of text whose values read as numbers, in at least nine of ten cases.

    Parameters
    ----------
    source : ArrowSource
        The table; 20,000 random rows of it are looked at (all, when it has no more).
    names : iterable of str, optional
        Columns to look at; default: all columns of text.

    Returns
    -------
    dict of str to TextNumbers
        In table order, only the columns worth offering; convert them with `parse_numbers`.
    """
    looked_at = set(source.column_names if names is None else names)
    texts = [
        field.name for field in source.schema if field.name in looked_at and _is_text(field.type)
    ]
    if not texts:
        return {}
    table, _ = source.sample(texts, _SAMPLE_ROWS)
    sampled = table.num_rows if table.num_rows < source.num_rows else None
    result = {name: _recognise(table.column(name), sampled) for name in texts}
    return {name: numbers for name, numbers in result.items() if numbers is not None}


def parse_numbers(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Read text as numbers.

    Reads plain numbers, commas between thousands, per cent (as the number before the sign), a
    currency sign, and h:mm:ss (as seconds), each with white space around it. Null, "", "N/A", "NA",
    "NaN", "null", "none", dashes, and whatever else does not read as a number become null.

    Parameters
    ----------
    array : pa.Array or pa.ChunkedArray of length n
        Of strings, or dictionary-encoded strings.

    Returns
    -------
    pa.DoubleArray of length n
    """
    encoded = _encoded(array)
    text = _trimmed(encoded.dictionary)
    clock = pc.match_substring_regex(text, _CLOCK)
    number = pc.and_not(_matches(text), clock)
    bare = pc.replace_substring_regex(text, r"[,%$€£¥\s]", "")
    values = pc.if_else(number, bare, pa.scalar(None, bare.type)).cast(pa.float64())
    seconds = _seconds(pc.if_else(clock, text, pa.scalar(None, text.type)))
    return pc.coalesce(values, seconds).take(encoded.indices)


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value))


def _encoded(array: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if isinstance(whole, pa.ChunkedArray):  # combining may leave several chunks of very long text
        whole = pa.concat_arrays(whole.cast(pa.large_string()).chunks)
    return whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()


def _trimmed(text: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(text)
    missing = pc.is_in(pc.utf8_lower(trimmed), value_set=_MISSING.cast(trimmed.type))
    return pc.if_else(missing, pa.scalar(None, trimmed.type), trimmed)


def _matches(text: pa.Array) -> pa.Array:
    return pc.match_substring_regex(text, "|".join(_PATTERNS.values()))


def _seconds(clock: pa.Array) -> pa.Array:
    parts = pc.extract_regex(clock, r"^(?P<sign>[+-]?)(?P<h>\d+):(?P<m>\d+):(?P<s>[\d.]+)$")
    hours, minutes, seconds = (pc.struct_field(parts, part).cast(pa.float64()) for part in "hms")
    total = pc.add(pc.add(pc.multiply(hours, 3600.0), pc.multiply(minutes, 60.0)), seconds)
    return pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(total), total)


def _recognise(column: pa.ChunkedArray, sampled: int | None) -> TextNumbers | None:
    encoded = _encoded(column)
    text = _trimmed(encoded.dictionary).take(encoded.indices).drop_null()
    if not len(text):
        return None
    parses = _matches(text)
    share = pc.mean(parses).as_py()
    if share < _OFFERED_FROM:
        return None
    counts = {
        pattern: pc.sum(pc.match_substring_regex(text, expression)).as_py()
        for pattern, expression in _PATTERNS.items()
    }
    patterns = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])
    left = tuple(text.filter(pc.invert(parses)).unique()[:3].to_pylist())
    return TextNumbers(share, len(text), ", ".join(patterns), left, sampled)
