"""Commands that compute one result of one table, and write it as lines, a table or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from explorer.command_line.arguments import add_command, open_files
from explorer.command_line.options import CATALOGUE, FILES, ROLE, Options, add_options, destinations
from explorer.command_line.printing import print_notes
from explorer.command_line.progress_bar import ProgressBar
from explorer.command_line.results import Result, check_outputs, output_options, write_result

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from explorer.table.table import Table

__all__ = ["AnalysisCommand"]

ResultT = TypeVar("ResultT", bound=Result)


@dataclass(frozen=True, kw_only=True)
class AnalysisCommand(Generic[ResultT]):
    """A command that computes one result of one table.

    Parameters
    ----------
    name : str
    text : str
        What it does, for both helps.
    options : Options
        What ``compute`` takes as keywords.
    run_options : Options
        What ``run`` reads by itself.
    row : str
        What a row of the result's table is.
    compute : callable
        Takes the table, the options and ``progress`` as keywords; returns the result.
    lines : callable
        Takes the result and the columns of the terminal; returns lines.
    prepare : callable, optional
        Changes the options before the table is opened, and refuses what cannot be.
    run : callable, optional
        What is run in place of ``execute``.
    """

    name: str
    text: str
    options: Options
    run_options: Options = field(default_factory=dict)
    row: str
    compute: Callable[..., ResultT]
    lines: Callable[[ResultT, int], Iterable[str]]
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = dict
    run: Callable[[argparse.Namespace], None] | None = None

    def add(self, commands: Any) -> None:
        """Add the command."""
        parser = add_command(commands, self.name, self.run or self.execute, self.text)
        add_options(
            parser,
            {
                "files": FILES,
                **self.options,
                **self.run_options,
                "--catalogue": CATALOGUE,
                "--role": ROLE,
                **output_options(self.row),
            },
        )

    def execute(self, arguments: argparse.Namespace) -> None:
        """Compute the result and write it as asked."""
        check_outputs(arguments)
        options = self.prepared(arguments)
        result = self.computed(
            open_files(arguments.files, arguments.catalogue, arguments.role), options
        )
        print_notes(result.notes, getattr(result, "repeated", None))
        write_result(arguments, result, self.lines)

    def prepared(self, arguments: argparse.Namespace) -> dict[str, Any]:
        """Return what ``compute`` takes."""
        return self.prepare({name: getattr(arguments, name) for name in destinations(self.options)})

    def computed(self, table: Table, options: dict[str, Any]) -> ResultT:
        """Return the result of a table, with a progress bar meanwhile."""
        with ProgressBar() as bar:
            return self.compute(table, progress=bar, **options)
