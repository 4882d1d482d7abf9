"""Words of the command line become values, or a usage error that says what was expected."""

import argparse

import pytest

from explorer.command_line import arguments


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
        (arguments.ranges, "-1,2.5,1e3,-0", (-1.0, 2.5, 1000.0, 0.0)),
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
        (arguments.ranges, "1,2,3"),
        (arguments.ranges, "1,2,3,four"),
    ],
)
def test_what_is_not_says_what_was_expected_and_what_came(read, text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"expected .*{text!r}"):
        read(text)


@pytest.mark.parametrize(
    "given",
    [
        "go a b --set x",
        "a b go --set x",
        "a b --set x go",
        "--set x a b go",
        "--set x go a b",
        "--set=x go a b",
        "--debug go a b --set x",
        "a b --json - go --set x",
    ],
)
def test_a_word_may_stand_anywhere_among_files_and_options(given):
    parser = arguments.CommandParser()
    parser.anywhere = ("go", "stop")
    parser.add_argument("word", choices=parser.anywhere)
    parser.add_argument("files", nargs="+")
    for option in ("--set", "--json"):
        parser.add_argument(option)
    parser.add_argument("--debug", action="store_true")
    found = parser.parse_args(given.split())
    assert (found.word, found.files, found.set) == ("go", ["a", "b"], "x")


def test_a_value_of_an_option_is_never_taken_for_the_word():
    parser = arguments.CommandParser()
    parser.anywhere = ("go",)
    parser.add_argument("word", choices=parser.anywhere)
    parser.add_argument("--set")
    found = parser.parse_args(["--set", "go", "go"])
    assert (found.word, found.set) == ("go", "go")


def test_a_role_is_given_on_the_command_line(tmp_path, capsys):
    from explorer.app.cli import main

    path = tmp_path / "t.csv"
    path.write_text("a,b\n1.5,0\n2.5,1\n9.5,0\n")
    assert main(["profile", str(path), "--role", "b=targt"]) == 1
    assert "did you mean 'target'" in capsys.readouterr().err
    assert main(["profile", str(path), "--role", "a=prediction:b"]) == 0


@pytest.mark.parametrize("text", ["target", "=target", "y="])
def test_a_role_without_a_column_is_refused(text):
    from argparse import ArgumentTypeError

    from explorer.command_line.options import role

    with pytest.raises(ArgumentTypeError, match="expected COLUMN=ROLE"):
        role(text)
