"""What a column is: its kind, guessed from the Arrow type, the name and a sample of its cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.gettext import _, gettext_noop
from explorer.features.roles.codes import are_codes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ASSIGNMENTS",
    "CODES",
    "KINDS",
    "KIND_LABELS",
    "NOT_PROFILED",
    "NUMBERS_AS_TEXT",
    "PARTLY_SEEN",
    "ROW_LABEL",
    "ZERO_ONE",
    "Feature",
    "Kind",
    "countable",
    "is_number_list",
    "is_text",
    "kind_of",
    "named_like_identifier",
    "possible_kinds",
    "with_kind",
]

Kind = Literal["numeric", "boolean", "categorical", "temporal", "text", "vector", "identifier"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KIND_LABELS: Mapping[Kind, str] = {
    "numeric": _("numeric"),
    "boolean": _("boolean"),
    "categorical": _("categorical"),
    "temporal": _("temporal"),
    "text": _("text"),
    "vector": _("vector"),
    "identifier": _("identifier"),
}
"""Kinds for a reader."""
ASSIGNMENTS = ("", "before", "after")

CODES = gettext_noop("codes of categories")
NOT_PROFILED = gettext_noop("not profiled")
NUMBERS_AS_TEXT = gettext_noop("numbers as text")
PARTLY_SEEN = gettext_noop("kind guessed from the first rows of a few row groups")
ROW_LABEL = gettext_noop("row label")
ZERO_ONE = gettext_noop("only 0 and 1")

# Conventions, not science: they were chosen so that film titles, directors and genres come out as a
# reader would say.
_NEARLY_ALL_DISTINCT = 0.9  # share of distinct cells from which text identifies its row
_FEW_LEVELS = 0.5  # share of distinct cells up to which even long text is levels
_LONG_TEXT = 40.0  # mean length, in characters, from which text is prose

_IDENTIFIER_NAME = re.compile(
    r"(?:^|[^a-z0-9])(?:id|ids|uuid|guid|key|rowid)$|^id[^a-z0-9]"
    r"|^(?:index|row|__index_level_\d+__|unnamed: \d+)$",
    re.IGNORECASE,
)
_CAMEL_IDENTIFIER = re.compile(r"[a-z0-9](?:Id|ID)$")  # userId, but not "grid" or "paid"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A column and what experts know of it.

    Parameters
    ----------
    name : str
        Name of the column.
    kind : {"numeric", "boolean", "categorical", "temporal", "text", "vector", "identifier"}
        What its cells are.
    label : str, optional
        Words for a reader; the name when left empty.
    unit, description, group, owner : str, optional
        From the catalogue.
    valid_range : tuple of (float or None, float or None), optional
        Both ends inclusive, in the unit of the column (times: seconds since 1970-01-01 UTC); None
        is an open end.
    sentinels : tuple, optional
        Values that stand for missing (−999, "unknown").
    missing_means, source : str, optional
        What a missing cell says; where the column comes from.
    assignment : {"", "before", "after"}
        Whether it was measured before or after a row was assigned to its arm of an experiment; ""
        when nobody said.
    tags : tuple of str, optional
        Free words.
    notes : tuple of str, optional
        What was seen while the kind was guessed ("only 0 and 1", "numbers as text", "not profiled",
        …). A numeric feature that is "numbers as text" is a column of text, read with
        `explorer.sources.text_numbers.parse_numbers`.
    """

    name: str
    kind: Kind
    label: str = ""
    unit: str = ""
    description: str = ""
    group: str = ""
    owner: str = ""
    valid_range: tuple[float | None, float | None] | None = None
    sentinels: tuple[float | str, ...] = ()
    missing_means: str = ""
    source: str = ""
    assignment: str = ""
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.label:
            object.__setattr__(self, "label", self.name)


def countable(feature: Feature) -> bool:
    """Tell whether a feature has more to count than its missing cells.

    It is neither a vector nor not profiled.
    """
    return feature.kind != "vector" and NOT_PROFILED not in feature.notes


def is_text(type_: pa.DataType) -> bool:
    """Tell whether cells of this Arrow type are strings, dictionary-encoded ones included."""
    if pa.types.is_dictionary(type_):
        return is_text(type_.value_type)
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )


def is_number_list(type_: pa.DataType) -> bool:
    """Tell whether cells of this Arrow type are lists of numbers, of one length or not."""
    lists = (pa.types.is_fixed_size_list, pa.types.is_list, pa.types.is_large_list)
    if not any(is_one(type_) for is_one in lists):
        return False
    return bool(pa.types.is_integer(type_.value_type) or pa.types.is_floating(type_.value_type))


