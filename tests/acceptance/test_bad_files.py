"""Files cut short or damaged, before or while they are open: one line, never a traceback."""

import numpy as np
import pandas as pd
import pytest

from explorer.app.cli import main
from explorer.core.errors import ExplorerError
from explorer.table.table import open_table


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(400, 8)), columns=list("abcdefgh"))
    frame["city"], frame["count"] = rng.choice(["Bern", "Oslo"], 400), rng.integers(0, 9, 400)
    path = tmp_path_factory.mktemp("files") / "whole.parquet"
    frame.to_parquet(path, row_group_size=150)
    return path


def assert_one_line(text: str, words: str) -> None:
    assert words in text
    assert "Traceback" not in text
    assert len(text.strip().splitlines()) == 1


def test_a_file_cut_short_while_it_is_open_is_one_line(path, tmp_path):
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(path.read_bytes())
    table = open_table(cut)
    whole_bytes = cut.read_bytes()
    for size in (len(whole_bytes) // 2, 4, 0):
        cut.write_bytes(whole_bytes[:size])
        with pytest.raises(ExplorerError, match=r"cut\.parquet") as told:
            table.profile()
        assert "\n" not in str(told.value)


def test_a_file_cut_short_before_the_first_glance_is_one_line(path, tmp_path):
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(path.read_bytes())
    table = open_table(cut)
    cut.write_bytes(path.read_bytes()[:5_000])
    with pytest.raises(ExplorerError, match=r"cut\.parquet"):
        table.features  # noqa: B018  asked for by its name


@pytest.mark.parametrize("size", [5_000, 4, 0])
def test_a_file_cut_short_before_is_one_line_of_the_command(path, tmp_path, capsys, size):
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(path.read_bytes()[:size])
    assert main(["profile", str(cut), "--json", "-"]) != 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert_one_line(printed.err, "cut.parquet")


def test_bytes_damaged_inside_are_one_line_of_the_command(path, tmp_path, capsys):
    damaged = bytearray(path.read_bytes())
    damaged[200:20_000] = b"\xff" * 19_800  # the footer still reads
    (tmp_path / "damaged.parquet").write_bytes(damaged)
    assert main(["profile", str(tmp_path / "damaged.parquet"), "--json", "-"]) != 0
    assert_one_line(capsys.readouterr().err, "damaged.parquet")
