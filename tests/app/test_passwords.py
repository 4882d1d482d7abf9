import json

import pytest

from explorer.app.passwords import read_users, right_password
from explorer.core.errors import ExplorerError


@pytest.mark.parametrize(
    ("user", "password", "right"), [("ada", "a", True), ("ben", "a", False), ("ada", "", False)]
)
def test_a_file_of_passwords_lets_in_who_stands_in_it(tmp_path, user, password, right):
    file = tmp_path / "users.json"
    file.write_text(json.dumps({"ada": "a"}))
    assert right_password(file, user, password) is right


def test_one_password_is_for_every_name():
    assert right_password("geheim ü", "ada", "geheim ü")
    assert not right_password("geheim ü", "ada", "geheim")


def test_a_file_that_an_editor_of_windows_wrote_is_read(tmp_path):
    file = tmp_path / "users.json"
    file.write_text('{"ada": "geheim ü"}', encoding="utf-8-sig")
    assert read_users(file) == {"ada": "geheim ü"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ('{"ada": "a"', "is no JSON"),
        ("\xff", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{"ada": "a", "ada": "b"}', "'ada' is there twice"),
        ('["ada", "a"]', "names no users"),
        ('"secret"', "names no users"),
        ("{}", "names no users"),
        ('{"ada": 5}', "password of 'ada' .* is empty or no text"),
        ('{"ada": ""}', "password of 'ada' .* is empty or no text"),
        ('{"ada": {"password": "secret"}}', "password of 'ada' .* is empty or no text"),
        ('{"": "a"}', "a user '', who cannot sign in"),
        ('{"guest": "a"}', "a user 'guest', who cannot sign in"),
        ('{"ada ": "a"}', "a user 'ada ', who cannot sign in"),
    ],
)
def test_a_file_of_passwords_that_holds_something_else_is_refused_without_saying_a_password(
    tmp_path, text, words
):
    file = tmp_path / "users.json"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(ExplorerError, match=words) as refused:
        read_users(file)
    assert "secret" not in str(refused.value)


def test_a_file_of_passwords_that_is_gone_is_said(tmp_path):
    with pytest.raises(ExplorerError, match=r"users\.json cannot be read \(No such file"):
        read_users(tmp_path / "users.json")


def test_a_password_that_is_no_text_lets_nobody_in(tmp_path):
    file = tmp_path / "users.json"
    file.write_text('{"ada": "\\ud800"}')
    assert not right_password(file, "ada", "?")
