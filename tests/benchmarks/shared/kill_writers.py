"""Processes that change the same documents at once and are killed at random moments.

Used by a test and by bench_documents.py.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

MOST_WRITERS, MOST_CHANGES = 8, 1_000
KINDS = ("label", "selection", "session", "edit", "verdict")
PER_CHANGE = 5  # rows of a label or a selection, which no other change has
ROWS = MOST_WRITERS * MOST_CHANGES * PER_CHANGE


def main() -> None:
    """Write as writer ``argv[2]`` of ``argv[3]`` until all is done; print each confirmed change."""
    folder, writer, changes, start = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    import explorer
    from explorer.features.catalogue.catalogue_edits import CatalogueEdits
    from explorer.selection.label_store import LabelDocuments
    from explorer.selection.row_labels import RowLabels
    from explorer.selection.saved_selection import SavedSelection
    from explorer.selection.selection import Selection
    from explorer.selection.selection_store import SelectionStore
    from explorer.session.sessions import SessionStore

    labels = RowLabels(ROWS, LabelDocuments("f" * 32, ROWS, folder))
    selections = SelectionStore("f" * 32, ROWS, folder)
    sessions = SessionStore(folder)
    reviews = explorer.open_store(folder / "reviews.db")
    edits = CatalogueEdits(folder / "catalogues" / "table.yaml", f"writer {writer}")
    for change in range(start, changes):
        mask = rows_of(writer, change)
        kind = KINDS[change % len(KINDS)]
        if kind == "label":
            labels.label(
                Selection(mask, "f" * 32, {"w": writer}), "segment", f"{writer} {change % 40}"
            )
        elif kind == "selection":
            made = SavedSelection("", f"{writer} {change}", 0, {}, "", float(change), {})
            selections.save(made, mask)
        elif kind == "session":
            sessions.put(f"w{writer}", {"form": "x", "change": change}, f"writer {writer}")
        elif kind == "edit":
            edits.set(f"f{writer}", "label", f"{change}")
            edits.save()
        else:
            reviews.verdict(
                f"{writer} {change}", "keep", reason="as seen", reviewer=f"writer {writer}"
            )
        print(f"{kind} {change}", flush=True)


def rows_of(writer: int, change: int) -> np.ndarray:
    """Return the rows of one change, which no other change has."""
    mask = np.zeros(ROWS, dtype=bool)
    first = (writer * MOST_CHANGES + change) * PER_CHANGE
    mask[first : first + PER_CHANGE] = True
    return mask


def run(
    folder: Path, writers: int, changes: int, kills: int, seed: int = 0
) -> dict[str, list[tuple[int, int]]]:
    """Let writers change documents; kill one at random as often as asked, and start it again.

    Returns
    -------
    dict of str to list of (int, int)
        Kind to (writer, change) of all confirmed changes.
    """
    rng = np.random.default_rng(seed)
    confirmed: dict[str, list[tuple[int, int]]] = {kind: [] for kind in KINDS}
    begun = [0] * writers
    outputs = [folder / f"confirmed-{writer}" for writer in range(writers)]
    processes = [_start(folder, writer, changes, 0, outputs[writer]) for writer in range(writers)]
    killed = 0
    while any(process.poll() is None for process in processes):
        time.sleep(float(rng.exponential(0.05)))
        writer = int(rng.integers(writers))
        if (
            killed < kills
            and processes[writer].poll() is None
            and _said(outputs[writer], begun[writer])
        ):
            processes[writer].kill()
            processes[writer].wait()
            killed += 1
            said = _said(outputs[writer], begun[writer])
            begun[writer] = (
                said[-1] + 2
            )  # the change after it may or may not have been made: leave it out
            processes[writer] = _start(folder, writer, changes, begun[writer], outputs[writer])
    for writer, process in enumerate(processes):
        if process.returncode:
            raise RuntimeError(f"writer {writer} ended with {process.returncode}")
        for line in outputs[writer].read_text().splitlines():
            kind, change = line.split()
            confirmed[kind].append((writer, int(change)))
    confirmed["kills"] = [(killed, 0)]
    return confirmed


def lost(folder: Path, confirmed: dict[str, list[tuple[int, int]]]) -> dict[str, int]:
    """Return how many confirmed changes of each kind are not there any more."""
    import explorer
    from explorer.core.documents import user_documents
    from explorer.features.catalogue.catalogue_edits import CatalogueEdits
    from explorer.selection.label_store import LabelDocuments
    from explorer.selection.selection_store import SelectionStore

    column = LabelDocuments("f" * 32, ROWS, folder).read("segment")
    names = [level.name for level in column.levels] if column else []
    codes = column.codes() if column else np.full(ROWS, -1)
    gone = dict.fromkeys(KINDS, 0)
    for writer, change in confirmed["label"]:
        level = f"{writer} {change % 40}"
        kept = level in names and (codes[rows_of(writer, change)] == names.index(level)).all()
        gone["label"] += not kept
    store = SelectionStore("f" * 32, ROWS, folder)
    saved = {one.name: one for one in store.listed()[0]}
    for writer, change in confirmed["selection"]:
        one = saved.get(f"{writer} {change}")
        gone["selection"] += one is None or not np.array_equal(
            store.mask(one), rows_of(writer, change)
        )
    with user_documents(folder).reading() as documents:
        sessions = {one.key: one.body["session"]["change"] for one in documents.listed("sessions")}
    features = CatalogueEdits(folder / "catalogues" / "table.yaml").catalogue.features
    for writer in {writer for writer, _ in confirmed["session"]}:
        last = max(change for one, change in confirmed["session"] if one == writer)
        gone["session"] += sessions.get(f"w{writer}", -1) < last
    for writer in {writer for writer, _ in confirmed["edit"]}:
        last = max(change for one, change in confirmed["edit"] if one == writer)
        gone["edit"] += int(features.get(f"f{writer}", {}).get("label", -1)) < last
    judged = {one.feature for one in explorer.open_store(folder / "reviews.db").verdicts()}
    gone["verdict"] = sum(
        f"{writer} {change}" not in judged for writer, change in confirmed["verdict"]
    )
    return gone


def _start(
    folder: Path, writer: int, changes: int, start: int, output: Path
) -> subprocess.Popen[bytes]:
    arguments = [str(folder), str(writer), str(changes), str(start)]
    with output.open("ab") as stream:
        return subprocess.Popen([sys.executable, __file__, *arguments], stdout=stream)


def _said(output: Path, start: int) -> list[int]:
    """Return the confirmed changes since a writer was started."""
    lines = output.read_text().split("\n")[:-1]
    return [change for change in (int(line.split()[1]) for line in lines) if change >= start]


if __name__ == "__main__":
    main()
