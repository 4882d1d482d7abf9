"""`explorer demo` and `explorer serve`: the workbench in a browser."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command, natural, open_files, pair
from explorer.command_line.options import FILES, ROLE, add_options, option
from explorer.command_line.printing import print_if_compiling, print_message, print_result

if TYPE_CHECKING:
    import argparse

__all__ = ["add"]


_DEMO = {
    "name": option("sample (default: films)", nargs="?", default="films"),
    "--list": option("list the samples and stop", action="store_true"),
}
_SERVER = {
    "--port": option("port to serve on (default: 5006; 0: a free one)", type=int, default=5006),
    "--no-browser": option("do not open a browser", action="store_true"),
    "--store": option(
        "where reviews are kept: sqlite:///PATH, postgresql://… (default: the user's data folder)",
        "URL",
    ),
}
_SERVE = {
    "--address": option("interface to listen on (default: localhost)", default="localhost"),
    "--allow-origin": option(
        "host whose pages may connect; repeatable", "HOST", action="append", default=[]
    ),
    "--prefix": option("path before the page's own, behind a proxy", default=""),
    "--catalogue": option("labels, units, descriptions of the columns", "YAML"),
    "--role": ROLE,
    "--xy": option("two columns with ready coordinates", "COL,COL", type=pair),
    "--basic-auth": option(
        "a password, or a JSON file of user: password; other users of this machine see a "
        "password given here, but not one in EXPLORER_BASIC_AUTH",
        "PASSWORD|FILE",
    ),
    "--max-sessions": option(
        "pages that may be open at once (default: 100; 0: any number); who comes then is "
        "asked to wait",
        "N",
        type=natural,
        default=100,
    ),
}


def add(commands: Any) -> None:
    """Add both commands."""
    demo = add_command(commands, "demo", _demo, "serve a sample table")
    add_options(demo, {**_DEMO, **_SERVER})
    serve = add_command(commands, "serve", _serve, "serve the workbench on a table")
    add_options(serve, {"files": FILES, **_SERVER, **_SERVE})


def _demo(arguments: argparse.Namespace) -> None:
    from explorer.app.demo import open_sample, samples

    if arguments.list:
        for sample in samples():
            print_result(
                f"{sample.name:12} {sample.rows:>11,} rows × {sample.columns} columns  "
                f"{sample.title} ({sample.license})  {sample.how}"
            )
        return
    from explorer.app.server import ServeOptions, serve

    options = ServeOptions(
        port=arguments.port, browser=not arguments.no_browser, store=arguments.store
    )
    print_if_compiling()
    serve(lambda: open_sample(arguments.name, print_message), options, print_result)


def _serve(arguments: argparse.Namespace) -> None:
    from explorer.app.server import ServeOptions, serve

    accounts = arguments.basic_auth
    if accounts and not accounts.lower().endswith(".json"):
        print_message(
            "warning: others on this machine see the password in the list of processes: give it in "
            "EXPLORER_BASIC_AUTH, or a JSON file of user: password"
        )
    options = ServeOptions(
        arguments.port,
        arguments.address,
        arguments.allow_origin,
        arguments.prefix,
        accounts or os.environ.get("EXPLORER_BASIC_AUTH") or None,
        not arguments.no_browser,
        arguments.xy,
        arguments.store,
        arguments.max_sessions,
    )
    print_if_compiling()
    serve(
        lambda: open_files(arguments.files, arguments.catalogue, arguments.role),
        options,
        print_result,
    )
