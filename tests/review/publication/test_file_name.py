import re

import pytest

from explorer.review.publication.file_name import folder_name, page_name

NAMES = [
    "a", "A", "../../etc/passwd", "con", "a/b\\c", 'q?*"<>|:', "größe", "年齢", "x" * 5_000, "",
    " ", ".", "tab\tline\n", "ü.", "\ud800",
]  # fmt: skip


def test_page_names_are_safe_on_every_system_and_unique():
    found = [page_name(i + 1, len(NAMES), name) for i, name in enumerate(NAMES)]
    # Windows: no reserved signs, no dot or space at the end, no device name, letters of one case
    # are one
    assert all(re.fullmatch(r"\d{4}(-[A-Za-z0-9_-]+)?\.html", name) for name in found)
    assert len({name.lower() for name in found}) == len(NAMES)
    assert max(map(len, found)) < 64


def test_a_page_name_keeps_what_can_be_read():
    assert page_name(7, 800, "Größe (cm)") == "0007-Groe-cm.html"
    assert page_name(7, 12_345, "runtime_min") == "00007-runtime_min.html"


@pytest.mark.parametrize(
    ("name", "folder"), [("core", "core@3"), ("../up", "up@3"), ("年", "set@3")]
)
def test_a_folder_is_named_after_the_set(name, folder):
    assert folder_name(name, 3) == folder
