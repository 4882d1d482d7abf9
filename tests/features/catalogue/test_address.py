"""Templates of addresses: what they may be, and that no cell leads elsewhere."""

from urllib.parse import unquote, urlsplit

import pytest

from explorer.core.errors import CatalogueError
from explorer.features.catalogue.address import address_of, is_template
from explorer.features.catalogue.catalogue import Catalogue

NASTY = [
    "../../admin", "//evil.org/x", "a/b?c=d#e", "javascript:alert(1)", "x@evil.org", "\\\\evil.org",
    "a b\n\tc", "ü &<\"'>", "%2e%2e",
]  # fmt: skip


@pytest.mark.parametrize(
    "template",
    [
        "https://a.org/{id}",
        "http://a.org/x?q={id}&r={other}",
        "/pictures/{id}.png",
        "pictures/{id}.png",
        "{id}",
        "{id}.png",
    ],
)
def test_what_a_page_may_show_is_a_template(template):
    assert is_template(template)


@pytest.mark.parametrize(
    "template",
    [
        "",
        "https://a.org/",
        "javascript:alert('{id}')",
        "data:text/html,{id}",
        "ftp://a.org/{id}",
        "//a.org/{id}",
        "https://{id}/x",
        "https://a.{id}.org/x",
        "https:///{id}",
        "https://a.org/{id",
        "https://a.org/{}",
        "file:///{id}",
        "\\\\a.org\\{id}",
        "/\\a.org/{id}",
        "x:{id}",
        " //a.org/{id}",
    ],
)
def test_anything_else_is_none(template):
    assert not is_template(template)


@pytest.mark.parametrize("cell", NASTY)
def test_a_cell_is_escaped_and_stays_in_its_place(cell):
    address = address_of("https://a.org/film/{id}/page?x=1", {"id": cell})
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == (
        "https",
        "a.org",
        "x=1",
        "",
    )
    first, film, held, page = parts.path.split("/")
    assert (first, film, unquote(held), page) == ("", "film", cell, "page")
    assert address_of("pictures/{id}.png", {"id": cell}).startswith("pictures/")


def test_several_cells_and_numbers_are_written():
    assert address_of("/{a}/{b}?c={a}", {"a": 17, "b": 3.0}) == "/17/3?c=17"


@pytest.mark.parametrize("cell", [None, float("nan"), "", ".", ".."])
def test_without_a_cell_there_is_no_address(cell):
    assert address_of("https://a.org/{id}", {"id": cell}) is None
    assert address_of("{id}", {"id": cell}) is None
    assert address_of("https://a.org/{id}", {}) is None


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("https://a.org/p.png?x=1", "https://a.org/p.png?x=1"),
        ("HTTP://a.org/p", "HTTP://a.org/p"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        (" //a.org/x", None),
        ("p.png", None),
        ("https://a.org/" + "x" * 3000, None),
        ("https://a.org/\x00", None),
        ("http://[a", None),
    ],
)
def test_a_column_of_addresses_is_taken_as_it_is_where_a_page_may_follow_it(cell, address):
    assert address_of("{url}", {"url": cell}) == address


def test_a_catalogue_takes_templates_and_names_those_it_cannot_use(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text('table: {link: "https://a.org/{id}", image: "/p/{poster}.png"}')
    catalogue = Catalogue.load(path)
    assert (catalogue.table.link, catalogue.table.image) == (
        "https://a.org/{id}",
        "/p/{poster}.png",
    )
    assert catalogue.unknown(["id"]) == [
        "the catalogue names 'poster' in image, which is no column"
    ]
    path.write_text('table: {link: "javascript:{id}"}')
    with pytest.raises(
        CatalogueError, match="line 1: 'link' of table must be an address with columns in braces"
    ):
        Catalogue.load(path)
