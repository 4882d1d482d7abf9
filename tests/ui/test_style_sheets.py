"""What all style sheets of the page keep to: text that can be read, and no motion unasked."""

import re
from pathlib import Path

import pytest

import explorer

SHEETS = sorted(Path(explorer.__file__).parent.rglob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: f"{sheet.parent.name}/{sheet.name}")
def test_no_text_on_a_screen_is_below_12_pixels_and_nothing_moves_unasked(sheet):
    screen, _, _ = sheet.read_text(encoding="utf-8").partition("@media print")
    sizes = re.findall(r"font(?:-size)?:[^;}]*?([\d.]+)px", screen)
    assert all(float(size) >= 12 for size in sizes), sizes
    moves = re.compile("transition:|animation:|scroll-behavior: smooth")
    moving = [
        line
        for line in screen.splitlines()
        if moves.search(line)
        and "prefers-reduced-motion: no-preference" not in line
        and not re.search(r"transition: [\w-]+ 0s", line)  # a delay, no motion
    ]
    assert moving == []


def test_there_are_style_sheets_to_look_at():
    assert len(SHEETS) > 20
