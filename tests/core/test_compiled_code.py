"""Compiled code is kept in the cache folder, or where nobody else can change it."""

import os
from pathlib import Path

import pytest

from explorer.core.compiled_code import compiled, prepare_numba


def test_compiled_code_goes_elsewhere_where_the_cache_takes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file" / "c"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    prepare_numba()
    first = Path(os.environ["NUMBA_CACHE_DIR"])
    assert first.parent.parent == tmp_path / "tmp"
    assert first.parent.stat().st_mode & 0o022 == 0

    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "c"))
    monkeypatch.setattr("explorer.core.compiled_code._NUMBA_BYTES", float("inf"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    prepare_numba()
    assert Path(os.environ["NUMBA_CACHE_DIR"]) == first


@pytest.mark.skipif(os.name != "posix", reason="folders elsewhere have no such rights")
def test_compiled_code_that_others_could_change_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("explorer.core.compiled_code._NUMBA_BYTES", float("inf"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    open_to_all = tmp_path / f"explorer-numba-{os.getuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    prepare_numba()
    chosen = Path(os.environ["NUMBA_CACHE_DIR"]).parent
    assert chosen != open_to_all
    assert chosen.parent == tmp_path


def test_code_compiled_from_sources_of_a_month_ago_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, recent = tmp_path / "numba" / "old", tmp_path / "numba" / "recent"
    for folder in (old, recent):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    prepare_numba()
    assert (old.exists(), recent.exists()) == (False, True)


def test_what_was_compiled_before_is_known_by_its_files(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not compiled()
    (tmp_path / "counting_ab").mkdir()
    (tmp_path / "counting_ab" / "cell_order._sort-1.py311.1.nbc").touch()
    assert compiled()