def kind_of(
    type_: pa.DataType, name: str, sample: pa.ChunkedArray | None = None
) -> tuple[Kind, tuple[str, ...]]:
    """Guess the kind of a column.

    Parameters
    ----------
    type_ : pyarrow.DataType
        Its Arrow type.
    name : str
        Its name: an integer column is an identifier only when it is called like one and no cell
        repeats.
    sample : pyarrow.ChunkedArray, optional
        Some of its cells, drawn at random. Without it, text is categorical and numbers are
        numeric; with it, whole numbers that are called like codes (cluster, zip, region_code) are
        categorical.

    Returns
    -------
    kind : str
    notes : tuple of str
        Empty when there is nothing to say.
    """
    if pa.types.is_boolean(type_):
        return "boolean", ()
    if is_text(type_):
        return _kind_of_text(sample)
    if pa.types.is_dictionary(type_):
        return "categorical", ()
    if pa.types.is_temporal(type_) and not pa.types.is_interval(type_):
        return "temporal", ()
    if pa.types.is_integer(type_):
        return _kind_of_integers(name, sample)
    if pa.types.is_floating(type_):
        codes = sample is not None and are_codes(name, sample)
        return ("categorical", (CODES,)) if codes else ("numeric", ())
    if pa.types.is_decimal(type_) or pa.types.is_null(type_):
        return "numeric", ()
    return _kind_of_nested(type_, sample)


def named_like_identifier(name: str) -> bool:
    """Tell whether a column is called as identifiers are.

    As "id", "film_id", "userId", "uuid", "row.key".
    """
    return bool(_IDENTIFIER_NAME.search(name) or _CAMEL_IDENTIFIER.search(name))


def possible_kinds(
    type_: pa.DataType, guessed: Kind, notes: tuple[str, ...] = ()
) -> tuple[Kind, ...]:
    """Return the kinds that someone who knows better than `kind_of` may give a column.

    Parameters
    ----------
    type_ : pyarrow.DataType
    guessed : str
        What `kind_of` said.
    notes : tuple of str
        What was seen: text may be numeric when it is "numbers as text", integers boolean when "only
        0 and 1".

    Returns
    -------
    tuple of str
        The guessed kind first.
    """
    if pa.types.is_nested(type_):
        allowed: tuple[Kind, ...] = ("text",)
    elif is_text(type_):
        allowed = (
            "categorical",
            "text",
            "identifier",
            *(("numeric",) if NUMBERS_AS_TEXT in notes else ()),
        )
    elif pa.types.is_dictionary(type_):
        allowed = ("categorical", *possible_kinds(type_.value_type, "categorical", notes))
    elif pa.types.is_temporal(type_):
        allowed = ("categorical", "identifier")
    elif pa.types.is_boolean(type_):
        allowed = ("numeric", "categorical")
    elif guessed != "text":
        allowed = (
            "numeric",
            "categorical",
            "identifier",
            *(("boolean",) if ZERO_ONE in notes else ()),
        )
    else:  # binary, intervals and the like
        allowed = ()
    return tuple(dict.fromkeys((guessed, *allowed)))


def with_kind(guessed: Kind, notes: tuple[str, ...], kind: Kind) -> tuple[str, ...]:
    """Return the notes of a column whose kind is given instead of guessed."""
    if kind == guessed:
        return notes
    # levels and words are no longer offered as numbers; a vector that is called text is not looked
    # into
    remaining = tuple(
        note
        for note in notes
        if note not in (PARTLY_SEEN, CODES) and (note != NUMBERS_AS_TEXT or kind == "numeric")
    )
    return (*remaining, NOT_PROFILED) if guessed == "vector" else remaining


def _kind_of_integers(name: str, sample: pa.ChunkedArray | None) -> tuple[Kind, tuple[str, ...]]:
    if sample is None or len(sample) - sample.null_count == 0:
        return "numeric", ()
    if (
        named_like_identifier(name)
        and pc.count_distinct(sample).as_py() == len(sample) - sample.null_count
    ):
        return "identifier", ()
    if are_codes(name, sample):
        return "categorical", (CODES,)
    ends = pc.min_max(sample).as_py()
    return "numeric", ((ZERO_ONE,) if ends["min"] == 0 and ends["max"] == 1 else ())


def _kind_of_text(sample: pa.ChunkedArray | None) -> tuple[Kind, tuple[str, ...]]:
    if sample is None or len(sample) - sample.null_count == 0:
        return "categorical", ()
    cells = sample.drop_null().cast(pa.large_string())
    long = pc.mean(pc.utf8_length(cells)).as_py() > _LONG_TEXT
    share = pc.count_distinct(cells).as_py() / len(cells)
    if len(cells) > 1 and share >= _NEARLY_ALL_DISTINCT:
        return ("text" if long else "identifier"), ()
    return ("text" if long and share > _FEW_LEVELS else "categorical"), ()


def _kind_of_nested(
    type_: pa.DataType, sample: pa.ChunkedArray | None
) -> tuple[Kind, tuple[str, ...]]:
    if not is_number_list(type_):
        return "text", (NOT_PROFILED,)
    lengths = [type_.list_size] if pa.types.is_fixed_size_list(type_) else _lengths(sample)
    return ("vector", ()) if len(lengths) == 1 and lengths[0] > 0 else ("text", (NOT_PROFILED,))


def _lengths(sample: pa.ChunkedArray | None) -> list[int]:
    """Return the different lengths of the lists of a sample."""
    if sample is None:
        return []
    result: list[int] = pc.unique(pc.list_value_length(sample).drop_null()).to_pylist()
    return result
