import os
from pathlib import Path

from projections import compiled


def test_the_stamp_changes_with_any_source_of_kernels_and_with_nothing_else(tmp_path, monkeypatch):
    sources = [
        tmp_path / "projections" / "compiled.py",
        tmp_path / "explorer" / "maps" / "frame.py",
    ]
    for path in sources:
        path.parent.mkdir(parents=True)
        path.write_text("from numba import njit\na = 1\n")
    monkeypatch.setattr(compiled, "__file__", str(sources[0]))
    first = compiled.source_stamp()
    (tmp_path / "explorer" / "page.css").touch()
    (tmp_path / "explorer" / "plain.py").write_text("a = 1\n")
    (tmp_path / "explorer" / "__pycache__").mkdir()
    (tmp_path / "explorer" / "__pycache__" / "a.py").touch()
    assert compiled.source_stamp() == first
    stamps = {first}
    for path in sources:
        path.write_text("from numba import njit\na = 12\n")
        stamps.add(compiled.source_stamp())
        os.utime(path, (1, 1))
        stamps.add(compiled.source_stamp())
    assert len(stamps) == 5


def test_the_sources_of_both_packages_count():
    root = str(Path(compiled.__file__).parent.parent)
    names = [name for name, *_ in compiled._sources(root)]
    assert {"projections/neighbors/search.py", "explorer/map/raster/kernels.py"} <= set(names)
