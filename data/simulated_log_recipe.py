"""Make the simulated streaming log: impressions of real films on pages, with a known truth.

    python -m explorer.samples.simulated_log_recipe FOLDER                 # 200,000 rows
    python -m explorer.samples.simulated_log_recipe FOLDER --rows 10000000
    python -m explorer.samples.simulated_log_recipe FOLDER --aa --srm --no-drift --no-layout-effect

Writes simulated_log.parquet, its catalogue simulated_log.yaml, and simulated_log_truth.json into
FOLDER. The films and their features are real (films.parquet beside this file); members, pages,
plays, advertisements and scores are simulated. Rows are made in blocks of members, each from seeds
of its own, so that memory stays the same however many there are, and a longer log begins with the
rows of a shorter one.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.core.atomic_write import atomic_path
from explorer.samples.simulated_ads import Ads, make_ads
from explorer.samples.simulated_design import SRM_DEVICE, SRM_SHARE, START, Switches
from explorer.samples.simulated_draws import Draws
from explorer.samples.simulated_films import Films, read_films
from explorer.samples.simulated_impressions import FILMS_A_PAGE, Impressions, draw_impressions
from explorer.samples.simulated_members import (
    ARMS,
    COUNTRIES,
    DEVICES,
    PLANS,
    Members,
    draw_members,
)
from explorer.samples.simulated_truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ROWS", "SEED", "TITLE", "blocks", "write_log"]

TITLE = "Simulated streaming log over real films"
ROWS, MOST_ROWS = 200_000, 10_000_000
SEED = 20_250_303
MEMBERS_A_BLOCK = 16_384
_PAGES_A_BLOCK = 65_536  # more than any block draws: pages of two blocks never share a number
_MEMBERS, _IMPRESSIONS, _ADS, _LOST, _PRICES = range(5)  # streams of draws


def blocks(
    rows: int, seed: int, switches: Switches, films: Films, ads: Ads
) -> Iterator[tuple[Members, Impressions, int, int]]:
    """Draw blocks until there are enough rows.

    Yields
    ------
    members : Members
    impressions : Impressions
    rows : int
        How many of the block are wanted: all of it but for the last one.
    number : int
        Of the block, from 0.
    """
    wanted, number = rows, 0
    while wanted > 0:
        members = draw_members(
            Draws(seed, _MEMBERS, number), number * MEMBERS_A_BLOCK, MEMBERS_A_BLOCK
        )
        if switches.srm:
            members = members.at(_kept(Draws(seed, _LOST, number), members))
        impressions = draw_impressions(
            Draws(seed, _IMPRESSIONS, number), members, films, ads, switches
        )
        taken = min(wanted, len(impressions))
        yield members, impressions, taken, number
        wanted, number = wanted - taken, number + 1


def _kept(draws: Draws, members: Members) -> npt.NDArray[np.bool_]:
    """Tell which members are still there after some of B on one device were lost."""
    at_risk = (members.arm == ARMS.index("B")) & (members.device == DEVICES.index(SRM_DEVICE))
    return ~(at_risk & (draws.uniform(len(members)) < SRM_SHARE))


def block_table(
    members: Members, impressions: Impressions, number: int, films: Films, ads: Ads, draws: Draws
) -> pa.Table:
    """Return a block as it is written: a row per impression, columns as in simulated_log.yaml."""
    of = members.at(impressions.member)
    first = np.searchsorted(impressions.member, impressions.member)
    seconds = impressions.day * 86_400 + impressions.second
    price = ads.price[impressions.ad] * np.exp(0.3 * draws.normal(len(impressions)))
    columns = {
        "member": _integers(of.number, pa.int32()),
        "impression": _integers(np.arange(len(impressions)) - first + 1, pa.int16()),
        "arm": _levels(of.arm, ARMS),
        "country": _levels(of.country, COUNTRIES),
        "device": _levels(of.device, DEVICES),
        "plan": _levels(of.plan, PLANS),
        "account_days": _integers(of.account_days, pa.int16()),
        "tenure_months": _integers(of.tenure_months, pa.int16()),
        "pre_hours": _numbers(of.pre_hours),
        "pre_titles": _numbers(of.pre_titles),
        "pre_year": _numbers(of.pre_year),
        "pre_tomatometer": _numbers(of.pre_tomatometer),
        "list_id": _integers(number * _PAGES_A_BLOCK + impressions.page, pa.int32()),
        "shown_at": pa.array(
            (START + seconds.astype("timedelta64[s]")).astype("datetime64[ms]")
        ).cast(pa.timestamp("ms", tz="UTC")),
        "bandwidth_mbps": _numbers(impressions.bandwidth),
        "page_row": _integers(impressions.page_row, pa.int8()),
        "page_column": _integers(impressions.page_column, pa.int8()),
        "position": _integers(
            (impressions.page_row - 1) * FILMS_A_PAGE + impressions.page_column, pa.int16()
        ),
        **films.columns(impressions.film),
        "ad": _levels(impressions.ad, ads.names),
        "ad_price": _numbers(price.round(2)),
        "ad_propensity": _numbers(ads.propensity[of.device, impressions.ad].round(6)),
        "ad_clicked": _integers(impressions.clicked, pa.int8()),
        "score_old": _numbers(impressions.score_old),
        "score_new": _numbers(impressions.score_new),
        "played": _integers(impressions.played, pa.int8()),
        "minutes": _numbers(impressions.minutes),
        "errors": _integers(impressions.errors, pa.int8()),
    }
    return pa.table(columns)


def _integers(values: npt.NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    return pa.array(values).cast(kind)


def _numbers(values: npt.NDArray[np.float64]) -> pa.Array:
    """Single precision, null where not a number."""
    return pa.array(values.astype(np.float32), from_pandas=True)


def _levels(codes: npt.NDArray[np.int64], names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(names))


def write_log(
    folder: Path, rows: int = ROWS, seed: int = SEED, switches: Switches | None = None
) -> Path:
    """Write the log, its catalogue and its truth; each file appears whole or not at all.

    Parameters
    ----------
    folder : Path
        There already.
    rows : int
        ≥ 1.
    seed : int
        ≥ 0.
    switches : Switches, optional
        What is in it; an effect, drift and a layout by default.

    Returns
    -------
    Path
        The table.
    """
    switches = switches or Switches()
    films, ads = read_films(), make_ads(Draws(seed, _ADS))
    truth, out = Truth(seed, switches, ads), folder / "simulated_log.parquet"
    with atomic_path(folder / "simulated_log.yaml") as draft:
        shutil.copyfile(Path(__file__).with_name("simulated_log.yaml"), draft)
    metadata = {
        "title": TITLE,
        "simulated": "true",
        "seed": str(seed),
        "switches": json.dumps(switches.document()),
    }
    with atomic_path(out) as draft:
        writer = None
        for members, impressions, taken, number in blocks(rows, seed, switches, films, ads):
            truth.add(impressions, members.device[impressions.member], taken)
            prices = Draws(seed, _PRICES, number)
            table = block_table(members, impressions, number, films, ads, prices).slice(0, taken)
            if writer is None:
                schema = table.schema.with_metadata(metadata)
                writer = pq.ParquetWriter(draft, schema, compression="zstd", compression_level=9)
            writer.write_table(table.replace_schema_metadata(metadata), row_group_size=taken)
        assert writer is not None
        writer.close()
    with atomic_path(folder / "simulated_log_truth.json") as draft:
        draft.write_text(json.dumps(truth.document(), indent=1) + "\n", encoding="utf-8")
    return out


def main() -> None:
    """Write the log and say so."""
    parser = argparse.ArgumentParser(description=f"{TITLE}: table, catalogue and truth.")
    parser.add_argument("folder", type=Path, help="where the three files go; made when missing")
    parser.add_argument(
        "--rows", type=int, default=ROWS, help=f"1 to {MOST_ROWS:,} (default: {ROWS:,})"
    )
    parser.add_argument("--seed", type=int, default=SEED, help=f"≥ 0 (default: {SEED})")
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--effect",
        dest="effect",
        action="store_true",
        default=True,
        help="B differs from A (default)",
    )
    either.add_argument("--aa", dest="effect", action="store_false", help="B does what A does")
    for name, given, words in (
        ("srm", False, "members of B on one device are lost"),
        ("drift", True, "the last two weeks differ from the first six"),
        ("layout-effect", True, "B shows higher up what will be played"),
    ):
        parser.add_argument(
            f"--{name}", action=argparse.BooleanOptionalAction, default=given, help=words
        )
    given = parser.parse_args()
    if not 1 <= given.rows <= MOST_ROWS or given.seed < 0:
        parser.error(
            f"expected --rows of 1 to {MOST_ROWS:,} and --seed of 0 or more, "
            f"got {given.rows}, {given.seed}"
        )
    switches = Switches(given.effect, given.srm, given.drift, given.layout_effect)
    try:
        given.folder.mkdir(parents=True, exist_ok=True)
        out = write_log(given.folder, given.rows, given.seed, switches)
    except OSError as error:
        parser.exit(1, f"{error}\n")
    print(
        f"{out}: {given.rows:,} simulated rows; what is true of them is in simulated_log_truth.json"
    )


if __name__ == "__main__":
    main()
