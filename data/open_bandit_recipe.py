"""Make open_bandit.parquet from the Open Bandit sample in the PyPI package obp 0.4.1.

    pip download --no-deps obp==0.4.1
    python open_bandit_recipe.py obp-0.4.1-py3-none-any.whl open_bandit.parquet

All 60,000 impressions of the six files are kept: two policies, three campaigns, 10,000 rows each.
The affinities of a user with every item of the campaign (80, 34 or 46 columns, nearly all zero) are
folded into three columns, and hashes are cut to eight characters, which keeps them apart. The
catalogue beside the table says what each column means.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["SOURCE_SHA256", "bandit_table", "campaign_frame", "source_files"]

PACKAGE = "obp"
VERSION = "0.4.1"
FOLDER_IN_WHEEL = "obp/dataset/obd"
# The files, by policy and campaign: later versions of the package hold the same names, this one was
# looked at.
SOURCE_SHA256 = {
    ("bts", "all"): "0ad874e4dbf6902f0845dd478ad8dde5ef6903583d3ffaace78411bdad064106",
    ("bts", "men"): "db6d1f7ed2d591ba521533e45286d4c1fba7fe57a8ad2e80342210335f43c527",
    ("bts", "women"): "e5d1b49a39b608585a2f3014a3f54970430cd37a495c1b73fceb85cdf428a5b8",
    ("random", "all"): "7168295b6e0a9eabcf3392320a5dd434e542b68e705d5cd9491499af589812f1",
    ("random", "men"): "ede6d08c6877f99cd3770f7d09e26c738e6aa6de4445ccccfb1356ba5d06b1eb",
    ("random", "women"): "e65f3bd3beb17664fa69cc129bf7bf852a775f8ffa630506e505fc905315bb34",
}
HASH_LENGTH = 8
LEVELS = pa.dictionary(pa.int8(), pa.string())

SCHEMA = pa.schema(
    [
        ("policy", LEVELS), ("campaign", LEVELS), ("timestamp", pa.timestamp("us", tz="UTC")),
        ("item_id", pa.int8()), ("position", pa.int8()), ("click", pa.int8()),
        ("propensity_score", pa.float64()),
        *((f"user_feature_{number}", LEVELS) for number in range(4)),
        ("affinity_sum", pa.float32()), ("affinity_nonzero", pa.int8()),
        ("affinity_shown_item", pa.float32()),
    ]
)  # fmt: skip


def source_files(wheel: Path) -> dict[tuple[str, str], bytes]:
    """Read the six files of impressions; refuse any other content.

    Parameters
    ----------
    wheel : Path
        obp-0.4.1-py3-none-any.whl.

    Returns
    -------
    dict of (policy, campaign) to bytes
        CSV files, in the order of `SOURCE_SHA256`.

    Raises
    ------
    ValueError
        If a file is not the one that was looked at.
    """
    files = {}
    with zipfile.ZipFile(wheel) as archive:
        for (policy, campaign), expected in SOURCE_SHA256.items():
            name = f"{FOLDER_IN_WHEEL}/{policy}/{campaign}/{campaign}.csv"
            files[policy, campaign] = archive.read(name)
            found = hashlib.sha256(files[policy, campaign]).hexdigest()
            if found != expected:
                raise ValueError(
                    f"{name} is not that of {PACKAGE} {VERSION}: "
                    f"expected sha256 {expected}, found {found}; "
                    f"run: pip download --no-deps {PACKAGE}=={VERSION}"
                )
    return files


def campaign_frame(policy: str, campaign: str, source: pd.DataFrame) -> pd.DataFrame:
    """Fold one file of impressions into the columns of the table.

    Parameters
    ----------
    policy, campaign : str
    source : pandas.DataFrame
        Columns as in the source; ``user-item_affinity_K`` is the affinity of the row's user with
        item K.

    Returns
    -------
    pandas.DataFrame
        The same rows in the same order, columns as in `SCHEMA`.
    """
    items = sum(name.startswith("user-item_affinity_") for name in source.columns)
    affinity = source[[f"user-item_affinity_{item}" for item in range(items)]].to_numpy("float64")
    frame = source[["timestamp", "item_id", "position", "click", "propensity_score"]].copy()
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True, format="ISO8601").astype(
        "datetime64[us, UTC]"
    )
    for number in range(4):
        frame[f"user_feature_{number}"] = source[f"user_feature_{number}"].str[:HASH_LENGTH]
    frame["affinity_sum"] = affinity.sum(axis=1)
    frame["affinity_nonzero"] = np.count_nonzero(affinity, axis=1)
    frame["affinity_shown_item"] = affinity[np.arange(len(source)), source["item_id"]]
    return frame.assign(policy=policy, campaign=campaign)


def bandit_table(frames: list[pd.DataFrame]) -> pa.Table:
    """Put the folded files together.

    Parameters
    ----------
    frames : list of pandas.DataFrame
        As `campaign_frame` returns them.

    Returns
    -------
    pyarrow.Table
        Rows by time; rows of one moment as they stand in the files. Columns as in `SCHEMA`.
    """
    rows = pd.concat(frames, ignore_index=True).sort_values("timestamp", kind="stable")
    columns = []
    for field in SCHEMA:
        column = pa.array(rows[field.name])
        if pa.types.is_dictionary(field.type):
            column = column.cast(pa.string()).dictionary_encode()
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=SCHEMA)


def write(table: pa.Table, out: Path) -> None:
    """Write the table; times as differences, which takes half the space."""
    pq.write_table(
        table,
        out,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in table.column_names if name != "timestamp"],
        column_encoding={"timestamp": "DELTA_BINARY_PACKED"},
    )


def main() -> None:
    """Read the source, write the table."""
    parser = argparse.ArgumentParser(
        description=f"Make open_bandit.parquet from {PACKAGE} {VERSION} (PyPI)."
    )
    parser.add_argument("source", type=Path, help=f"the wheel of {PACKAGE} {VERSION}")
    parser.add_argument("out", type=Path, help="the Parquet file to write")
    arguments = parser.parse_args()
    try:
        frames = [
            campaign_frame(policy, campaign, pd.read_csv(pa.BufferReader(content), index_col=0))
            for (policy, campaign), content in source_files(arguments.source).items()
        ]
        table = bandit_table(frames)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        parser.exit(1, f"{error}\n")
    write(table, arguments.out)
    print(f"{arguments.out}: {table.num_rows:,} rows, {table.num_columns} columns")


if __name__ == "__main__":
    main()
