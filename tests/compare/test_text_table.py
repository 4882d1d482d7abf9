import numpy as np
import pandas as pd
import pytest

from explorer.compare.compute import compare
from explorer.compare.text_table import comparison_table
from explorer.core.cache import Cache
from explorer.core.number_format import small
from explorer.table.table import open_table


@pytest.mark.parametrize("adjust", [None, "age"])
def test_a_line_shows_the_effect_that_orders_the_lines(tmp_path, adjust):
    rng = np.random.default_rng(0)
    age = rng.uniform(20, 80, 3_000)
    frame = pd.DataFrame({"age": age, "pressure": age + 5 * rng.normal(size=3_000)})
    frame["a"] = rng.random(3_000) < age / 100
    found = compare(open_table(frame, cache=Cache(tmp_path)), "a", adjust=adjust)
    lines = list(comparison_table(found, 160))
    shown = found["pressure"].shown
    line = next(line for line in lines if line.startswith("pressure"))
    assert f"{shown.symbol} {small(shown.value)}" in line
    assert ("within strata of age" in lines[0]) == (adjust is not None)


def test_a_yes_has_its_share_and_a_time_its_date(tmp_path):
    frame = pd.DataFrame(
        {
            "a": np.arange(400) < 100,
            "yes": np.arange(400) % 4 == 0,
            "number": np.arange(400) % 7,
            "day": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(1 * (np.arange(400) >= 100), unit="D"),
        }
    )
    lines = list(comparison_table(compare(open_table(frame, cache=Cache(tmp_path)), "a"), 160))
    told = {line.split()[0]: line.split() for line in lines if line.split()}
    assert told["yes"][6:9] == ["25", "%", "25"]
    assert told["day"][6:8] == ["2024-05-01", "2024-05-02"]


def test_the_list_with_the_largest_effect_comes_first_and_one_without_says_so(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=900), "noise": rng.normal(size=900)})
    table = open_table(frame, cache=Cache(tmp_path))
    by_x = list(comparison_table(compare(table, "x > 1"), 160))
    assert by_x[1] == "used to define the group (not tested): 1"
    heading = by_x.index("independent features (tested): 1")
    assert by_x[heading + 1] == "No independent feature differs detectably."
    by_number = list(comparison_table(compare(table, frame["x"].to_numpy() > 1), 160))
    assert by_number[1] == "independent features (tested): 2"
    assert "No independent feature differs detectably." not in by_number
