"""Numbers that stand for categories: 1 = north, 2 = south."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from explorer.features.roles.name_words import name_words

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["are_codes", "named_like_codes", "survey_codes"]

# Conventions: how many different codes a column has at most.
_MOST_CODES = 100
_FEWEST_CODES = 3  # of two, such as 0 and 1, it makes no difference whether they are numbers

# The last words of names, of one word or two, whose whole numbers are codes. Not among them: what
# is counted or has an order (cylinders, rooms, age, year, quality, rating, grade, stage, level).
_CODE_WORDS = frozenset((
    "batch", "camcol", "category", "class", "classes", "cluster", "clusters", "code", "codes",
    "color", "colour", "country", "county", "department", "district", "ethnicity", "fold",
    "gender", "industry", "job", "kmeans", "label", "labels", "language", "leiden", "louvain",
    "marital", "mode", "nationality", "occupation", "origin", "plate", "profession", "province",
    "race", "region", "religion", "segment", "sex", "species", "state", "status",
    "subclass", "target", "topic", "type", "workclass",
))  # fmt: skip
# The same anywhere in a name: occupation_husband.
_CODES_ANYWHERE = frozenset(("ethnicity", "marital", "nationality", "occupation", "religion"))
# Codes however many there are.
_PLACE_WORDS = frozenset((
    "fips", "geoid", "icd", "isic", "naics", "nuts", "plz", "postcode", "sic", "soc", "tract",
    "zip", "zipcode",
))  # fmt: skip
_PLACE_PAIRS = frozenset((
    ("postal", "code"), ("post", "code"), ("zip", "code"), ("area", "code"), ("census", "tract"),
    ("fips", "code"), ("hs", "code"), ("naics", "code"), ("soc", "code"),
))  # fmt: skip
_QUALIFIED = frozenset(("code", "codes", "id", "cd", "nr", "no"))  # region_code, marital_code


def named_like_codes(name: str) -> bool:
    """Tell whether a column is called as codes are: "cluster", "zip", "region_code", "label"."""
    words = _without_number(name_words(name))
    if not words:
        return False
    if words[-1] in _PLACE_WORDS or words[-2:] in _PLACE_PAIRS or words[-1] in _CODE_WORDS:
        return True
    if words == ("run",) or _CODES_ANYWHERE.intersection(words):
        return True
    return len(words) > 1 and words[-1] in _QUALIFIED and words[-2] in _CODE_WORDS


def are_codes(name: str, cells: pa.ChunkedArray) -> bool:
    """Tell whether the numbers of a column that is called like codes are codes.

    They are whole and not negative (−1 is allowed, as clusterings give it to noise), at least 3 and
    at most 100 different ones, fewer than half as many as cells. Postal codes and the like may be
    any number.

    Parameters
    ----------
    name : str
    cells : pyarrow.ChunkedArray
        Integers or floats; some of the column's cells.
    """
    if not named_like_codes(name):
        return False
    present = cells.drop_null()
    if pa.types.is_floating(present.type):
        present = present.filter(pc.is_finite(present))
        if not len(present) or not pc.all(pc.equal(present, pc.floor(present))).as_py():
            return False
    if not len(present) or pc.min(present).as_py() < -1:
        return False
    words = _without_number(name_words(name))
    distinct = pc.count_distinct(present).as_py()
    if words[-1] in _PLACE_WORDS or words[-2:] in _PLACE_PAIRS:
        return bool(distinct > 1)
    most = 10 * _MOST_CODES if words[-1] in _QUALIFIED else _MOST_CODES
    return bool(_FEWEST_CODES <= distinct <= min(most, len(present) // 2))


def survey_codes(values: Collection[float]) -> bool:
    """Tell whether different values are answers of a survey, as in 1, 2, 3, 9.

    They begin at 1, and after a gap comes a 9, 99 or the like for "unknown".
    """
    ordered = sorted(values)
    if not 3 <= len(ordered) <= 15 or ordered[0] != 1 or ordered[-1] not in (9, 77, 88, 99, 999):
        return False
    answers = [value for value in ordered if value not in (7, 8, 9, 77, 88, 99, 999)]
    return bool(answers) and answers[-1] == len(answers) and ordered[-1] > answers[-1] + 1


def _without_number(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop a number at the end: "label_2" is called like "label"."""
    return words[:-1] if words and words[-1].isdecimal() else words
