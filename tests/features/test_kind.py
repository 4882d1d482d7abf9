from __future__ import annotations

import pyarrow as pa
import pytest

from explorer.features.kind import (
    NOT_PROFILED,
    NUMBERS_AS_TEXT,
    PARTLY_SEEN,
    ZERO_ONE,
    Feature,
    countable,
    kind_of,
    named_like_identifier,
    possible_kinds,
    with_kind,
)


def kind(values: object, name: str = "x", type_: pa.DataType | None = None) -> str:
    column = pa.chunked_array([pa.array(values, type_)])
    return kind_of(column.type, name, column)[0]


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        ([1.5, None], pa.float32(), "numeric"),
        ([1, 1, 2], pa.int8(), "numeric"),
        ([1, 2], pa.decimal128(5, 2), "numeric"),
        ([None, None], pa.null(), "numeric"),
        ([True, None], None, "boolean"),
        ([0, 1], pa.timestamp("us"), "temporal"),
        ([0, 1], pa.date32(), "temporal"),
        ([0, 1], pa.time64("us"), "temporal"),
        (["a", "b", "a", None], None, "categorical"),
        ([None, None], pa.string(), "categorical"),
        ([[1.0, 2.0], [3.0, 4.0]], None, "vector"),
        ([[1, 2], None], pa.list_(pa.int32(), 2), "vector"),
        ([[1.0], [2.0, 3.0]], None, "text"),
        ([["a"], ["b"]], None, "text"),
        ([{"a": 1}], None, "text"),
        ([b"a"], None, "text"),
        ([(1, 2, 3)], pa.month_day_nano_interval(), "text"),
        ([0, 1], pa.duration("s"), "temporal"),
        ([0], pa.timestamp("ns", "Asia/Kolkata"), "temporal"),
        ([[("k", 1)]], pa.map_(pa.string(), pa.int64()), "text"),
    ],
)
def test_kind_follows_from_the_type_and_the_cells(
    values: object, type_: pa.DataType, expected: str
) -> None:
    assert kind(values, type_=type_) == expected


def test_columns_that_cannot_be_counted_say_so() -> None:
    for values in ([{"a": 1}], [[1.0], [2.0, 3.0]], [["a"]]):
        column = pa.chunked_array([pa.array(values)])
        assert kind_of(column.type, "x", column) == ("text", (NOT_PROFILED,))


def test_integers_of_zero_and_one_stay_numeric_and_say_so() -> None:
    column = pa.chunked_array([pa.array([0, 1, 1, None])])
    assert kind_of(column.type, "flag", column) == ("numeric", (ZERO_ONE,))


@pytest.mark.parametrize(
    "name", ["id", "ID", "user_id", "userId", "uuid", "row.key", "id_film", "index"]
)
def test_integers_called_like_an_identifier_are_one_when_none_repeats(name: str) -> None:
    assert kind([3, 1, 2], name) == "identifier"
    assert kind([3, 1, 1], name) == "numeric"


@pytest.mark.parametrize("name", ["paid", "grid", "width", "idle", "monkey", "valid"])
def test_names_that_only_contain_the_letters_are_no_identifiers(name: str) -> None:
    assert kind([3, 1, 2], name) == "numeric"


def test_text_that_hardly_repeats_is_an_identifier_when_short_and_text_when_long() -> None:
    assert kind([f"tt{i:07}" for i in range(100)]) == "identifier"
    assert (
        kind([f"{i} is a number about which one can write a long sentence" for i in range(100)])
        == "text"
    )
    assert kind([f"director {i % 60}" for i in range(100)]) == "categorical"
    assert (
        kind([f"answer {i % 5} of a questionnaire with very long answers" for i in range(100)])
        == "categorical"
    )
    assert (
        kind([f"note {i % 70} that was copied from one report to another" for i in range(100)])
        == "text"
    )


def test_dictionaries_are_judged_by_their_values() -> None:
    assert kind(pa.array(["a", "b", "a"]).dictionary_encode()) == "categorical"
    assert kind(pa.array([f"t{i}" for i in range(50)]).dictionary_encode()) == "identifier"
    assert kind(pa.array([1, 2, 1]).dictionary_encode()) == "categorical"


def test_a_feature_without_label_is_called_by_its_name() -> None:
    assert Feature(name="a", kind="numeric").label == "a"
    assert Feature(name="a", kind="numeric", label="A") == Feature(
        name="a", kind="numeric", label="A"
    )


def test_names_of_identifiers_are_told_from_names_that_contain_the_letters() -> None:
    assert all(
        named_like_identifier(name)
        for name in ("id", "film_id", "userId", "uuid", "row.key", "Unnamed: 0")
    )
    assert not any(
        named_like_identifier(name) for name in ("paid", "grid", "idle", "valid", "key_stage", "")
    )


@pytest.mark.parametrize(
    ("type_", "notes", "expected"),
    [
        (pa.int8(), (), {"numeric", "categorical", "identifier"}),
        (pa.int8(), (ZERO_ONE,), {"numeric", "categorical", "identifier", "boolean"}),
        (pa.decimal128(5, 2), (), {"numeric", "categorical", "identifier"}),
        (pa.bool_(), (), {"boolean", "numeric", "categorical"}),
        (pa.string(), (), {"categorical", "text", "identifier"}),
        (
            pa.dictionary(pa.int32(), pa.string()),
            (NUMBERS_AS_TEXT,),
            {"categorical", "text", "identifier", "numeric"},
        ),
        (pa.dictionary(pa.int32(), pa.int64()), (), {"categorical", "numeric", "identifier"}),
        (pa.timestamp("s", "UTC"), (), {"temporal", "categorical", "identifier"}),
        (pa.list_(pa.float32(), 3), (), {"vector", "text"}),
        (pa.struct([("a", pa.int8())]), (), {"text"}),
        (pa.binary(), (), {"text"}),
        (pa.null(), (), {"numeric", "categorical", "identifier"}),
    ],
)
def test_what_a_column_can_be_follows_from_its_type_and_what_was_seen(
    type_: pa.DataType, notes: tuple[str, ...], expected: set[str]
) -> None:
    guessed = kind_of(type_, "x")[0]
    possible = possible_kinds(type_, guessed, notes)
    assert possible[0] == guessed
    assert set(possible) == expected
    assert len(possible) == len(expected)


def test_a_given_kind_keeps_the_notes_that_are_still_true() -> None:
    assert with_kind("categorical", (NUMBERS_AS_TEXT, PARTLY_SEEN), "numeric") == (NUMBERS_AS_TEXT,)
    assert with_kind("categorical", (NUMBERS_AS_TEXT,), "text") == ()
    assert with_kind("categorical", (NUMBERS_AS_TEXT,), "categorical") == (NUMBERS_AS_TEXT,)
    assert with_kind("vector", (), "text") == (NOT_PROFILED,)
    assert with_kind("numeric", (ZERO_ONE,), "boolean") == (ZERO_ONE,)


def test_vectors_and_what_is_not_profiled_have_nothing_more_to_count() -> None:
    assert countable(Feature(name="a", kind="numeric"))
    assert not countable(Feature(name="a", kind="vector"))
    assert not countable(Feature(name="a", kind="text", notes=("not profiled",)))
