import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.experiment.page.chosen_cell import ChosenCell
from explorer.experiment.page.figures import (
    _MARKERS,
    ExperimentFigure,
    curve_figure,
    forest_figure,
    time_figure,
    values_figure,
)
from explorer.experiment.page.plots import ExperimentPlot, experiment_columns, experiment_plot

LOOK = ChosenCell("click rate", "new", "place", "")


def whole(found, metric="click rate"):
    return found.cells.find(metric, "new")


@pytest.fixture(scope="module")
def drawn(trial):
    spread = trial.spread("minutes", "new")
    return {
        "forest": forest_figure(trial, LOOK, whole(trial)),
        "values": values_figure(trial, spread, whole(trial, "minutes")),
        "curve": curve_figure(trial, spread),
        "time": time_figure(trial, trial.over_time("minutes", "new"), times=True),
    }


def test_a_forest_holds_the_whole_and_then_its_segments(drawn, trial):
    table = drawn["forest"].table
    assert table["segment"] == ["all units", "north", "south", "west"]
    assert (
        table["difference"][1] == trial.cells.find("click rate", "new", "place", "north").difference
    )
    assert table["marker"][1:3] == ["triangle", "inverted_triangle"]
    assert drawn["forest"].whole == table["difference"][0]


def test_no_marker_is_hidden_by_the_line_of_its_interval():
    assert not {"dash", "cross", "x", "y", "asterisk", "dot"} & set(_MARKERS.values())
    assert len(set(_MARKERS.values())) == len(_MARKERS)


def test_both_distributions_are_shares_of_their_own_arm(drawn, trial_frame):
    table = drawn["values"].table
    inside = trial_frame["minutes"].between(table["low"][0], table["high"][-1])
    for arm, column in (("control", "control"), ("new", "treatment")):
        of = trial_frame["arm"] == arm
        assert table[column].sum() == pytest.approx((inside & of).sum() / of.sum())


def test_a_rare_yes_is_in_sight(trial):
    spread = replace(
        trial.spread("click rate", "new"),
        edges=np.array([-0.5, 0.5]),
        control=np.array([1]),
        treatment=np.array([1]),
    )
    table = values_figure(trial, spread, whole(trial)).table
    np.testing.assert_allclose(
        table["treatment"], [1 - whole(trial).treatment, whole(trial).treatment]
    )


def test_zeros_and_ones_have_no_curve_and_it_says_so(trial):
    figure = curve_figure(trial, trial.spread("click rate", "new"))
    assert figure.empty
    assert "no curve" in figure.caption


def test_wings_are_wider_than_one_look(drawn):
    table = drawn["time"].table
    later = slice(5, None)
    assert (table["low_always"][later] < table["low"][later]).all()
    assert (table["high_always"][later] > table["high"][later]).all()
    assert "however often one looks" in drawn["time"].caption


@pytest.mark.parametrize("kind", ["forest", "values", "curve", "time"])
def test_a_plot_takes_another_figure_and_holds_its_numbers(drawn, kind):
    live = ExperimentPlot(ExperimentFigure(kind=kind))
    for theme in ("light", "dark"):
        figure = replace(drawn[kind], theme=theme)
        live.push(figure)
        held = [part.handles["source"].data for part in live._plot.subplots.values()]
        for shown, wanted in zip(held, experiment_columns(figure), strict=True):
            assert shown.keys() == wanted.keys()
    live.push(ExperimentFigure(kind=kind))
    assert all(
        not len(column)
        for part in live._plot.subplots.values()
        for column in part.handles["source"].data.values()
    )
    with pytest.raises(ValueError, match="this plot shows"):
        live.push(ExperimentFigure(kind="other"))


@pytest.mark.parametrize("kind", ["forest", "values", "curve", "time"])
def test_what_is_drawn_can_be_read_as_numbers(drawn, kind):
    import holoviews as hv

    table = pd.read_csv(io.StringIO(drawn[kind].csv))
    assert list(table.columns) == list(drawn[kind].table)
    assert len(table) == len(next(iter(drawn[kind].table.values())))
    assert isinstance(experiment_plot(drawn[kind]), hv.Overlay)


def test_a_share_is_drawn_in_per_cent(drawn):
    low, high = drawn["forest"].ends("low", "high")
    assert low < 100 * drawn["forest"].table["low"].min()
    assert high > 100 * drawn["forest"].table["high"].max()
