"""Runs of names that differ by a number alone, written in short: px_000 … px_783."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["with_runs", "without_runs"]

_FEWEST_NAMES = 50  # of a list that is shortened: shorter ones are read by earlier versions too
_FEWEST = 4  # names that are worth a run
_MOST_NAMES = 1_000_000  # of a link, which may come from anyone
_RUN = "run"
_NUMBERED = re.compile(r"(.*?)([0-9]{1,15})([^0-9]*)", re.DOTALL)


def with_runs(value: Any) -> Any:
    """Return plain JSON in which long lists of features are written in short.

    A run of names whose number grows evenly becomes ``{"run": [before, first, last, step, after]}``
    with the first number as it is written: ``{"run": ["px_", "000", 783, 1, ""]}``.
    """
    if isinstance(value, dict):
        return {
            key: _shortened(inner) if key == "features" else with_runs(inner)
            for key, inner in value.items()
        }
    return value


def without_runs(value: Any) -> Any:
    """Return plain JSON in which the runs of `with_runs` are names again.

    Raises
    ------
    ValueError
        A run that `with_runs` did not write, or too many names.
    """
    if isinstance(value, dict):
        return {
            key: _names(inner)
            if key == "features" and isinstance(inner, list)
            else without_runs(inner)
            for key, inner in value.items()
        }
    return value


def _shortened(names: Any) -> Any:
    if not isinstance(names, list) or len(names) < _FEWEST_NAMES:
        return names
    if not all(isinstance(name, str) for name in names):
        return names
    items: list[Any] = []
    start = 0
    while start < len(names):
        run, length = _run_at(names, start)
        items.extend(names[start : start + length] if run is None else [{_RUN: run}])
        start += length
    return items


def _run_at(names: list[str], start: int) -> tuple[list[Any] | None, int]:
    """Return the run that begins at a place, None without one, and how many names are passed."""
    first = _NUMBERED.fullmatch(names[start])
    second = _NUMBERED.fullmatch(names[start + 1]) if start + 1 < len(names) else None
    if first is None or second is None:
        return None, 1
    before, digits, after = first.groups()
    step = int(second[2]) - int(digits)
    if step <= 0:
        return None, 1
    length = 1
    while start + length < len(names) and names[start + length] == (
        f"{before}{int(digits) + length * step:0{len(digits)}d}{after}"
    ):
        length += 1
    if length < _FEWEST:
        return None, 1
    return [before, digits, int(digits) + (length - 1) * step, step, after], length


def _names(items: list[Any]) -> list[Any]:
    names: list[Any] = []
    for item in items:
        if isinstance(item, dict) and set(item) == {_RUN}:
            before, digits, last, step, after = _read_run(item[_RUN])
            numbers = range(int(digits), last + 1, step)
            if len(names) + len(numbers) > _MOST_NAMES:
                raise ValueError("a link names too many features")
            names += [f"{before}{number:0{len(digits)}d}{after}" for number in numbers]
        else:
            names.append(item)
    return names


def _read_run(run: Any) -> tuple[str, str, int, int, str]:
    if isinstance(run, list) and len(run) == 5:
        before, digits, last, step, after = run
        texts = all(isinstance(text, str) for text in (before, digits, after))
        whole = type(last) is int and type(step) is int
        if texts and whole and step > 0 and re.fullmatch(r"[0-9]{1,15}", digits):
            return before, digits, last, step, after
    raise ValueError("a link has a range of names that cannot be read")
