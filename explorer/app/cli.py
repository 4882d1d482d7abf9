"""The command `explorer`: its commands, how it shows errors, and its exit codes."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
from typing import TYPE_CHECKING

from explorer.app import cache_command as caching
from explorer.app import serve_command as serving
from explorer.command_line.arguments import CommandParser
from explorer.command_line.printing import print_message
from explorer.compare import command as comparing
from explorer.compare.explanation import command as explaining
from explorer.core.errors import ExplorerError
from explorer.core.stopping import received_signal
from explorer.drift import command as drifting
from explorer.engagement import command as engaging
from explorer.experiment import command as experimenting
from explorer.feature import command as profiling
from explorer.map_view.commands import project_command as projecting
from explorer.map_view.commands import render_command as rendering
from explorer.performance import command as comparing_models
from explorer.ranking import command as ranking
from explorer.review import command as reviewing

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

# Disks and folders are the user's to mend: any part of the engine may meet them.
_DISK = {errno.ENOSPC, errno.EROFS, errno.EACCES, getattr(errno, "EDQUOT", errno.ENOSPC)}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        0, or 1 after one clear line on stderr; 130 after Ctrl+C. Wrong usage exits with 2.
    """
    _print_what_the_terminal_can()
    arguments = _parser().parse_args(argv)
    if arguments.cache:
        os.environ["EXPLORER_CACHE"] = arguments.cache
    try:
        return int(arguments.run(arguments) or 0)
    except KeyboardInterrupt as error:
        if received_signal() is not None:
            raise  # the process says its line and ends
        print_message(f"\n{str(error) or 'stopped'}")
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # who reads us has seen enough, as `head` has; the interpreter must not complain at exit
        # either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if received_signal() is not None or arguments.debug or not _expected(error):
            raise
        print_message(f"explorer: {' '.join(str(error).split())}")
        return 1


def _expected(error: Exception) -> bool:
    """Say whether an exception is meant for the user, without importing the engine to ask."""
    from projections.errors import Cancelled, ProjectionError

    if isinstance(error, OSError) and error.errno in _DISK:
        return True
    return isinstance(error, ExplorerError | ProjectionError | Cancelled | MemoryError)


def _print_what_the_terminal_can() -> None:
    """Let a character that a terminal's code page lacks (−, ×) become "?", not an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _parser() -> argparse.ArgumentParser:
    from explorer._version import __version__

    parser = argparse.ArgumentParser(
        prog="explorer", description="Open a wide, long table; see all rows as one map."
    )
    parser.add_argument("--version", action="version", version=f"explorer {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=CommandParser
    )
    for room in (
        serving,
        profiling,
        projecting,
        comparing,
        explaining,
        experimenting,
        comparing_models,
        drifting,
        engaging,
        ranking,
        rendering,
        reviewing,
        caching,
    ):
        room.add(commands)
    return parser
