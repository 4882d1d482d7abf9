"""Files of an experiment, or of a grid of many: CSV, JSON, Parquet, a page, and pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from explorer.core.csv_text import csv_bytes
from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.core.output_file import json_text
from explorer.experiment.page.experiment_report import experiment_report, forest_picture

if TYPE_CHECKING:
    import pyarrow as pa

    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid
    from explorer.experiment.page.chosen_cell import ChosenCell

__all__ = ["GRID_FORMS", "TYPES", "experiment_file", "grid_file"]

TYPES = {
    "csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet",
    "html": "text/html",
    "png": "image/png",
}  # fmt: skip
"""What can be saved, with its media type."""

GRID_FORMS = ("csv", "parquet", "json")
"""What a grid can be saved as."""


def experiment_file(
    experiment: Experiment,
    look: ChosenCell,
    form: str,
    title: str,
    theme: str = "light",
    seed: int | None = None,
) -> bytes:
    """Return an experiment as a file.

    Parameters
    ----------
    experiment : Experiment
    look : ChosenCell
        Whose forest plot the page and the picture show.
    form : {"csv", "json", "parquet", "html", "png"}
    title : str
        Of the table.
    theme : {"light", "dark"}
        Of the picture.
    seed : int, optional
        With which the arms were shuffled.

    Raises
    ------
    ExperimentError
        If it is another form.
    """
    if form == "json":
        return json_text(experiment.document()).encode()
    if form == "html":
        return experiment_report(experiment, look, title, seed).encode()
    if form == "png":
        noise = (
            ""
            if seed is None
            else (" · " + _("A/A, arms shuffled (seed {seed})").format(seed=seed))
        )
        heading = _("{metric}: {arm} against {control}{noise}").format(
            metric=look.metric, arm=look.arm, control=experiment.control, noise=noise
        )
        return forest_picture(experiment, look, "png", theme, heading)
    if form not in TYPES:
        raise ExperimentError(f"an experiment is saved as {', '.join(TYPES)}, came {form!r}")
    return _table_bytes(experiment.to_arrow(), form)


def grid_file(grid: ExperimentGrid, form: str) -> bytes:
    """Return a grid as a file: a row per cell, or everything as JSON.

    Parameters
    ----------
    grid : ExperimentGrid
    form : {"csv", "parquet", "json"}

    Raises
    ------
    ExperimentError
        If it is another form.
    """
    if form not in GRID_FORMS:
        raise ExperimentError(f"a grid is saved as {', '.join(GRID_FORMS)}, came {form!r}")
    if form == "json":
        return json_text(grid.document()).encode()
    return _table_bytes(grid.to_arrow(), form)


def _table_bytes(table: pa.Table, form: str) -> bytes:
    import pyarrow.parquet

    if form == "csv":
        return csv_bytes(table)
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()
