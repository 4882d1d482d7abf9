"""Guess the role of each column of a table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.features.kind import CODES, NUMBERS_AS_TEXT, ROW_LABEL, named_like_identifier
from explorer.features.roles.codes import named_like_codes, survey_codes
from explorer.features.roles.column_blocks import find_blocks
from explorer.features.roles.column_facts import ColumnFacts
from explorer.features.roles.duplicates import guess_duplicates
from explorer.features.roles.outcomes import guess_predictions, guess_targets
from explorer.features.roles.role import ColumnBlock, ColumnRole
from explorer.sources.samples import random_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.features.kind import Feature

__all__ = ["ROW_LABEL_ROLE", "TableRoles", "guess_roles"]

ROW_LABEL_ROLE = ColumnRole("target", _("A label that people give to rows of this table."))

# Conventions: rows that are looked at, so that it takes about a second.
_CELLS = 5_000_000
_FEWEST_ROWS, _MOST_ROWS = 1_000, 20_000

_MOST_ARMS = 10
_MANY_ROWS = 1.5  # rows of a unit, on average, from which a column that names units is one
_MANY_UNITS = 20  # from which texts called "device" are devices, not their types
_FEWEST_ANSWERS = 2  # columns of survey answers in a table with any
_NEARLY_ALL = 0.9  # different numbers of keys of which some repeat
_TITLE_SHARE = 0.3  # different cells from which a column called "name" names rows

_TITLES = frozenset(("name", "title", "headline", "fullname"))
_UNITS = frozenset((
    "account", "animal", "client", "company", "customer", "device", "driver", "employee", "engine",
    "family", "firm", "hospital", "household", "individual", "machine", "member", "participant",
    "patient", "person", "player", "school", "sensor", "session", "shop", "station", "store",
    "student", "subject", "subj", "unit", "user", "vehicle", "vendor", "visitor", "worker",
))  # fmt: skip
_OF_BLOCKS = ("feature", "image", "vector")
_IDS = frozenset(("id", "ids", "uuid", "guid", "key", "nr", "no", "number", "num", "code", "idx"))
_ARMS = frozenset(
    ("arm", "variant", "trt", "treatment", "treated", "randomisation", "randomization")
)
_GROUPS = frozenset(("group", "condition", "bucket", "cohort", "exposure", "policy", "experiment"))
_ARM_LEVELS = frozenset((
    "baseline", "control", "ctrl", "drug", "intervention", "placebo", "test", "treated",
    "random", "treatment", "trt", "untreated", "variant",
))  # fmt: skip
_TIMES = frozenset((
    "time", "timestamp", "datetime", "date", "ts", "epoch", "unixtime", "utc", "day", "month",
    "year", "period", "week", "quarter", "cycle", "cycles", "tick",
))  # fmt: skip
_MOMENTS = frozenset(("timestamp", "datetime", "date", "ts", "epoch", "unixtime", "time", "at"))
_YEARS = frozenset(("year", "yr", "years"))
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = (
    r"^\s*(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ]\d{1,2}:\d{2}.*)?"
    rf"|(\d{{1,2}}[ -])?{_MONTH}[ -](\d{{1,2}},?[ -])?\d{{2,4}}"
    r"|\d+ days?,? \d{1,2}:\d{2}(:\d{2})?.*)\s*$"
)
_WEIGHT = re.compile(
    r"fnlwgt|(per|hh|as?ec|w)?wt(ss\w*|final\w*|fin)?|wgt|[pfai]weight|w?pwgt\w*|iptw|ipw|propensity"
    r"|wt[a-z]{3}\w*"
)
_WEIGHING = frozenset((
    "sample", "sampling", "survey", "design", "person", "household", "inverse", "frequency", "case",
    "replicate", "final", "expansion", "raking", "observation", "importance", "population",
))  # fmt: skip
_MAPS = (
    r"(?:x_)?(umap|t_?sne|pca?|phate|trimap|pacmap|mds|nmds|isomap|embedding|emb|svd|lda"
    r"|proj(?:ection)?|dim|coord(?:inate)?)"
)
_COORDINATE = re.compile(rf"^{_MAPS}[_ .\-]?(?:dim|component)?[_ .\-]?([0-3xyz])$", re.IGNORECASE)
_PLACES = (
    (("ra", "right_ascension", "raj2000", "ra_deg", "alpha"),
     ("dec", "declination", "dej2000", "decj2000", "dec_deg", "decl", "delta")),
    (("l", "glon", "gal_l"), ("b", "glat", "gal_b")),
    (("longitude", "lon", "lng", "long"), ("latitude", "lat")),
)  # fmt: skip


@dataclass(frozen=True)
class TableRoles:
    """The roles of the columns of a table.

    Parameters
    ----------
    roles : mapping of str to ColumnRole
        Of every column, in table order.
    blocks : tuple of ColumnBlock
        Families of columns, in table order; a column is in one of them at most.
    """

    roles: Mapping[str, ColumnRole]
    blocks: tuple[ColumnBlock, ...] = field(default=())


def guess_roles(
    features: Mapping[str, Feature],
    cells: pa.Table,
    rows: NDArray[np.int64],
    given: Mapping[str, ColumnRole] | None = None,
) -> TableRoles:
    """Guess what each column is for from its name, type, values and relations to other columns.

    Parameters
    ----------
    features : mapping of str to Feature
        In table order.
    cells : pa.Table of n rows
        All rows of the table, or random ones, in table order.
    rows : ndarray of shape (n,), int64, ascending
        Their positions in the table. Of more than 20,000 rows, or of fewer where there are more
        than 250 columns (1,000 at least), some are taken at random.
    given : mapping of str to ColumnRole, optional
        Roles that a person gave; they stand, and guesses follow from them.

    Returns
    -------
    TableRoles
    """
    most = min(max(_CELLS // max(len(features), 1), _FEWEST_ROWS), _MOST_ROWS)
    if len(rows) > most:
        chosen = random_rows(len(rows), most, 0)
        cells, rows = cells.take(chosen), rows[chosen]
    facts = {
        name: ColumnFacts(feature, cells.column(name), rows) for name, feature in features.items()
    }
    return _Guesser(facts, {} if given is None else given).result()


class _Guesser:
    """Assigns roles step by step: each step looks at the columns that have none yet."""

    def __init__(self, facts: Mapping[str, ColumnFacts], given: Mapping[str, ColumnRole]) -> None:
        self._facts = facts
        self._given = {name: role for name, role in given.items() if name in facts}
        self._roles: dict[str, ColumnRole] = dict(self._given)
        self._blocks: tuple[ColumnBlock, ...] = ()

    def result(self) -> TableRoles:
        """Return the role of each column."""
        for name, fact in self._facts.items():
            if ROW_LABEL in fact.feature.notes:
                self._roles[name] = ROW_LABEL_ROLE
        self._find_blocks()
        self._find_positions()
        self._each(_text_or_type)
        self._each(_weight)
        self._each(_arm)
        self._find_outcomes()
        self._each(_identifier)
        self._each(_unit)
        self._find_times()
        self._each(_title)
        self._find_duplicates()
        self._each(_codes)
        self._roles.update(_survey_answers(self._left()))
        self._each(lambda fact: ColumnRole("feature", _feature_reason(fact)))
        return TableRoles({name: self._roles[name] for name in self._facts}, self._blocks)

    def _left(self) -> dict[str, ColumnFacts]:
        return {name: fact for name, fact in self._facts.items() if name not in self._roles}

    def _with(self, *roles: str) -> dict[str, ColumnFacts]:
        return {name: self._facts[name] for name, role in self._roles.items() if role.role in roles}

    def _each(self, rule: Callable[[ColumnFacts], ColumnRole | None]) -> None:
        for name, fact in self._left().items():
            role = rule(fact)
            if role is not None:
                self._roles[name] = role

    def _find_blocks(self) -> None:
        # a family stays one when somebody has confirmed its members
        members = {
            name: fact
            for name, fact in self._facts.items()
            if name not in self._roles or self._roles[name].role in _OF_BLOCKS
        }
        found = tuple(
            block
            for block in find_blocks(members)
            if all(
                name not in self._given or self._given[name].of in ("", block.name)
                for name in block.columns
            )
        )
        known = {block.name for block in found}
        others = {name: role for name, role in self._given.items() if role.of not in known}
        self._blocks = (*_given_blocks(others), *found)
        for block in self._blocks:
            text = {
                "image": _("One of {count:,} pixels of an image: {block}."),
                "vector": _("One of {count:,} numbers of one vector: {block}."),
            }.get(block.role, _("One of {count:,} columns named alike: {block}."))
            reason = text.format(count=len(block.columns), block=block.name)
            for name in block.columns:
                self._roles.setdefault(name, ColumnRole(block.role, reason, block.name))

    def _find_positions(self) -> None:
        left = self._left()
        numbers = {
            name: fact for name, fact in left.items() if fact.is_number and fact.distinct > 2
        }
        for first, second in _pairs_of_positions(numbers):
            reason = _("{first} and {second} give a position on the sky or on the Earth.").format(
                first=first, second=second
            )
            for name in (first, second):
                self._roles[name] = ColumnRole("sky_position", reason)
        for name, fact in numbers.items():
            match = _COORDINATE.match(name.strip())
            if name not in self._roles and match and not fact.whole:
                reason = _(
                    "The name {name} is typical of a position on an earlier map ({method})."
                ).format(name=name, method=match[1])
                self._roles[name] = ColumnRole("coordinate", reason)
        axes = [name for name in numbers if name.lower() in ("x", "y")]
        others = [name for name in left if name not in self._roles and name.lower() not in "xyz"]
        if len(axes) == 2 and len(others) > 1 and not any(n.lower() == "z" for n in numbers):
            for name in axes:
                reason = _("The names x and y are typical of a position on an earlier map.")
                self._roles[name] = ColumnRole("coordinate", reason)

    def _find_outcomes(self) -> None:
        given = {
            name: self._facts[name] for name, role in self._given.items() if role.role == "target"
        }
        targets = guess_targets(self._left(), self._given, list(self._facts.values()))
        facts = {**given, **{name: self._facts[name] for name in targets}}
        self._roles.update(targets)
        self._roles.update(guess_predictions(self._left(), facts))

    def _find_times(self) -> None:
        units = self._with("unit", "identifier")
        keys = self._left()
        for name, fact in self._left().items():
            if name in self._roles:
                continue
            role = _time(fact, units.values())
            if role is None and _TIMES.intersection(fact.words):
                unit = _unit_of_series(fact, {**units, **keys})
                if unit is not None:
                    reason = _("Each {unit} has one row for each {time}.").format(
                        unit=unit.name, time=name
                    )
                    role = ColumnRole("time", reason)
            if role is not None:
                self._roles[name] = role
        self._find_years_with_parts()
        for fact in self._with("time").values():
            unit = _unit_of_series(fact, self._left())
            if unit is not None:
                reason = _("It repeats: each {unit} has one row for each {time}.").format(
                    unit=unit.name, time=fact.name
                )
                self._roles[unit.name] = ColumnRole("unit", reason)

    def _find_years_with_parts(self) -> None:
        """Take a year and its quarter, month or week for a time where both name the row."""
        left = {name: fact for name, fact in self._left().items() if fact.whole}
        years = [fact for fact in left.values() if _YEARS.intersection(fact.words) and fact.sorted]
        parts = [fact for fact in left.values() if {"quarter", "month", "week"} & set(fact.words)]
        for year in years:
            for part in parts:
                pairs = np.unique(year.codes * np.int64(len(part.codes) + 1) + part.codes)
                if len(pairs) == len(year.codes):
                    for fact in (year, part):
                        reason = _(
                            "{year} and {part} together give the time; each pair occurs once."
                        ).format(year=year.name, part=part.name)
                        self._roles[fact.name] = ColumnRole("time", reason)

    def _find_duplicates(self) -> None:
        known = {"target", "prediction", "unit", "arm", "identifier", "title"}
        facts = {
            name: fact
            for name, fact in self._facts.items()
            if name not in self._roles or self._roles[name].role in known
        }
        fixed = {name for name in facts if name in self._roles}
        self._roles.update(guess_duplicates(facts, fixed))


# --- rules for one column


def _text_or_type(fact: ColumnFacts) -> ColumnRole | None:
    feature = fact.feature
    if NUMBERS_AS_TEXT in feature.notes:
        # a key of digits, and years, are text for a reason
        if feature.kind == "identifier" and named_like_identifier(fact.name):
            return None
        return ColumnRole("numeric_text", _("Its texts read as numbers."))
    if feature.kind == "vector":
        return ColumnRole("vector", _("Each cell is a list of numbers of the same length."))
    if feature.kind == "temporal":
        return ColumnRole("time", _("The column holds dates or times."))
    if fact.is_text and fact.filled and fact.mean_length < 40 and fact.share_matching(_DATE) > 0.9:
        return ColumnRole("time", _("Its texts are dates or times."))
    return None


def _weight(fact: ColumnFacts) -> ColumnRole | None:
    if not fact.is_number or fact.distinct < 2 or fact.low < 0:
        return None
    words = [word for word in fact.words if not word.isdecimal()]
    strong = any(map(_WEIGHT.fullmatch, words)) and words not in (["wt"], ["wgt"])
    if "".join(words).startswith("wt") and re.fullmatch(r"WT[A-Z]{3}\d?YR|WT\w+\dYR", fact.name):
        strong = True
    named = words and words[-1] in ("weight", "weights", "wt", "wgt")
    if strong and not (named and words[0] not in _WEIGHING and len(words) > 1):
        return ColumnRole(
            "weight", _("The name {name} is typical of weights of rows.").format(name=fact.name)
        )
    if named and _WEIGHING.intersection(words):
        return ColumnRole(
            "weight", _("The name {name} is typical of weights of rows.").format(name=fact.name)
        )
    return None


def _arm(fact: ColumnFacts) -> ColumnRole | None:
    if not 2 <= fact.distinct <= _MOST_ARMS or (fact.is_number and not fact.whole):
        return None
    words = set(fact.words)
    levels = {level for level in fact.levels if level in _ARM_LEVELS}
    controls = levels & {"control", "ctrl", "placebo", "random"}
    if words & _ARMS and (len(words) <= 2 or levels):
        return ColumnRole(
            "arm",
            _("The name {name} is typical of the groups of an experiment.").format(name=fact.name),
        )
    if controls and (words & _GROUPS or len(levels) > 1):
        return ColumnRole("arm", _("One of its values is {level}.").format(level=min(controls)))
    if words & _GROUPS and len(levels) == fact.distinct:
        return ColumnRole(
            "arm", _("Its values are {levels}.").format(levels=", ".join(sorted(levels)))
        )
    return None


def _identifier(fact: ColumnFacts) -> ColumnRole | None:
    kind, words = fact.feature.kind, fact.words
    if kind == "identifier":
        if _names_rows(fact):
            return ColumnRole("title", _("It names each row."))
        if fact.is_number or fact.share_distinct >= 0.9:
            return ColumnRole("identifier", _("Nearly every row has a value of its own."))
        return None
    if not fact.is_number or kind == "boolean" or not fact.whole or fact.filled < 10:
        return None
    if named_like_identifier(fact.name) and fact.share_distinct >= _NEARLY_ALL:
        return ColumnRole(
            "identifier", _("Its name is typical of identifiers, and few values repeat.")
        )
    if not fact.unique:
        return None
    if words and (_called_identifier(words) or named_like_codes(fact.name)):
        return ColumnRole(
            "identifier", _("Its name is typical of identifiers, and no value repeats.")
        )
    if fact.counts_rows and not _TIMES.intersection(words) and not _YEARS.intersection(words):
        return ColumnRole("identifier", _("It numbers the rows of the table."))
    return None


def _called_identifier(words: tuple[str, ...]) -> bool:
    joined = "".join(words)
    return (
        words[-1] in _IDS
        or joined in ("rownames", "rowname", "obs", "case", "unnamed", "recordid")
        or (len(words) == 1 and words[0] in _UNITS)
        or (words[-1].endswith("id") and words[-1] not in ("grid", "bid", "paid"))
    )


def _names_rows(fact: ColumnFacts) -> bool:
    return fact.is_text and bool(_TITLES.intersection(fact.words)) and "file" not in fact.words


def _title(fact: ColumnFacts) -> ColumnRole | None:
    if fact.is_text and _names_rows(fact) and fact.share_distinct >= _TITLE_SHARE:
        return ColumnRole(
            "title",
            _("The name {name} is typical of titles, and most values differ.").format(
                name=fact.name
            ),
        )
    return None


def _unit(fact: ColumnFacts) -> ColumnRole | None:
    if (fact.is_number and not fact.whole) or fact.distinct < 3 or fact.feature.kind == "boolean":
        return None
    if fact.filled / fact.distinct < 1.1:
        return None
    words = [word for word in fact.words if not word.isdecimal()]
    if not words:
        return None
    called = named_like_identifier(fact.name) or words[-1] in ("id", "ids", "uuid", "guid")
    entity = bool(_UNITS.intersection(words)) and (
        words[-1] in _IDS or words[0] == "unit" or fact.distinct >= _MANY_UNITS
    )
    if called and not (fact.feature.kind == "categorical" and fact.is_number):
        return ColumnRole("unit", _("Its name is typical of identifiers, and values repeat."))
    if entity and (len(words) == 1 or words[-1] in _IDS or words[0] == "unit") and fact.filled > 20:
        if fact.filled / fact.distinct < _MANY_ROWS:
            return None
        return ColumnRole(
            "unit", _("{name} names who or what several rows belong to.").format(name=fact.name)
        )
    return None


def _time(fact: ColumnFacts, units: Iterable[ColumnFacts]) -> ColumnRole | None:
    words = set(fact.words)
    if not fact.is_number or fact.feature.kind in ("boolean", "identifier") or fact.distinct < 3:
        return None
    if _YEARS & words and len(words) <= 2:
        in_years = fact.whole and fact.low >= 1000 and fact.high <= 2200
        if in_years and fact.unique and fact.sorted:
            return ColumnRole("time", _("Years in order, each once."))
        return None
    if not words & _MOMENTS and not words & {"cycle", "cycles"}:
        return None
    if words & {"timestamp", "datetime", "date", "ts", "epoch", "unixtime", "time", "at"} and (
        fact.low >= 1e8 and fact.high <= 5e18 and fact.share_distinct > 0.05 and fact.whole
    ):
        return ColumnRole(
            "time",
            _("The name {name} is typical of times, and its numbers are large.").format(
                name=fact.name
            ),
        )
    if words & {"date", "month", "day"} and fact.whole and 19_000_000 <= fact.low <= 22_000_000:
        return ColumnRole("time", _("Dates written as numbers: year, month, day."))
    if fact.sorted and fact.distinct > 0.3 * fact.filled and fact.present[-1] != fact.present[0]:
        return ColumnRole(
            "time",
            _("The name {name} is typical of times, and the rows are in its order.").format(
                name=fact.name
            ),
        )
    for unit in units:
        if unit.distinct < fact.filled / 3 and _ascends_within(fact, unit):
            return ColumnRole("time", _("It rises within each {unit}.").format(unit=unit.name))
    return None


def _codes(fact: ColumnFacts) -> ColumnRole | None:
    feature = fact.feature
    if fact.is_number and feature.kind == "categorical":
        if CODES in feature.notes:
            return ColumnRole(
                "coded_category",
                _("Whole numbers, called {name}: they are codes.").format(name=fact.name),
            )
        return ColumnRole("coded_category", _("Numbers that the catalogue calls categories."))
    return None


def _survey_answers(facts: Mapping[str, ColumnFacts]) -> dict[str, ColumnRole]:
    """Find columns of survey answers, of which a survey has several."""
    names = [
        name
        for name, fact in facts.items()
        if fact.feature.kind == "numeric"
        and 3 <= fact.distinct <= 15
        and fact.whole
        and survey_codes(fact.distinct_values.tolist())
    ]
    return {
        name: ColumnRole(
            "coded_category",
            _(
                "Answers 1, 2, …, and {code:g} after a gap, as surveys code what is not known."
            ).format(code=facts[name].high),
        )
        for name in names
        if len(names) >= _FEWEST_ANSWERS
    }


def _feature_reason(fact: ColumnFacts) -> str:
    if not fact.filled:
        return _("The column is empty.")
    if fact.distinct == 1:
        return _("Every row has the same value.")
    return _("Nothing in its name or values says that it is anything else.")


# --- several columns


def _given_blocks(given: Mapping[str, ColumnRole]) -> tuple[ColumnBlock, ...]:
    """Return the blocks that people named: columns of role image or vector with the same ``of``."""
    families: dict[tuple[str, str], list[str]] = {}
    for name, role in given.items():
        if role.role in ("image", "vector") and role.of:
            families.setdefault((role.role, role.of), []).append(name)
    return tuple(
        ColumnBlock(
            of, tuple(names), "image" if role == "image" else "vector", shape=_square(role, names)
        )
        for (role, of), names in families.items()
    )


def _square(role: str, names: list[str]) -> tuple[int, ...]:
    side = round(len(names) ** 0.5)
    return (side, side) if role == "image" and side * side == len(names) else ()


def _pairs_of_positions(facts: Mapping[str, ColumnFacts]) -> list[tuple[str, str]]:
    """Return pairs of columns that are called like longitude and latitude, each column once."""
    found = []
    by_words = {fact.words: name for name, fact in facts.items()}
    for firsts, seconds in _PLACES:
        for words, name in by_words.items():
            for place, word in enumerate(words):
                if word not in firsts or (word in ("l", "long") and len(words) > 2):
                    continue
                for second in seconds:
                    other = by_words.get((*words[:place], second, *words[place + 1 :]))
                    if other is not None and _in_degrees(facts[other], facts[name], word):
                        found.append((name, other))
    return found


def _in_degrees(latitude: ColumnFacts, longitude: ColumnFacts, word: str) -> bool:
    if word not in ("ra", "alpha", "l", "right"):
        return True  # longitude and latitude say what they are, in any unit
    return (
        latitude.low >= -90
        and latitude.high <= 90
        and -180 <= longitude.low <= longitude.high <= 360
    )


def _unit_of_series(time: ColumnFacts, facts: Mapping[str, ColumnFacts]) -> ColumnFacts | None:
    """Return the column that names rows together with a time; None where there is none.

    Times repeat, and no pair of the two does.
    """
    n = time.filled
    if n < 10 or time.distinct > n / 2 or time.distinct < 2:
        return None
    for fact in facts.values():
        names = fact.is_text or fact.feature.kind in ("categorical", "identifier") or fact.whole
        if fact is time or _TIMES.intersection(fact.words):
            continue
        if not names or fact.filled < n or not 2 <= fact.distinct <= n / 2:
            continue
        if fact.is_number and not (_called_unit(fact) or _lies_together(fact)):
            continue
        if fact.distinct * time.distinct < 0.9 * n:
            continue
        pairs = fact.codes * np.int64(len(time.codes) + 1) + time.codes
        if len(np.unique(pairs)) >= 0.99 * n and fact.distinct * time.distinct <= 20 * n:
            return fact
    return None


def _lies_together(fact: ColumnFacts) -> bool:
    """Say whether the rows of each of many numbers follow each other, as rows of units do."""
    return fact.distinct >= _MANY_UNITS and bool(np.all(np.diff(fact.codes) >= 0))


def _called_unit(fact: ColumnFacts) -> bool:
    return named_like_identifier(fact.name) or bool(_UNITS.intersection(fact.words))


def _ascends_within(time: ColumnFacts, unit: ColumnFacts) -> bool:
    """Say whether a time rises from row to row within each unit."""
    order = np.lexsort((np.arange(len(unit.codes)), unit.codes))
    codes, values = unit.codes[order], time.values[order]
    same = (codes[1:] == codes[:-1]) & ~np.isnan(values[1:]) & ~np.isnan(values[:-1])
    steps = values[1:][same] - values[:-1][same]
    return bool(steps.size > 5 and np.mean(steps > 0) > 0.99)
