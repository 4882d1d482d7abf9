"""The sample tables that come with the package, or are made by their recipe."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import MISSING, dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.errors import ExplorerError, unknown_name
from explorer.core.folders import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.table.table import Table

__all__ = ["Sample", "open_sample", "samples"]

_PACKAGE = "explorer.samples"


@dataclass(frozen=True)
class Sample:
    """A sample table.

    Parameters
    ----------
    name, title, license, source : str
    rows, columns : int
    file, catalogue, recipe : str
        Names of files in the samples' folder.
    shipped : bool
        Whether the table lies beside its recipe; else the recipe makes it.
    edition : int
        Above 0 for a table that is made here, without a download, when it is first opened; raised
        whenever the recipe makes other rows. 0 for a table that is shipped or downloaded.
    """

    name: str
    title: str
    license: str
    source: str
    rows: int
    columns: int
    file: str
    catalogue: str
    recipe: str
    shipped: bool
    edition: int = 0

    @property
    def path(self) -> Path:
        """Where the table is, or would be once its recipe has run."""
        if self.shipped:
            return Path(str(resources.files(_PACKAGE).joinpath(self.file)))
        folder = data_folder() / "samples"
        return (folder / f"{self.name}-{self.edition}" if self.edition else folder) / self.file

    @property
    def module(self) -> str:
        """The recipe, as ``python -m`` takes it."""
        return f"{_PACKAGE}.{Path(self.recipe).stem}"

    @property
    def how(self) -> str:
        """How to come by the table, empty when it is here."""
        if self.path.exists():
            return ""
        if self.edition:
            return "made when first opened"
        return f'python -m {self.module} "{self.path.parent}"'

    def make(self) -> None:
        """Run the recipe of a table that needs no download.

        The table's folder appears whole or not at all.

        Raises
        ------
        ExplorerError
            If the recipe ends in an error, with its last line.
        OSError
            If the data folder cannot be written.
        """
        folder = self.path.parent
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{self.name}.") as scratch:
            draft = Path(scratch) / self.name
            # in a process of its own: a recipe is a script, and is read as one
            done = subprocess.run(
                [sys.executable, "-m", self.module, draft],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
                raise ExplorerError(f"the sample {self.name!r} could not be made: {last}")
            try:
                draft.rename(folder)
            except OSError:
                if not self.path.exists():  # else someone else was faster, and made the same
                    raise


def samples() -> list[Sample]:
    """Return the samples in the order in which they are listed."""
    import yaml

    text = resources.files(_PACKAGE).joinpath("samples.yaml").read_text(encoding="utf-8")
    fields = Sample.__dataclass_fields__.values()
    needed = [field.name for field in fields if field.default is MISSING]
    return [
        Sample(**{key: entry[key] for key in needed}, edition=entry.get("edition", 0))
        for entry in yaml.safe_load(text)["samples"]
    ]


def open_sample(name: str, announce: Callable[[str], None] | None = None) -> Table:
    """Open a sample by name; one that needs no download is made first where it is not there yet.

    Parameters
    ----------
    name : str
    announce : callable, optional
        Given a line before a table is made.

    Raises
    ------
    UnknownName
        If there is no such sample.
    ExplorerError
        If it takes a download and its recipe has not been run: the message holds the command. Also
        if it cannot be made.
    """
    from explorer.table.table import open_table

    by_name = {sample.name: sample for sample in samples()}
    if name not in by_name:
        raise unknown_name("sample", name, by_name)
    sample = by_name[name]
    if sample.how and sample.edition:
        if announce is not None:
            announce(
                f"making the sample {name!r} of {sample.rows:,} rows in {sample.path.parent}, once"
            )
        sample.make()
    elif sample.how:
        raise ExplorerError(
            f"the sample {name!r} is not shipped: make it with  {sample.how}  and start again"
        )
    return open_table(
        sample.path, catalogue=str(resources.files(_PACKAGE).joinpath(sample.catalogue))
    )
