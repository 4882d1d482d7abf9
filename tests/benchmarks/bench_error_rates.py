"""How often verdicts, alarms and intervals are wrong on simulated data, and what is promised.

Each file ``rates_*.py`` beside this one has ``error_rates(quick)``, which yields rows. The
simulations are seeded: two runs print the same.

  --quick      fewer runs, about a minute: what the tests run
  --only A,B   these topics: the names of files in rates/

The exit status is 1 if a promise is broken by more than chance explains.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

TOPICS = sorted(
    path.stem
    for path in (Path(__file__).parent / "rates").glob("*.py")
    if path.stem != "error_rate"
)


def main() -> int:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=TOPICS, metavar="TOPICS"
    )
    chosen = parser.parse_args()
    broken = 0
    for topic in chosen.only:
        start = time.perf_counter()
        for row in importlib.import_module(f"rates.{topic}").error_rates(chosen.quick):
            promise = f"{row.at_least:.3f} … {row.at_most:.3f}"
            verdict = "kept" if row.kept else "BROKEN"
            broken += not row.kept
            print(
                f"{row.topic:12} {row.case:60} {row.event:44} "
                f"{row.rate:.4f}  promised {promise}  {row.runs:6} runs  {verdict}",
                flush=True,
            )
        print(f"  ({topic}: {time.perf_counter() - start:.0f} s)", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
