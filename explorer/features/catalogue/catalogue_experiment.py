"""What a catalogue says of an experiment: column of the arms, metrics, and split.

table:
  tab: Experiment
  experiment:
    variant: policy
    control: random
    metrics: ["click rate=proportion(click):increase:primary", {name: affinity, kind: mean, column:
    affinity_sum}] allocation: {random: 0.5, bts: 0.5} by: [campaign, position] time: timestamp
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from explorer.features.catalogue.catalogue_keys import EXPERIMENT_KEYS, read_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from explorer.features.catalogue.yaml_document import Located

__all__ = ["CatalogueExperiment", "read_experiment"]


@dataclass(frozen=True, kw_only=True)
class CatalogueExperiment:
    """An experiment, as a catalogue names it.

    Parameters
    ----------
    variant, control : str
        Column of the arms, and the arm that the others are compared with.
    metrics : tuple of str or mapping
        As the command line writes them, or the parameters of `explorer.Metric` by name. They are
        read where they are used.
    allocation : mapping of str to float, optional
        Declared share of each arm; None: not declared.
    by : tuple of str
        Columns of segments.
    unit, time : str
    status : {"", "final", "running"}
    experiments : str
        Column that names many experiments, each with these arms and metrics: the page opens with a
        grid of them.
    places : tuple of str
        File and line of each metric, for errors.
    """

    variant: str = ""
    control: str = ""
    metrics: tuple[str | Mapping[str, Any], ...] = ()
    allocation: Mapping[str, float] | None = None
    by: tuple[str, ...] = ()
    unit: str = ""
    time: str = ""
    status: str = ""
    experiments: str = ""
    places: tuple[str, ...] = field(default=(), compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names, without those of metrics."""
        return tuple(
            name
            for name in (self.variant, *self.by, self.unit, self.time, self.experiments)
            if name
        )

    def given(self) -> dict[str, Any]:
        """Return what is said, in the order of the keys, as YAML holds it."""
        named = {
            entry.name: getattr(self, entry.name)
            for entry in fields(self)
            if entry.name != "places"
        }
        return {name: value for name, value in named.items() if value}


def read_experiment(path: Path | str, node: Located | None) -> CatalogueExperiment | None:
    """Read the experiment of a catalogue; None where it names none.

    Parameters
    ----------
    path : Path or str
        What errors call the file.
    node : Located, optional

    Raises
    ------
    CatalogueError
        An unknown key or a value of the wrong type; with the line.
    """
    read = read_mapping(path, "experiment", node, EXPERIMENT_KEYS)
    if not read or node is None:
        return None
    metrics = node.value["metrics"].value if read.get("metrics") else []
    return CatalogueExperiment(
        **read, places=tuple(f"{path}, line {metric.line}" for metric in metrics)
    )
