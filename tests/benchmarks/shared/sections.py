"""Benchmarks in sections: `--only NAME,NAME` runs some of them."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def section_parser(description: str | None, sections: Mapping[str, Any]) -> argparse.ArgumentParser:
    """Return a parser with `--only`, to which a benchmark adds options of its own."""

    def names(text: str) -> list[str]:
        unknown = set(text.split(",")) - set(sections)
        if unknown:
            raise argparse.ArgumentTypeError(
                f"{','.join(sorted(unknown))}: choose from {','.join(sections)}"
            )
        return text.split(",")

    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=form)
    parser.add_argument("--only", type=names, default=[*sections], metavar="SECTIONS")
    return parser


def run_sections(
    chosen: argparse.Namespace, sections: Mapping[str, Callable[[argparse.Namespace], None]]
) -> None:
    """Run the chosen sections, and print how long each took."""
    for name in chosen.only:
        start = time.perf_counter()
        sections[name](chosen)
        print(f"  ({name}: {time.perf_counter() - start:.0f} s)\n", flush=True)
