"""Names in right-to-left scripts beside signs and numbers."""

import pytest

from explorer.core.gettext import _, ngettext
from explorer.core.text_direction import isolated


@pytest.mark.parametrize("name", ["גיל", "درجة الحرارة (°C)", "x ال"])
def test_a_right_to_left_name_is_isolated_in_the_texts_of_the_page(name):
    alone = f"\u2068{name}\u2069"
    assert isolated(name) == alone
    assert _("{name}: {count:,}").format(name=name, count=3000) == f"{alone}: 3,000"
    assert ngettext("{} row", "{} rows", 2).format(name) == f"{alone} rows"


def test_what_is_isolated_is_not_isolated_again():
    assert isolated(isolated("גיל")) == isolated("גיל")
    lead = _("higher {label},").format(label="גיל")
    assert _("{lead} mean {mean}").format(lead=lead, mean=3) == f"{lead} mean 3"


def test_other_names_stay_as_they_are():
    assert isolated("Größe 大きさ μ") == "Größe 大きさ μ"
    assert type(_("{name}").format(name="x")) is str
