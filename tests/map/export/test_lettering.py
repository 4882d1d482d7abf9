from PIL import ImageFont

from explorer.map.export.figure import drawing
from explorer.map.export.lettering import clean, elided, families, width_of, wrapped


def test_a_width_is_that_of_the_font():
    import matplotlib

    path = matplotlib.get_data_path() + "/fonts/ttf/DejaVuSans.ttf"
    for text in ("Box office (US$)", "17,472 rows"):
        expected = ImageFont.truetype(path, 100).getlength(text) / 100
        with drawing():
            assert abs(width_of(text, 24) / 24 - expected) < 0.06 * expected


def test_lines_hold_all_words_and_none_is_wider_than_the_room():
    text = "17,472 rows of films = 17,000 in view + 472 outside and " + "x" * 80
    with drawing():
        lines = wrapped(text, 11, 120)
        assert max(width_of(line, 11) for line in lines) <= 120
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped("", 11, 100) == []


def test_what_is_cut_says_so():
    with drawing():
        assert elided("short", 11, 100) == "short"
        cut = elided("a very long name of a level", 11, 60)
        assert width_of(cut, 11) <= 60
    assert cut.endswith("…")
    assert "a very long".startswith(cut[:-1])


def test_text_is_one_line_of_what_a_file_can_hold():
    assert clean("a\nb\tc\x00\x0bd\ud800") == "a b c\ufffd d\ufffd"
    assert families()[0] == "DejaVu Sans"
