import gc
from functools import partial

import numpy as np
import pytest

from explorer.map.raster.frame import EncodedFrame
from explorer.map.viewport import Viewport
from explorer.map_view.canvas.frame_renderer import FrameRenderer, FrameRequest, RenderedFrame
from explorer.session.maps.pane import Pane
from explorer.session.maps.scene import Account

ACCOUNT = Account(rows=4, in_view=3, outside=1, hidden=0, without=0)


def picture(side=4):
    viewport = Viewport((0.0, 1.0), (0.0, 1.0), side, side)
    return EncodedFrame(viewport, "rgba", (np.zeros((1, 1, 4), np.uint8),))


def frame(*pictures, moving=False, sent_as=None):
    viewport = pictures[0].viewport
    data = () if sent_as else tuple(b"bytes" for _ in pictures)
    request = FrameRequest(viewport, viewport, 1, moving, False, 0.0)
    return RenderedFrame(request, pictures, data, None, sent_as)


class Drawing:
    """Stands for a scene: a map is a name, and each is drawn once."""

    def __init__(self):
        self.pictures = {}

    def encoded_frame(self, shown, _, moving=False):
        return self.pictures.setdefault((shown, moving), picture())

    def cached_frame(self, shown, *_):
        return (self.pictures[shown, False], ACCOUNT) if (shown, False) in self.pictures else None

    def account(self, *_):
        return ACCOUNT


@pytest.fixture
def maps():
    return {"first": "map", "second": None}


@pytest.fixture
def renderer(maps):
    first, second = (Pane(partial(maps.get, name), Drawing()) for name in maps)
    return FrameRenderer(first, second)


def asked(moving=False):
    viewport = picture().viewport
    return FrameRequest(viewport, viewport, 1, moving, False, 0.0)


def test_without_a_map_there_is_no_picture(renderer, maps):
    maps["first"] = None
    assert renderer.render(asked()) is None
    assert renderer.at_hand(asked()) is None


def test_the_second_map_is_drawn_where_there_is_one(renderer, maps):
    assert len(renderer.render(asked()).pictures) == 1
    maps["second"] = "beside"
    assert [len(data) > 0 for data in renderer.render(asked()).data] == [True, True]


def test_rows_are_counted_at_rest_only(renderer):
    assert renderer.render(asked()).account is ACCOUNT
    assert renderer.render(asked(moving=True)).account is None


def test_only_what_the_page_has_is_at_hand(renderer, maps):
    assert renderer.at_hand(asked()) is None
    drawn = renderer.render(asked())
    assert renderer.at_hand(asked()) is None  # drawn, and not yet sent
    renderer.message(drawn, 1)
    again = renderer.at_hand(asked())
    assert (again.sent_as, again.data, again.account) == (1, (), ACCOUNT)
    assert renderer.render(asked()).sent_as == 1
    assert renderer.at_hand(asked(moving=True)) is None
    maps["second"] = "beside"
    assert renderer.at_hand(asked()) is None


def test_a_picture_at_rest_is_sent_once_and_named_after_that(renderer):
    first, other = picture(), picture()
    message = renderer.message(frame(first), 1)
    assert message["frame"] == b"bytes"
    assert (message["frame_info"]["again"], message["frame_info"]["kept"]) == (None, [1])
    assert renderer.sent_as(first) == 1
    assert renderer.sent_as(other) is None
    assert renderer.sent_as(first, other) is None
    message = renderer.message(frame(first, sent_as=1), 2)
    assert list(message) == ["frame_info"]
    assert (message["frame_info"]["id"], message["frame_info"]["again"]) == (2, 1)


def test_two_maps_are_one_picture(renderer):
    first, second = picture(), picture()
    message = renderer.message(frame(first, second), 1)
    assert message["second"] == b"bytes"
    assert renderer.sent_as(first, second) == 1
    assert renderer.sent_as(first) is None
    assert renderer.sent_as(second, first) is None


def test_what_moves_is_not_kept(renderer):
    moving = picture()
    assert renderer.message(frame(moving, moving=True), 1)["frame_info"]["kept"] == []
    assert renderer.sent_as(moving) is None


def test_a_page_keeps_sixteen_million_pixels_and_what_was_shown_last(renderer):
    pictures = [picture(2048) for _ in range(5)]  # four fit
    for number, shown in enumerate(pictures[:4], 1):
        renderer.message(frame(shown), number)
    message = renderer.message(frame(pictures[0], sent_as=1), 5)
    assert message["frame_info"]["kept"] == [2, 3, 4, 1]
    assert renderer.message(frame(pictures[4]), 6)["frame_info"]["kept"] == [3, 4, 1, 6]
    assert renderer.sent_as(pictures[1]) is None
    large = picture(8192)
    assert renderer.message(frame(large), 7)["frame_info"]["kept"] == [7]


def test_no_picture_is_held_in_memory_for_it(renderer):
    shown = picture()
    renderer.message(frame(shown), 1)
    del shown
    gc.collect()
    assert all(reference() is None for _, sent in renderer._sent.values() for reference in sent)
    assert renderer.sent_as(picture()) is None


def test_what_a_page_has_lost_is_sent_again(renderer):
    shown = picture()
    renderer.message(frame(shown), 1)
    renderer.forget()
    assert renderer.sent_as(shown) is None
