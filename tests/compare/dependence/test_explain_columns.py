import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from explorer.compare.dependence.explain_columns import ROWS, explain_columns
from explorer.compare.dependence.feature_dependence import MOSTLY
from explorer.core.cache import Cache
from explorer.table.table import open_table

N = 6_000
BY = ["a", "b", "c", "d"]


def functions(x):
    """Columns that four features make: exact functions, then nearly exact ones."""
    a, b, c = x.T[:3]
    total = x.sum(axis=1)
    parts = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2]
    return {
        "sum": total,
        "mean of two": (a + b) / 2,
        "first component": x @ parts[0],
        "last component": x @ parts[-1],
        "square": a**2,
        "size": np.abs(a),
        "logarithm": np.log(np.abs(a)),
        "product": a * b,
        "product of three": a * b * c,
        "ratio": a / b,
        "body mass index": a / b**2,
        "largest": x.max(axis=1),
        "norm": np.linalg.norm(x, axis=1),
        "rank of the sum": total.argsort().argsort().astype(float),
        "exponential": np.exp(total),
        "distance": np.hypot(a - b, c),
        "either": np.where(a > 0.5, b, c),
        "above": total > np.quantile(total, 0.8),
        "unlike": (a > 0.5) != (b > 0.5),
        "five bins": pd.cut(a, 5).astype(str),
        "bins of the sum": pd.qcut(total, 7).astype(str),
        "which is larger": np.array(list("abcd"))[x.argmax(axis=1)],
        "noisy sum": total + total.std() * np.random.default_rng(1).normal(size=len(x)) / 3,
        "roots": np.sqrt(np.maximum(a, 0)) + np.where(a < 0.2, np.nan, 0.0),
    }


def table_of(columns, tmp_path):
    return open_table(pd.DataFrame(columns), cache=Cache(tmp_path)).columns


@pytest.mark.parametrize("draw", ["normal", "lognormal", "uniform"])
def test_functions_of_the_features_are_mostly_explained_and_independent_columns_are_not(
    draw, tmp_path
):
    rng = np.random.default_rng(0)
    x = getattr(rng, draw)(size=(N, 4))
    made = functions(x)
    free = {
        "free": rng.normal(size=N),
        "tail": rng.lognormal(0, 2, N),
        "rare": rng.random(N) < 0.02,
        "class": rng.choice(["x", "y", "z"], N),
        "gaps": np.where(rng.random(N) < 0.3, np.nan, rng.normal(size=N)),
    }
    table = table_of({**dict(zip(BY, x.T, strict=True)), **made, **free}, tmp_path)
    found = explain_columns(table, BY, [*made, *free], np.arange(N))
    shares = {name: one.share for name, one in found.items()}
    assert {name for name in made if not shares[name] > MOSTLY} == set()
    assert {name for name in free if not shares[name] < 0.05} == set()


def test_a_linear_share_of_all_rows_is_scikit_learns(tmp_path):
    rng = np.random.default_rng(2)
    x, city = rng.normal(size=(900, 2)), rng.choice(["p", "q", "r"], 900)
    gone = rng.random(900) < 0.3
    y = 1e6 + x @ [1.0, 2.0] + 3 * (city == "p") + rng.normal(0, 8, 900)
    table = table_of(
        {"a": x[:, 0], "b": x[:, 1], "city": city, "y": np.where(gone, np.nan, y), "whole": y},
        tmp_path,
    )
    found = explain_columns(
        table, ["a", "b", "city"], ["y", "whole"], np.arange(30), whole=(table, np.arange(30))
    )
    for name, rows in (("y", ~gone), ("whole", np.full(900, True))):
        design = np.column_stack([x, city == "p", city == "q"])[rows].astype(float)
        r2 = LinearRegression().fit(design, y[rows]).score(design, y[rows])
        n = rows.sum()
        assert found[name].share == pytest.approx(1 - (1 - r2) * (n - 1) / (n - 5), abs=1e-6)
    assert found["whole"].features[0] == "b"


def test_a_column_that_the_random_rows_show_as_constant_is_known_from_all_rows(tmp_path):
    rng = np.random.default_rng(3)
    flags = rng.random((200_000, 2)) < 5e-5
    total = flags.sum(axis=1)
    table = table_of({"a": flags[:, 0], "b": flags[:, 1], "total": total}, tmp_path)
    rows = np.flatnonzero(total == 0)[:ROWS]
    assert explain_columns(table, ["a", "b"], ["total"], rows) == {}
    found = explain_columns(table, ["a", "b"], ["total"], rows, whole=(table, rows))["total"]
    assert found.share == pytest.approx(1)
    assert found.words in ("R² 1.00 on a, b", "R² 1.00 on b, a")


def test_the_features_that_tell_are_named_the_most_telling_first(tmp_path):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(3_000, 4))
    y = x @ [0.0, 3.0, 1.0, 0.0] + rng.normal(0, 0.5, 3_000)
    table = table_of({**dict(zip(BY, x.T, strict=True)), "y": y, "p": x[:, 0] * x[:, 3]}, tmp_path)
    found = explain_columns(table, BY, ["y", "p"], np.arange(3_000))
    assert found["y"].features == ("b", "c")
    assert set(found["p"].features) == {"a", "d"}


def test_missing_cells_that_follow_from_the_features_are_told_as_such(tmp_path):
    rng = np.random.default_rng(5)
    a = rng.normal(size=3_000)
    table = table_of({"a": a, "y": np.where(a > 0.4, np.nan, rng.normal(size=3_000))}, tmp_path)
    found = explain_columns(table, ["a"], ["y"], np.arange(3_000))["y"]
    assert found.missing
    assert found.share > 0.9
    assert found.words.startswith("missing cells: R² ")


@pytest.mark.parametrize("n", [0, 1, 20, 70])
def test_few_rows_explain_nothing_by_chance(n, tmp_path):
    rng = np.random.default_rng(6)
    names = [f"x{k}" for k in range(12)]
    columns = {name: rng.normal(size=n) for name in names} | {
        "y": rng.normal(size=n),
        "c": np.ones(n),
    }
    table, rows = table_of(columns, tmp_path), np.arange(n)
    found = explain_columns(table, names, ["y", "c"], rows, whole=(table, rows))
    assert all(one.share < MOSTLY for one in found.values())


def test_infinite_huge_and_constant_cells_do_no_harm(tmp_path):
    rng = np.random.default_rng(7)
    a = rng.normal(size=2_000)
    a[:3] = np.inf, -np.inf, np.nan
    columns = {
        "a": a,
        "same": np.ones(2_000),
        "none": np.full(2_000, np.nan),
        "huge": 1e300 * rng.normal(size=2_000),
    }
    columns |= {"twice": 2 * a, "hugely": 1e305 * np.nan_to_num(a, posinf=0, neginf=0)}
    table, rows = table_of(columns, tmp_path), np.arange(2_000)
    found = explain_columns(
        table, ["a", "same", "none"], ["huge", "twice", "hugely"], rows, whole=(table, rows)
    )
    assert found["huge"].share < 0.1
    assert found["twice"].share > 0.99
    assert found["hugely"].share > 0.99
