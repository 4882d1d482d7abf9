"""The sample tables that come with the package, or are made by their recipe."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cache import data_folder
from explorer.errors import ExplorerError, unknown_name

if TYPE_CHECKING:
    from explorer.workbench.table import Table

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

    @property
    def path(self) -> Path:
        """Where the table is, or would be once its recipe has run."""
        if self.shipped:
            return Path(str(resources.files(_PACKAGE).joinpath(self.file)))
        return data_folder() / "samples" / self.file

    @property
    def how(self) -> str:
        """How to come by the table, empty when it is here."""
        if self.path.exists():
            return ""
        module = f"{_PACKAGE}.{Path(self.recipe).stem}"
        return f'python -m {module} "{self.path.parent}"'


def samples() -> list[Sample]:
    """Return the samples in the order in which they are listed."""
    import yaml

    text = resources.files(_PACKAGE).joinpath("samples.yaml").read_text(encoding="utf-8")
    names = Sample.__dataclass_fields__
    return [Sample(**{key: entry[key] for key in names}) for entry in yaml.safe_load(text)["samples"]]


def open_sample(name: str) -> Table:
    """Open a sample by name.

    Raises
    ------
    UnknownName
        If there is no such sample.
    ExplorerError
        If its recipe has not been run; the message holds the command.
    """
    from explorer.workbench.table import open_table

    known = {sample.name: sample for sample in samples()}
    if name not in known:
        raise unknown_name("sample", name, known)
    sample = known[name]
    if sample.how:
        raise ExplorerError(
            f"the sample {name!r} is not shipped: make it with  {sample.how}  and start again"
        )
    return open_table(sample.path, catalogue=str(resources.files(_PACKAGE).joinpath(sample.catalogue)))
