import numpy as np
import pandas as pd
import pytest

from explorer.engagement.reward_model import FOLDS, PRIOR_ROWS, reward_model


@pytest.fixture
def log():
    rng = np.random.default_rng(0)
    n = 400
    return pd.DataFrame(
        {
            "item": rng.integers(0, 3, n),
            "context": rng.integers(0, 2, n),
            "unit": rng.integers(0, 60, n),
            "r": rng.random(n),
        }
    )


def test_a_row_is_predicted_from_the_other_folds_alone(log):
    model = reward_model(
        log.r.to_numpy(), log["item"].to_numpy(), 3, log.context.to_numpy(), 2, log.unit.to_numpy()
    )
    fold = model.fold
    for one in range(FOLDS):
        rest = log[fold != one]
        whole = rest.r.mean()
        of_item = (rest.groupby("item").r.sum() + PRIOR_ROWS * whole) / (
            rest.groupby("item").r.size() + PRIOR_ROWS
        )
        cell = rest.groupby(["context", "item"]).r.agg(["sum", "size"])
        expected = (cell["sum"] + PRIOR_ROWS * of_item.reindex(cell.index, level="item")) / (
            cell["size"] + PRIOR_ROWS
        )
        here = log[fold == one]
        wanted = expected.loc[list(zip(here.context, here["item"], strict=True))].to_numpy()
        assert model.of(log["item"].to_numpy())[fold == one] == pytest.approx(wanted)


def test_rows_of_a_unit_are_in_one_fold(log):
    model = reward_model(
        log.r.to_numpy(), log["item"].to_numpy(), 3, log.context.to_numpy(), 2, log.unit.to_numpy()
    )
    assert pd.Series(model.fold).groupby(log.unit).nunique().max() == 1


def test_the_mean_under_the_uniform_policy_is_over_the_items_that_were_shown(log):
    model = reward_model(log.r.to_numpy(), log["item"].to_numpy(), 4, log.context.to_numpy(), 2)
    shown = np.array([True, True, True, False])
    assert model.uniform(shown) == pytest.approx((model.of(0) + model.of(1) + model.of(2)) / 3)
