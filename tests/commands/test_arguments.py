"""Words of the command line become values, or a usage error that says what was expected."""

import argparse

import pytest

from explorer.commands import arguments


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (arguments.names, " a, b c ,,d", ["a", "b c", "d"]),
        (arguments.pair, "x,y", ("x", "y")),
        (arguments.pairs, "a=log1p,b=x=y", {"a": "log1p", "b": "x=y"}),
        (arguments.weights, "a=2,b=.5", {"a": 2.0, "b": 0.5}),
        (arguments.encodings, "auto", "auto"),
        (arguments.encodings, "t=hour", {"t": "hour"}),
        (arguments.seed, "7", 7),
        (arguments.seed, "None", None),
        (arguments.size, "900X700", (900, 700)),
    ],
)
def test_what_is_well_written_is_read(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (arguments.pair, "x"),
        (arguments.pairs, "a"),
        (arguments.weights, "a=heavy"),
        (arguments.seed, "-1"),
        (arguments.size, "900"),
        (arguments.size, "0x700"),
    ],
)
def test_what_is_not_says_what_was_expected_and_what_came(read, text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"expected .*{text!r}"):
        read(text)
