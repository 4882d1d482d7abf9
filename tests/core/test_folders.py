"""Where files of the user are kept."""

import os
from pathlib import Path

import pytest

from explorer.core.cache import Cache
from explorer.core.compiled_code import prepare_numba
from explorer.core.folders import data_folder


def test_folders_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "c"))
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "d"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    prepare_numba()

    assert Cache().folder == tmp_path / "c"
    assert data_folder() == tmp_path / "d"
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == tmp_path / "c" / "numba"
    assert not (tmp_path / "c").exists()
    for name in ("EXPLORER_CACHE", "EXPLORER_DATA"):
        monkeypatch.delenv(name)
    assert "explorer" in str(Cache().folder)
    assert data_folder() != Cache().folder
