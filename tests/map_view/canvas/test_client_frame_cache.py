import gc

import numpy as np
import pytest

from explorer.map.paint.encoded_frame import EncodedFrame
from explorer.map.viewport import Viewport
from explorer.map_view.canvas.client_frame_cache import ClientFrameCache
from explorer.map_view.canvas.rendered_frame import FrameRequest, RenderedFrame


def screen(side=4):
    viewport = Viewport((0.0, 1.0), (0.0, 1.0), side, side)
    return EncodedFrame(viewport, "rgba", (np.zeros((1, 1, 4), np.uint8),))


def picture(*screens, moving=False, known=None):
    view = FrameRequest(screens[0].viewport, screens[0].viewport, 1, moving, False, 0.0)
    return RenderedFrame(
        view, screens, () if known else tuple(b"bytes" for _ in screens), None, known
    )


@pytest.fixture
def sent():
    return ClientFrameCache()


def test_a_picture_at_rest_is_sent_once_and_named_after_that(sent):
    one, other = screen(), screen()
    told = sent.message(picture(one), 1)
    assert told["frame"] == b"bytes"
    assert (told["frame_info"]["again"], told["frame_info"]["kept"]) == (None, [1])
    assert (sent.number((one,)), sent.number((other,)), sent.number((one, other))) == (
        1,
        None,
        None,
    )
    told = sent.message(picture(one, known=1), 2)
    assert list(told) == ["frame_info"]
    assert (told["frame_info"]["id"], told["frame_info"]["again"]) == (2, 1)


def test_two_maps_are_one_picture(sent):
    one, other = screen(), screen()
    told = sent.message(picture(one, other), 1)
    assert told["second"] == b"bytes"
    assert (sent.number((one, other)), sent.number((one,)), sent.number((other, one))) == (
        1,
        None,
        None,
    )


def test_what_moves_is_not_kept(sent):
    one = screen()
    assert sent.message(picture(one, moving=True), 1)["frame_info"]["kept"] == []
    assert sent.number((one,)) is None


def test_a_page_keeps_sixteen_million_pixels_and_what_was_shown_last(sent):
    several = [screen(2048) for _ in range(5)]  # four fit
    for number, one in enumerate(several[:4], 1):
        sent.message(picture(one), number)
    assert sent.message(picture(several[0], known=1), 5)["frame_info"]["kept"] == [2, 3, 4, 1]
    assert sent.message(picture(several[4]), 6)["frame_info"]["kept"] == [3, 4, 1, 6]
    assert sent.number((several[1],)) is None
    large = screen(8192)
    assert sent.message(picture(large), 7)["frame_info"]["kept"] == [7]


def test_no_picture_is_held_in_memory_for_it(sent):
    one = screen()
    sent.message(picture(one), 1)
    place = id(one)
    del one
    gc.collect()
    assert all(screen() is None for _, known in sent._kept.values() for screen in known)
    assert sent.number((screen(),)) is None, place


def test_what_a_page_has_lost_is_sent_again(sent):
    one = screen()
    sent.message(picture(one), 1)
    sent.forget()
    assert sent.number((one,)) is None
