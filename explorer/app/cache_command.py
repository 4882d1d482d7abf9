"""`explorer cache`: what was computed before, and what can be compiled ahead."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from explorer.command_line.arguments import add_command
from explorer.command_line.printing import print_message, print_result

if TYPE_CHECKING:
    import argparse

    from explorer.core.cache import Cache

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, "cache", _run, "list or clear what was computed before; warm compiles ahead"
    )
    parser.add_argument("what", choices=["list", "clear", "warm"])


def _run(arguments: argparse.Namespace) -> None:
    {"list": _list, "clear": _clear, "warm": _warm}[arguments.what]()


def _open_cache() -> Cache:
    from explorer.core.cache import Cache

    return Cache()


def _list() -> None:
    from explorer.core.number_format import megabytes

    cache = _open_cache()
    entries = cache.entries()
    for entry in entries:
        print_result(f"{entry.kind:12} {entry.key}  {megabytes(entry.size_bytes):>13}")
    total = sum(entry.size_bytes for entry in entries)
    print_result(f"{len(entries)} entries, {megabytes(total)} in {cache.folder}")


def _clear() -> None:
    from explorer.core.number_format import megabytes

    cache = _open_cache()
    entries = cache.entries()
    total = sum(entry.size_bytes for entry in entries)
    cache.clear()
    print_message(f"{len(entries)} entries, {megabytes(total)} removed from {cache.folder}")


def _warm() -> None:
    from explorer.core.compiled_code import prepare_numba

    prepare_numba()
    from explorer.compare.precompile import warm_comparing
    from explorer.experiment.precompile import warm_experiments
    from explorer.jobs.engine import warm_engine
    from explorer.map.precompile import warm_kernels
    from explorer.performance.precompile import warm_models
    from explorer.profile.precompile import warm_counting

    start = time.perf_counter()
    warm_kernels()
    warm_counting()
    warm_comparing()
    warm_experiments()
    warm_models()
    warm_engine()
    print_message(f"compiled, or found compiled, in {time.perf_counter() - start:.0f} s")
