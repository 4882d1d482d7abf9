"""The passwords of a server: one for everybody, or a JSON file of user: password."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from explorer.core.errors import ExplorerError

__all__ = ["GUEST", "read_users", "right_password"]

GUEST = "guest"
"""What Panel calls somebody who need not sign in."""

_WANTED = 'it must hold one JSON object of user: password, as {"ada": "her password"}'


def right_password(passwords: str | Path, user: str, password: str) -> bool:
    """Return whether a password is right, in a time that does not tell how much of it was.

    Parameters
    ----------
    passwords : str or Path
        One password for all names, or a JSON file of user: password.
    user, password : str
        What was given.

    Raises
    ------
    ExplorerError
        If the file cannot be read by now, or holds something else.
    """
    expected = read_users(passwords).get(user, "") if isinstance(passwords, Path) else passwords
    # digests are of one length, so that the length does not tell either; JSON and the environment
    # may hold half of a pair of surrogates, which is no text
    entered, right = (
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        for text in (password, expected)
    )
    return hmac.compare_digest(entered, right) and expected != ""


def read_users(file: Path) -> dict[str, str]:
    """Return the password of each user in a JSON file.

    Raises
    ------
    ExplorerError
        If the file cannot be read, or holds something else. No password is said: the words may
        stand in a log.
    """
    try:
        # an editor of Windows may begin a file with a byte order mark
        users = json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=_once)
    except OSError as error:
        raise ExplorerError(
            f"the file of passwords {file} cannot be read ({error.strerror})"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ExplorerError(
            f"the file of passwords {file} is no JSON ({error}): {_WANTED}"
        ) from error
    if not isinstance(users, dict) or not users:
        raise ExplorerError(f"the file of passwords {file} names no users: {_WANTED}")
    for user, password in users.items():
        if user in ("", GUEST) or user != user.strip():
            raise ExplorerError(
                f"the file of passwords {file} has a user {user!r}, who cannot sign in: "
                "give another name"
            )
        if not isinstance(password, str) or not password:
            raise ExplorerError(
                f"the password of {user!r} in {file} is empty or no text: {_WANTED}"
            )
    return users


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    users: dict[str, Any] = {}
    for name, value in pairs:
        if name in users:
            raise ValueError(f"{name!r} is there twice")
        users[name] = value
    return users
