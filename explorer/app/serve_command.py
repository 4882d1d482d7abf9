"""`explorer demo` and `explorer serve`: the workbench in a browser."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, add_files, natural, open_files, pair
from explorer.command_line.lines import announce, say, say_if_compiling

if TYPE_CHECKING:
    import argparse

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add both commands."""
    _add_demo(commands)
    _add_serve(commands)


def _add_demo(commands: Any) -> None:
    parser = add_command(commands, "demo", _demo, "serve a sample table")
    parser.add_argument("name", nargs="?", default="films", help="sample (default: films)")
    parser.add_argument("--list", action="store_true", help="list the samples and stop")
    _add_server(parser)


def _add_serve(commands: Any) -> None:
    parser = add_command(commands, "serve", _serve, "serve the workbench on a table")
    add_files(parser)
    _add_server(parser)
    parser.add_argument(
        "--address", default="localhost", help="interface to listen on (default: localhost)"
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="HOST",
        help="host whose pages may connect; repeatable",
    )
    parser.add_argument("--prefix", default="", help="path before the page's own, behind a proxy")
    parser.add_argument(
        "--catalogue", metavar="YAML", help="labels, units, descriptions of the columns"
    )
    parser.add_argument(
        "--xy", metavar="COL,COL", type=pair, help="two columns with ready coordinates"
    )
    parser.add_argument(
        "--basic-auth",
        metavar="PASSWORD|FILE",
        help="a password, or a JSON file of user: password; other users of this machine see a "
        "password given here, but not one in EXPLORER_BASIC_AUTH",
    )
    parser.add_argument(
        "--max-sessions",
        type=natural,
        default=100,
        metavar="N",
        help="pages that may be open at once (default: 100; 0: any number); who comes then is "
        "asked to wait",
    )


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=5006, help="port to serve on (default: 5006; 0: a free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument(
        "--store",
        metavar="URL",
        help="where reviews are kept: sqlite:///PATH, postgresql://… "
        "(default: the user's data folder)",
    )


def _demo(arguments: argparse.Namespace) -> None:
    from explorer.app.demo import open_sample, samples

    if arguments.list:
        for sample in samples():
            announce(
                f"{sample.name:12} {sample.rows:>11,} rows × {sample.columns} columns  "
                f"{sample.title} ({sample.license})  {sample.how}"
            )
        return
    from explorer.app.server import ServeOptions, serve

    options = ServeOptions(
        port=arguments.port, browser=not arguments.no_browser, store=arguments.store
    )
    say_if_compiling()
    serve(lambda: open_sample(arguments.name, say), options, announce)


def _serve(arguments: argparse.Namespace) -> None:
    from explorer.app.server import ServeOptions, serve

    given = arguments.basic_auth
    if given and not given.lower().endswith(".json"):
        say(
            "warning: others on this machine see the password in the list of processes: give it in "
            "EXPLORER_BASIC_AUTH, or a JSON file of user: password"
        )
    options = ServeOptions(
        arguments.port,
        arguments.address,
        arguments.allow_origin,
        arguments.prefix,
        given or os.environ.get("EXPLORER_BASIC_AUTH") or None,
        not arguments.no_browser,
        arguments.xy,
        arguments.store,
        arguments.max_sessions,
    )
    say_if_compiling()
    serve(lambda: open_files(arguments.files, arguments.catalogue), options, announce)
