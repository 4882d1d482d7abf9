"""Fetch 3,000,000 flights of the first half of 2001, from the npm package vega-datasets 3.2.1.

    python flights_recipe.py FOLDER                  # downloads 18 MB
    python flights_recipe.py FOLDER --source FILE    # vega-datasets-3.2.1.tgz or the
                                                     # flights-3m.parquet inside it

Writes flights.parquet (13 MB) and its catalogue, flights.yaml, into FOLDER. The table is too large
to be shipped with the program. The package comes from the registry that npm on this machine would
use (the variable npm_config_registry, else ~/.npmrc, else registry.npmjs.org); npm itself is not
needed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import urllib.request
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["SOURCE_SHA256", "download", "flights_table", "registry"]

PACKAGE = "vega-datasets"
VERSION = "3.2.1"
TABLE_IN_PACKAGE = "package/data/flights-3m.parquet"
SOURCE_SHA256 = "dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0"
TIMEOUT_SECONDS = 60

# The source holds 64-bit integers and plain strings; every value fits these.
SCHEMA = pa.schema(
    [
        ("date", pa.timestamp("us")),
        ("delay", pa.int16()),
        ("distance", pa.int16()),
        ("origin", pa.dictionary(pa.int16(), pa.string())),
        ("destination", pa.dictionary(pa.int16(), pa.string())),
    ]
)
ROWS_PER_GROUP = 262_144


def registry(home: Path | None = None) -> str:
    """Find the npm registry of this machine, without a final slash.

    Parameters
    ----------
    home : Path, optional
        The folder of ``.npmrc``; the user's home by default.
    """
    address = os.environ.get("npm_config_registry", "")  # noqa: SIM112 - npm's own name
    settings = (home or Path.home()) / ".npmrc"
    if not address and settings.is_file():
        for line in settings.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "registry":
                address = value.strip()
    return (address or "https://registry.npmjs.org").rstrip("/")


def download(folder: Path) -> Path:
    """Fetch the package's archive into `folder`."""
    address = f"{registry()}/{PACKAGE}/{VERSION}"
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:
            address = json.load(answer)["dist"]["tarball"]
        with (
            urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer,
            archive.open("wb") as out,
        ):
            shutil.copyfileobj(answer, out)
    except OSError as error:
        raise OSError(
            f"{address} cannot be read: {error}; "
            "if the file is already here, name it: --source FILE"
        ) from error
    return archive


def unpack(archive: Path, folder: Path) -> Path:
    """Take the table, and nothing else, out of the package's archive."""
    out = folder / "flights-3m.parquet"
    with tarfile.open(archive) as package:
        member = package.extractfile(TABLE_IN_PACKAGE)
        if member is None:
            raise ValueError(
                f"{archive.name}: {TABLE_IN_PACKAGE} is not a file; expected {PACKAGE} {VERSION}"
            )
        with member, out.open("wb") as file:
            shutil.copyfileobj(member, file)
    return out


def flights_table(path: Path) -> pa.Table:
    """Read the source's table in smaller types.

    Parameters
    ----------
    path : Path
        flights-3m.parquet of vega-datasets 3.2.1; any other content is refused.

    Returns
    -------
    pyarrow.Table
        3,000,000 rows by time; columns as in `SCHEMA`.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise ValueError(
            f"{path.name} is not the table of {PACKAGE} {VERSION}: "
            f"expected sha256 {SOURCE_SHA256}, found {found}; "
            f"run: npm pack {PACKAGE}@{VERSION}"
        )
    source = pq.read_table(path)
    columns = [source[field.name] for field in SCHEMA]
    columns[3:] = [
        column.cast(pa.string()).dictionary_encode().unify_dictionaries() for column in columns[3:]
    ]
    return pa.table(
        [column.cast(field.type) for column, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def main() -> None:
    """Fetch the source, write the table and its catalogue."""
    parser = argparse.ArgumentParser(
        description=f"Make flights.parquet from {PACKAGE} {VERSION} (npm)."
    )
    parser.add_argument(
        "folder", type=Path, help="where flights.parquet and flights.yaml go; made when missing"
    )
    parser.add_argument(
        "--source", type=Path, help="the package's .tgz, or flights-3m.parquet, when already here"
    )
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            source = arguments.source or download(Path(scratch))
            if source.suffix != ".parquet":
                source = unpack(source, Path(scratch))
            table = flights_table(source)
    except (OSError, ValueError, KeyError, tarfile.TarError) as error:
        parser.exit(1, f"{error}\n")
    out = arguments.folder / "flights.parquet"
    pq.write_table(
        table, out, compression="zstd", compression_level=9, row_group_size=ROWS_PER_GROUP
    )
    shutil.copyfile(Path(__file__).with_name("flights.yaml"), arguments.folder / "flights.yaml")
    print(f"{out}: {table.num_rows:,} rows, {table.num_columns} columns")


if __name__ == "__main__":
    main()
