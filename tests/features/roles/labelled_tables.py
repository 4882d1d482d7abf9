"""Tables whose roles were labelled by hand, and how many of them the guess has right."""

import importlib
import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import yaml

import explorer

LABELS = yaml.safe_load((Path(__file__).parent / "labelled_roles.yaml").read_text("utf-8"))
ROOT = Path(__file__).resolve().parents[3]
JUDGED = ("target", "identifier", "time", "prediction")
# Roles that may stand in a map that nobody asked for.
MAPPED = {"feature", "image", "vector", "numeric_text", "coded_category"}


class Label(NamedTuple):
    """Roles that are right, the label first."""

    allowed: tuple[str, ...]

    @property
    def role(self):
        return self.allowed[0]


def names_of(subset):
    return [name for name, entry in LABELS.items() if entry["set"] == subset]


def labels_of(name, table):
    entry = LABELS[name]
    stray = set(entry.get("roles", {})) - set(table.column_names)
    assert not stray, f"labels of no column: {stray}"
    others = entry.get("others", "feature")
    return {
        column: Label(tuple(entry.get("roles", {}).get(column, others).split("|")))
        for column in table.column_names
    }


def open_labelled(name, folder):
    """Open a labelled table without a catalogue, as a stranger's."""
    package, table = name.split(" ")
    return explorer.open_table(_OPENERS[package](table, folder))


def _sklearn(table, _):
    from sklearn import datasets

    return pa.Table.from_pandas(getattr(datasets, f"load_{table}")(as_frame=True).frame)


def _statsmodels(table, _):
    frame = importlib.import_module(f"statsmodels.datasets.{table}").load_pandas().data
    return pa.Table.from_pandas(frame, preserve_index=False)


def _vega(table, folder):
    source = _data_of("vega_datasets") / table
    if table.endswith(".csv"):
        path = folder / f"vega-{table}"
        path.write_bytes(source.read_bytes())
        return path
    return pa.Table.from_pylist(json.loads(source.read_text("utf-8")))


def _data_of(package):
    spec = importlib.util.find_spec(package)
    return Path(spec.submodule_search_locations[0]) / "_data"


def _simulated(table, _):
    from tests.features.roles.simulated_tables import TABLES

    return TABLES[table]()


def _demo(table, folder):
    from explorer.samples import simulated_experiments_recipe, simulated_log_recipe

    if table in ("films", "bandit"):
        return ROOT / "data" / {"films": "films.parquet", "bandit": "open_bandit.parquet"}[table]
    if table == "experiment":
        return simulated_log_recipe.write_log(folder, rows=20_000)
    return simulated_experiments_recipe.write_experiments(folder)


_OPENERS = {
    "sklearn": _sklearn,
    "statsmodels": _statsmodels,
    "vega": _vega,
    "simulated": _simulated,
    "demo": _demo,
}


class Score:
    """Right and wrong guesses of the judged roles."""

    def __init__(self):
        self.right, self.guessed, self.labelled, self.hit = (Counter() for _ in range(4))
        self.wrong = []
        self.mapped = []

    def add(self, name, table):
        labels = labels_of(name, table)
        for column, label in labels.items():
            guess = table.roles[column].role
            if guess in JUDGED:
                self.guessed[guess] += 1
                self.right[guess] += guess in label.allowed
            if label.role in JUDGED:
                self.labelled[label.role] += 1
                self.hit[label.role] += guess in label.allowed
            if guess not in label.allowed:
                self.wrong.append(f"{name}: {column} is {'|'.join(label.allowed)}, guessed {guess}")
        try:
            picked = table.pick.names
        except explorer.ExplorerError:
            picked = ()
        if all(table.roles[column].role == "sky_position" for column in picked):
            picked = ()  # a table of places alone is mapped by its places
        for column in picked:
            # of two codes, as of yes and no, the map is the same
            coded = (
                labels[column].role == "coded_category"
                and "feature" not in labels[column].allowed
                and table.summaries[column].distinct > 2
            )
            if not MAPPED.intersection(labels[column].allowed) or (
                coded and table.features[column].kind == "numeric"
            ):
                self.mapped.append(f"{name}: {column} ({'|'.join(labels[column].allowed)})")

    def recall(self, role):
        return self.hit[role] / self.labelled[role]

    def precision(self, role):
        return self.right[role] / self.guessed[role]

    def lines(self):
        return [
            f"{role}: {self.hit[role]} of {self.labelled[role]} found, "
            f"{self.right[role]} of {self.guessed[role]} guesses right"
            for role in JUDGED
        ]
