"""The map under fingers: two zoom and move it, one that rests begins a lasso."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Page

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(browser, films):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    opened = Page(context.new_page())
    opened.open(films)
    fingers = context.new_cdp_session(opened.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": places})

    yield opened, touch
    context.close()
    assert opened.complaints == []


def test_two_fingers_zoom_the_map_and_one_moves_it(phone):
    opened, touch = phone
    before, frame = opened.picture(), opened.frame
    touch("Start", (180, 400), (210, 400))
    for step in range(1, 11):
        touch("Move", (180 - 8 * step, 400), (210 + 8 * step, 400))
    touch("End")
    opened.frame_after(frame)
    closer = opened.other_picture(before)
    opened.link("viewport")
    touch("Start", (200, 400))
    for step in range(1, 6):
        touch("Move", (200 - 10 * step, 400))
    touch("End")
    opened.other_picture(closer)
    assert "selection" not in opened.page.url


def test_a_finger_that_rests_begins_a_lasso_and_one_that_does_not_moves_the_map(phone):
    opened, touch = phone
    touch("Start", (130, 330))
    opened.page.wait_for_timeout(700)  # longer than a finger rests when it moves the map
    for x, y in ((260, 330), (260, 460), (130, 460), (130, 340)):
        touch("Move", (x, y))
    touch("End")
    opened.link("selection")
    opened.page.get_by_role("button", name="Rows panel").click()
    opened.page.get_by_text("rows selected").or_(
        opened.page.get_by_text("selected")
    ).first.wait_for()
