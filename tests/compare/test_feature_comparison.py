import numpy as np
import pandas as pd
import pytest

from explorer.compare.compute import compare
from explorer.core.cache import Cache
from explorer.table.table import open_table


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.uniform(20, 80, 4_000), "lone": rng.normal(size=4_000)})
    frame["pressure"] = frame["age"] + 5 * rng.normal(size=4_000)
    frame["city"] = rng.choice(["x", "y", "z"], 4_000)
    frame["a"] = rng.random(4_000) < frame["age"] / 100
    frame["copy"] = frame["a"].astype(int).astype(str) + "!"  # no stratum of it holds both groups
    frame["nothing"] = np.nan
    return open_table(frame, cache=Cache(tmp_path))


@pytest.mark.parametrize("adjust", [None, "age", "copy"])
def test_the_effect_shown_is_the_one_that_orders(table, adjust):
    found = compare(table, "a", adjust=adjust)
    for row in found.rows:
        shown = row.shown
        assert abs(shown.value) == pytest.approx(row.effect, nan_ok=True)
        if shown.symbol.startswith("δ"):
            assert max(shown.low, -shown.high, 0.0) == pytest.approx(row.effect_low)
        assert bool(shown.symbol) == (row.effect == row.effect)
    assert found["city"].shown.symbol == "V"
    assert found["nothing"].shown.symbol == ""
    assert found["pressure"].shown.symbol == {None: "δ", "age": "δ within", "copy": ""}[adjust]


def test_within_strata_the_effect_is_that_of_the_strata(table):
    plain, within = (
        compare(table, "a", adjust=adjust)["pressure"].shown for adjust in (None, "age")
    )
    assert plain.value > 0.3
    assert abs(within.value) < 0.1
