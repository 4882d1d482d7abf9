from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.features import matrix_memory as memory

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_tighter_of_machine_and_container_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 4000 kB\nMemAvailable:    2000 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", meminfo)
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    assert memory.available_memory() == 2_048_000
    (tmp_path / "memory.current").write_text("900000\n")
    for limit, free in (("max", 2_048_000), ("1000000", 100_000), ("500000", 0)):
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        assert memory.available_memory() == free


def test_a_platform_that_does_not_say_is_not_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "none")
    assert memory.available_memory() is None
