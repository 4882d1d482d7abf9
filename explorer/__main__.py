"""``python -m explorer`` is the command ``explorer``."""

from __future__ import annotations

from typing import NoReturn

from explorer.core.stopping import run

__all__ = ["command"]


def command() -> NoReturn:
    """Run the command line in this process."""
    run(_main)


def _main() -> int:
    from explorer.app.cli import main  # once signals are listened to: this takes a moment

    return main()


if __name__ == "__main__":
    command()
