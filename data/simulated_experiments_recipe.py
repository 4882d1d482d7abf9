"""Make a grid of 40 simulated experiments with about 2,000 members each, and their truth.

    python -m explorer.samples.simulated_experiments_recipe FOLDER

Writes simulated_experiments.parquet, its catalogue simulated_experiments.yaml, and
simulated_experiments_truth.json into FOLDER. Thirty experiments do nothing, eight have an effect,
and two have lost members of arm B. All of it is simulated; one row is one member of one experiment.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.core.atomic_write import atomic_path
from explorer.samples.simulated_draws import Draws, capped_lognormal_mean
from explorer.samples.simulated_members import ARMS, DEVICES

__all__ = [
    "EFFECTS",
    "EXPERIMENTS",
    "LOST",
    "SEED",
    "TITLE",
    "Effect",
    "experiment_table",
    "write_experiments",
]

TITLE = "Simulated experiments: a grid of 40"
SEED = 20_250_303
EXPERIMENTS = tuple(f"E{number:02}" for number in range(1, 41))
LOST = {"E10": 0.25, "E33": 0.25}  # share of arm B's members that were lost
METRICS = ("retained", "titles", "minutes", "errors")
START = np.datetime64("2024-01-01", "D")
_MINUTES_SPREAD, _MINUTES_CAP = 0.9, 10_000.0


@dataclass(frozen=True)
class Effect:
    """What arm B of one experiment does.

    Parameters
    ----------
    retained : float
        What it adds to the probability of being retained.
    minutes, titles, errors : float
        What it multiplies the minutes, the mean number of titles and the mean number of errors by.
    """

    retained: float = 0.0
    minutes: float = 1.0
    titles: float = 1.0
    errors: float = 1.0


EFFECTS = {
    "E03": Effect(retained=0.12),
    "E07": Effect(retained=-0.09),
    "E12": Effect(minutes=1.40),
    "E16": Effect(minutes=0.75),
    "E21": Effect(titles=1.20),
    "E25": Effect(retained=0.10, minutes=1.30),
    "E30": Effect(errors=1.60),
    "E36": Effect(titles=0.82, minutes=0.85),
}


def experiment_table(name: str, seed: int = SEED) -> tuple[pa.Table, dict[str, Any]]:
    """Draw one experiment.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    seed : int
        ≥ 0.

    Returns
    -------
    table : pyarrow.Table
        One row a member.
    truth : dict
        What is expected in either arm, by metric.
    """
    number = EXPERIMENTS.index(name)
    draws = Draws(seed, number)
    drawn = 1_800 + int(draws.uniform(1)[0] * 401)
    arm = (draws.uniform(drawn) >= 0.5).astype(np.int64)
    kept = ~((arm == 1) & (draws.uniform(drawn) < LOST.get(name, 0.0)))
    activity = draws.normal(drawn)
    control, treatment = (
        _expected(activity, Effect()),
        _expected(activity, EFFECTS.get(name, Effect())),
    )
    columns = {
        "experiment": _levels(np.full(drawn, number), EXPERIMENTS),
        "started": pa.array(np.full(drawn, START + 14 * number)).cast(pa.date32()),
        "member": pa.array(number * 10_000 + np.arange(drawn)).cast(pa.int32()),
        "arm": _levels(arm, ARMS),
        "device": _levels(draws.choice((42, 32, 17, 9), drawn), DEVICES),
        "account_days": pa.array(
            np.clip(np.exp(6.1 + 1.4 * draws.normal(drawn)), 1, 4_000).astype(np.int16)
        ),
        "pre_minutes": _minutes(np.exp(5.2 + 0.8 * activity + 0.5 * draws.normal(drawn))),
        **_outcomes(
            draws, {metric: np.where(arm, treatment[metric], control[metric]) for metric in control}
        ),
    }
    truth = {metric: _truth(control[metric][kept], treatment[metric][kept]) for metric in METRICS}
    return pa.table(columns).filter(pa.array(kept)), truth


def _expected(activity: np.ndarray[Any, Any], effect: Effect) -> dict[str, np.ndarray[Any, Any]]:
    """Return expected values of each member by metric, and the mean log minutes as ``location``."""
    location = 5.0 + 0.6 * activity + np.log(effect.minutes)
    return {
        "location": location,
        "retained": np.clip(0.62 + 0.06 * activity, 0.3, 0.85) + effect.retained,
        "titles": 3.0 * np.exp(0.3 * activity) * effect.titles,
        "minutes": capped_lognormal_mean(location, _MINUTES_SPREAD, _MINUTES_CAP),
        "errors": np.full(len(activity), 0.4 * effect.errors),
    }


def _outcomes(draws: Draws, expected: dict[str, np.ndarray[Any, Any]]) -> dict[str, pa.Array]:
    """Draw what happened to each member, given what is expected in its arm."""
    retained = draws.uniform(len(expected["retained"])) < expected["retained"]
    minutes = np.exp(expected["location"] + _MINUTES_SPREAD * draws.normal(len(retained)))
    return {
        "retained": pa.array(retained.astype(np.int8)),
        "titles": _counts(draws, expected["titles"]),
        "minutes": _minutes(np.minimum(minutes, _MINUTES_CAP)),
        "errors": _counts(draws, expected["errors"]),
    }


def _truth(control: np.ndarray[Any, Any], treatment: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return what is expected of these members in either arm."""
    return {
        "control": float(f"{control.mean():.9g}"),
        "treatment": float(f"{treatment.mean():.9g}"),
        "effect": bool((control != treatment).any()),
    }


