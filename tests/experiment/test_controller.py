import numpy as np
import pytest

import explorer
from explorer.core.errors import ExperimentError, UnknownName
from explorer.experiment.controller import ExperimentController
from explorer.state import actions


def test_the_key_changes_with_what_is_read_and_not_with_what_is_looked_at(session):
    keys = [session.part(ExperimentController).key]
    session.state.act(
        actions.set_experiment, look={"metric": "m", "arm": None, "by": None, "segment": None}
    )
    assert session.part(ExperimentController).key == keys[0]
    session.state.act(actions.set_experiment, variant="member")
    keys.append(session.part(ExperimentController).key)
    session.state.act(actions.add_filter, id="a", expression="age > 40")
    keys.append(session.part(ExperimentController).key)
    assert len(set(keys)) == 3


def test_a_shuffled_experiment_is_what_is_found_until_the_experiment_is_asked_for_again(session):
    heard = []
    session.listen(lambda changed: heard.append("experiment_found" in changed))
    session.state.act(
        actions.set_experiment,
        variant="city",
        control=session.table.columns.levels("city").labels[0],
        metrics=[{"name": "age", "kind": "mean", "column": "age"}],
    )
    heard.clear()
    real = session.part(ExperimentController).compute()
    assert session.part(ExperimentController).compute() is real
    assert heard == [True]  # what is there already is not told again
    noise = session.part(ExperimentController).compute(seed=3)
    assert (real.dealt, noise.dealt) == (None, 3)
    assert session.part(ExperimentController).experiment is noise
    assert session.part(ExperimentController).compute(seed=3) is noise
    assert session.part(ExperimentController).compute() is real
    assert session.part(ExperimentController).experiment is real


METRIC = {"name": "m", "kind": "mean", "column": "height", "goal": "increase"}


def grid_session(new_session, column):
    asked = {"experiments": column, "variant": "member", "control": "no", "metrics": [METRIC]}
    return new_session(experiment=asked)


def test_a_grid_is_that_of_the_rows_that_the_filters_leave(new_session):
    session = grid_session(new_session, "city")
    session.state.act(actions.add_filter, id="a", expression="age > 40")
    found = session.part(ExperimentController).grid()
    expected = explorer.experiment_wall(
        session.table, "city", "member", "no", ["m=mean(height):increase"], where="age > 40"
    )
    assert [cell.difference for cell in found.cells] == pytest.approx(
        [cell.difference for cell in expected.cells], nan_ok=True
    )
    assert list(found.srm) == list(expected.srm)


def test_a_grid_is_kept_while_one_of_its_experiments_is_read(new_session):
    session = grid_session(new_session, "city")
    found = session.part(ExperimentController).grid()
    session.part(ExperimentController).open_one("B", "m")
    one = session.part(ExperimentController).compute()
    (cell,) = [cell for cell in found.cells if cell.segment == "B"]
    assert one.cells[0].difference == pytest.approx(cell.difference)
    session.state.act(actions.show_experiments)
    assert session.part(ExperimentController).grid() is found


@pytest.mark.parametrize("column", ["city", "age"])
def test_one_experiment_is_its_own_rows(new_session, column):
    session = grid_session(new_session, column)
    levels = session.table.columns.levels(column)
    session.part(ExperimentController).open_one(levels.labels[3])
    np.testing.assert_array_equal(session.rows.population().mask, levels.codes == 3)


def test_a_grid_and_one_experiment_are_not_read_in_place_of_each_other(new_session):
    session = grid_session(new_session, "city")
    with pytest.raises(ExperimentError, match="open one of them"):
        session.part(ExperimentController).compute()
    with pytest.raises(UnknownName, match="no experiment"):
        session.part(ExperimentController).open_one("Atlantis")
    session.state.act(actions.set_experiment, experiments=None)
    with pytest.raises(ExperimentError, match="name the column of the experiments"):
        session.part(ExperimentController).grid()
    with pytest.raises(ExperimentError, match="no grid"):
        session.part(ExperimentController).open_one("B")


def test_a_grid_asks_for_what_is_missing(new_session):
    session = new_session(experiment={"experiments": "city", "variant": "member"})
    with pytest.raises(ExperimentError, match="name the control"):
        session.part(ExperimentController).grid()
