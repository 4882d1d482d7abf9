"""The figure of the page against what the page shows."""

import numpy as np
import pytest

from explorer.core.errors import EmbeddingError
from explorer.map.paint.palettes import DARK
from explorer.map.viewport import Viewport
from explorer.session.maps.screen_figure import draw_screen_figure
from explorer.state import actions

SIGHT = Viewport((-3, 3), (-2, 2), 90, 60)


def figure_of(session, *options, **named):
    return draw_screen_figure(session.table, session.projection, session.scene, *options, **named)


def test_the_frame_is_that_of_the_screen_with_more_pixels(session):
    session.color_by("pulse")
    figure = figure_of(session, SIGHT, 2)
    drawn = session.scene.draw(session.projection.map(), Viewport((-3, 3), (-2, 2), 180, 120))
    np.testing.assert_array_equal(figure.rgba, drawn.rgba[::-1])
    assert figure.title == session.projection.embedding().name
    assert figure.axes == ("UMAP 1", "UMAP 2")


def test_the_caption_accounts_for_selection_and_filters(session, people):
    coded = people.columns.levels("city")
    session.rows.filter_levels("city", np.arange(len(coded.labels) + 1) == 0)
    session.state.act(actions.select, selection={"expression": "age < 60"}, mode="replace")
    session.color_by("city")
    figure = figure_of(session, SIGHT)
    account = session.scene.account(session.projection.map(), SIGHT)
    rows = figure.caption[0]
    assert (
        f"= {account.in_view} in view + {account.outside} outside + {account.hidden} hidden "
        f"(shown: city: {coded.labels[0]})"
    ) in rows
    coloured = figure.legend.levels[0].count
    assert rows.endswith(
        f"In colour: {coloured} selected (age < 60); grey: {account.in_view - coloured} others "
        "in view."
    )
    assert [one.label for one in figure.legend.levels] == [coded.labels[0]]


def test_theme_and_plainness_are_those_asked_for(session):
    session.state.act(actions.set_theme, theme="dark")
    figure = figure_of(session, SIGHT, plain=True)
    assert figure.theme is DARK
    assert figure.is_plain
    assert figure.metadata["Caption"].startswith("600 rows")


def test_without_a_map_and_beyond_what_a_server_draws_there_are_words(session, new_session):
    with pytest.raises(EmbeddingError, match="there is no map yet"):
        figure_of(new_session(), SIGHT)
    with pytest.raises(EmbeddingError, match="too large for a server"):
        figure_of(session, Viewport((-3, 3), (-2, 2), 10_001, 10_000))
