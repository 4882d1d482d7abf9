"""Sign people in by a password, and slow down who guesses."""

from __future__ import annotations

import ipaddress
import logging
import math
import os
import time
from collections import OrderedDict
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from panel.auth import BasicAuthProvider, BasicLoginHandler

from explorer.app.passwords import GUEST, right_password
from explorer.core.errors import ExplorerError
from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LoginThrottle", "PasswordLogins"]

logger = logging.getLogger(__name__)

_FREE = 10  # wrong passwords before the first wait
_LONGEST = 60.0  # seconds between two attempts, at most
_FORGOTTEN = 900.0  # seconds after the last wrong password
_MOST = 10_000  # addresses that are remembered


@dataclass
class _Failures:
    count: int
    last: float


class LoginThrottle:
    """How long an address has to wait before its next attempt to sign in.

    After 10 wrong passwords the wait is 1, 2, 4, … and at most 60 seconds; it is forgotten 15
    minutes after the last one. A right password does not shorten it: else somebody with a password
    could guess those of others. At most 10,000 addresses are remembered; then the one whose last
    failure is the oldest is forgotten.

    Parameters
    ----------
    clock : callable
        Returns seconds, never fewer than before.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, address: str) -> float:
        """Return the seconds that are left to wait; 0 where an attempt may be made."""
        failures = self._failures.get(_network(address))
        if failures is None or failures.count < _FREE:
            return 0.0
        delay = min(_LONGEST, 2.0 ** min(failures.count - _FREE, 16))
        return max(0.0, failures.last + delay - self._clock())

    def failed(self, address: str) -> None:
        """Count a wrong password."""
        now, network = self._clock(), _network(address)
        failures = self._failures.pop(network, None)
        if failures is None or now - failures.last > _FORGOTTEN:
            failures = _Failures(0, now)
        self._failures[network] = _Failures(failures.count + 1, now)
        if len(self._failures) > _MOST:
            self._failures.popitem(last=False)

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._failures)


def _network(address: str) -> str:
    """Return what is counted together: of IPv6, the first 64 bits.

    A customer is given that many addresses (RFC 6177).
    """
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


class PasswordLogins(BasicAuthProvider):
    """Panel's login with pages of ours, passwords compared in constant time, and a throttle.

    Parameters
    ----------
    passwords : str
        A password, or the path of a JSON file of user: password, which is read at each attempt.
    throttle : LoginThrottle, optional
    """

    def __init__(self, passwords: str, throttle: LoginThrottle | None = None) -> None:
        file = os.path.isfile(passwords)  # noqa: PTH113  (a Path raises where a password is too long for a name)
        attributes = {
            "passwords": Path(passwords) if file else passwords,
            "throttle": throttle or LoginThrottle(),
        }
        self._handler: type[_LoginHandler] = type("LoginHandler", (_LoginHandler,), attributes)
        template = resources.files("explorer.app.templates").joinpath("sign_in.html")
        with resources.as_file(template) as page:
            super().__init__(login_template=str(page), logout_template=str(page))
        self._handler._login_template = self._login_template

    @property
    def login_handler(self) -> type[_LoginHandler]:
        """The handler of ``/login``."""
        return self._handler


class _LoginHandler(BasicLoginHandler):
    passwords: str | Path
    throttle: LoginThrottle

    def get(self) -> None:
        self.request.arguments.pop("error", None)  # Panel shows what a link says there
        super().get()

    def post(self) -> None:
        address, user = self.request.remote_ip or "", self.get_argument("username", "")
        wait = self.throttle.wait(address)
        if wait > 0:
            seconds = math.ceil(wait)
            self.set_header("Retry-After", str(seconds))
            self._refuse(
                429, _("Too many wrong passwords: try again in {count} s.").format(count=seconds)
            )
        elif user in ("", GUEST):
            self._refuse(400, _("Enter a name other than {guest!r}.").format(guest=GUEST))
        else:
            self._let_in(user, self.get_argument("password", "", strip=False), address)

    def _let_in(self, user: str, password: str, address: str) -> None:
        try:
            right = right_password(self.passwords, user, password)
        except ExplorerError as error:  # the file was right when the server was started
            logger.error("nobody can sign in: %s", error)
            self._refuse(503, _("Nobody can sign in now: the log of the server says why."))
            return
        if right:
            super().post()
        else:
            self.throttle.failed(address)
            self._refuse(401, _("The name or the password is wrong."))

    def _validate(self, _user: str, _password: str) -> bool:
        return True  # asked for by Panel's post, after ours

    def _refuse(self, status: int, words: str) -> None:
        self.set_status(status)
        self.write(
            self._login_template.render(login_endpoint=self._login_endpoint, errormessage=words)
        )
