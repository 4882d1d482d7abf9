import logging
import socket

import panel as pn
import pytest

from explorer.app import server
from explorer.app.logins import PasswordLogins
from explorer.app.server import ServeOptions, check_port
from explorer.core.errors import ExplorerError
from explorer.session.downloads import Downloads


@pytest.fixture
def taken():
    with socket.socket() as owner:
        owner.bind(("localhost", 0))
        owner.listen()
        yield owner.getsockname()[1]


def test_a_free_port_is_taken_as_it_is(taken):
    port = check_port(ServeOptions(port=0))
    assert port > 0
    assert check_port(ServeOptions(port=port)) == port


def test_a_port_in_use_is_refused_in_words(taken):
    words = (
        f"port {taken} on localhost cannot be used .*: stop what runs there, or pass another "
        "one with --port"
    )
    with pytest.raises(ExplorerError, match=words):
        check_port(ServeOptions(port=taken))


def test_a_port_that_cannot_be_and_an_address_that_is_not_ours_are_refused_in_words():
    with pytest.raises(ExplorerError, match=r"port 70000 .* cannot be used"):
        check_port(ServeOptions(port=70_000))
    with pytest.raises(ExplorerError, match=r"192\.0\.2\.1 cannot be used"):
        check_port(ServeOptions(port=0, address="192.0.2.1"))


def test_a_port_in_use_is_refused_before_the_table_is_opened(taken):
    def opened():
        raise AssertionError("opened")

    with pytest.raises(ExplorerError, match="cannot be used"):
        server.serve(opened, ServeOptions(port=taken), print)


class FakeServer:
    """What Panel would return: it runs until it is stopped, and keeps what was printed before."""

    def __init__(self, said):
        self.said, self.io_loop, self.stopped = said, self, False
        self._tornado, self.add_transform = self, lambda _: None

    def start(self):
        self.said_before = list(self.said)

    def stop(self):
        self.stopped = True


@pytest.fixture
def served(monkeypatch):
    """Serve a page up to where Panel takes over; return the output and Panel's arguments."""

    def run(**options):
        said, given = [], {}
        fake = FakeServer(said)
        monkeypatch.setattr(
            pn, "serve", lambda pages, **more: given.update(more, pages=pages) or fake
        )
        monkeypatch.setattr(server, "_warm_page", lambda: None)
        monkeypatch.setattr(server.webbrowser, "open", lambda address: given.update(opened=address))
        monkeypatch.setattr(logging.getLogger("bokeh.server"), "level", logging.WARNING)
        server._run(
            lambda: "page",
            5123,
            ServeOptions(**{"browser": False, "max_sessions": 0, **options}),
            said.append,
            Downloads(),
        )
        assert fake.said_before == said
        assert fake.stopped
        return said, given

    return run


def test_the_address_is_said_and_only_this_machine_may_connect(served):
    said, given = served()
    assert said == ["Explorer is at http://localhost:5123/  (Ctrl+C stops it)"]
    assert (given["port"], given["address"]) == (5123, "localhost")
    assert set(given["websocket_origin"]) == {"localhost:5123", "127.0.0.1:5123"}
    assert {"prefix", "auth_provider", "opened"}.isdisjoint(given)
    assert given["pages"]["/"]() == "page"


def test_a_public_address_without_a_password_is_warned_of(served):
    said, given = served(address="0.0.0.0", allow_origin=["data.example.org"], prefix="/maps/")
    assert said[0].startswith("warning: 0.0.0.0 may be reached by others and there is no password")
    assert said[1].startswith("Explorer is at http://localhost:5123/maps ")
    assert "data.example.org" in given["websocket_origin"]
    assert given["prefix"] == "/maps/"


def test_with_a_password_there_is_no_warning(served):
    said, given = served(address="0.0.0.0", basic_auth="secret")
    assert len(said) == 1
    assert isinstance(given["auth_provider"], PasswordLogins)
    assert len(given["cookie_secret"]) == 64
    assert "secret" not in said[0]


def test_the_options_have_the_defaults_of_the_command():
    options = ServeOptions()
    assert (options.port, options.address, options.browser, options.xy) == (
        5006,
        "localhost",
        True,
        None,
    )


def test_a_file_of_passwords_that_is_not_there_is_refused_before_the_table_is_opened(tmp_path):
    options = ServeOptions(port=0, basic_auth=str(tmp_path / "users.json"), browser=False)
    with pytest.raises(ExplorerError, match=r"no file .*users.json"):
        server.serve(lambda: pytest.fail("opened"), options, print)
