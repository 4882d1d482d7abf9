import pytest

from explorer.session.kept_documents import KeptDocuments


@pytest.fixture
def kept(tmp_path):
    return KeptDocuments(tmp_path / "kept", 1, ("name",), 3)


def test_a_key_has_one_document_and_the_newest_come_first(kept):
    for key, name in (("a", "one"), ("b", "two"), ("a", "three")):
        kept.put(key, {"name": name})
    assert [(key, one["name"]) for key, one in kept.listed()] == [("a", "three"), ("b", "two")]
    assert kept.get("a")["name"] == "three"
    kept.forget("a")
    assert kept.get("a") is None
    assert len(list(kept.folder.iterdir())) == 1


def test_older_ones_go_when_there_are_many(kept):
    for key in "abcde":
        kept.put(key, {"name": key})
    assert [key for key, _ in kept.listed()] == ["e", "d", "c"]


def test_what_is_damaged_or_of_another_form_is_passed_over(kept):
    kept.put("a", {"name": "a"})
    for name, text in (
        ("0-x", "{"),
        ("1-y", '{"form": 2, "name": "y"}'),
        ("2-z", '{"form": 1}'),
        ("3-l", "[]"),
    ):
        (kept.folder / f"{name}.json").write_text(text)
    assert [key for key, _ in kept.listed()] == ["a"]
    assert kept.get("x") is None


def test_a_document_that_cannot_be_written_leaves_the_earlier_one_and_no_rest(kept):
    kept.put("a", {"name": "a"})
    with pytest.raises(ValueError, match="JSON"):
        kept.put("a", {"name": float("nan")})
    assert kept.get("a") == {"form": 1, "name": "a"}
    assert [path.suffix for path in kept.folder.iterdir()] == [".json"]