def _levels(codes: np.ndarray[Any, Any], names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(names))


def _counts(draws: Draws, mean: np.ndarray[Any, Any]) -> pa.Array:
    """Draw Poisson numbers: how many exponential waiting times fit into the mean."""
    counts, left = np.zeros(len(mean), dtype=np.int64), mean.copy()
    while (left > 0).any():
        left -= draws.exponential(len(mean))
        counts += left > 0
    return pa.array(counts).cast(pa.int16())


def _minutes(values: np.ndarray[Any, Any]) -> pa.Array:
    return pa.array(values.round(1).astype(np.float32))


def write_experiments(folder: Path, seed: int = SEED) -> Path:
    """Write the grid, its catalogue and its truth into a folder, each file whole or not at all."""
    tables, truths = zip(*(experiment_table(name, seed) for name in EXPERIMENTS), strict=True)
    metadata = {"title": TITLE, "simulated": "true", "seed": str(seed)}
    out = folder / "simulated_experiments.parquet"
    with atomic_path(folder / "simulated_experiments.yaml") as draft:
        shutil.copyfile(Path(__file__).with_name("simulated_experiments.yaml"), draft)
    with atomic_path(out) as draft:
        table = pa.concat_tables(tables).replace_schema_metadata(metadata)
        pq.write_table(table, draft, compression="zstd", compression_level=9)
    document = {
        "simulated": True,
        "title": f"{TITLE}: what is true of them",
        "seed": seed,
        "control": ARMS[0],
        "allocation": {"A": 0.5, "B": 0.5},
        "experiments": {
            name: {"share_of_b_lost": LOST.get(name, 0.0), "metrics": truth}
            for name, truth in zip(EXPERIMENTS, truths, strict=True)
        },
    }
    with atomic_path(folder / "simulated_experiments_truth.json") as draft:
        draft.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return out


def main() -> None:
    """Write the grid and say so."""
    parser = argparse.ArgumentParser(description=f"{TITLE}: table, catalogue and truth.")
    parser.add_argument("folder", type=Path, help="where the three files go; made when missing")
    parser.add_argument("--seed", type=int, default=SEED, help=f"≥ 0 (default: {SEED})")
    given = parser.parse_args()
    if given.seed < 0:
        parser.error(f"expected --seed of 0 or more, got {given.seed}")
    try:
        given.folder.mkdir(parents=True, exist_ok=True)
        out = write_experiments(given.folder, given.seed)
    except OSError as error:
        parser.exit(1, f"{error}\n")
    print(
        f"{out}: {len(EXPERIMENTS)} simulated experiments; "
        "what is true of them is in the file beside it"
    )


if __name__ == "__main__":
    main()
