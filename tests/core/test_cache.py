"""The cache: entries appear whole or not at all, the oldest leave first, errors are one line."""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from explorer.core.cache import Cache, key_of
from explorer.core.errors import CacheError

ROOT = Path(__file__).parents[2]


def fill(
    cache: Cache, key: str, size: int = 10, used: float | None = None, kind: str = "maps"
) -> Path:
    with cache.put(kind, key) as folder:
        (folder / "data").write_bytes(b"x" * size)
    entry = cache.folder / kind / key
    if used is not None:
        os.utime(entry / ".used", (used, used))
    return entry


def fail(cache: Cache, error: Exception) -> None:
    """Write half an entry, then fail."""
    with cache.put("maps", "k") as folder:
        (folder / "data").write_text("x")
        raise error


def left_over(cache: Cache) -> list[Path]:
    return list((cache.folder / "tmp").glob("*"))


def test_an_entry_is_found_once_it_is_finished(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "new" / "folder")

    assert cache.get("maps", "k") is None
    with cache.put("maps", "k") as folder:
        (folder / "data").write_text("x")
        assert cache.get("maps", "k") is None
    found = cache.get("maps", "k")
    assert found is not None
    assert (found / "data").read_text() == "x"
    assert Cache(tmp_path / "new" / "folder").get("maps", "k") == found
    assert cache.get("columns", "k") is None


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    with pytest.raises(RuntimeError, match="half way"):
        fail(cache, RuntimeError("half way"))
    assert cache.get("maps", "k") is None
    assert left_over(cache) == []


def test_the_first_to_finish_wins_and_the_other_is_dropped(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    with cache.put("maps", "k") as slow:
        (slow / "data").write_text("slow")
        with Cache(tmp_path).put("maps", "k") as fast:
            (fast / "data").write_text("fast")
    assert (tmp_path / "maps" / "k" / "data").read_text() == "fast"
    assert left_over(cache) == []


def test_many_threads_may_put_the_same_entry(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    threads = [threading.Thread(target=fill, args=(cache, f"k{i % 2}")) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(e.key for e in cache.entries()) == ["k0", "k1"]
    assert left_over(cache) == []


def test_a_killed_process_leaves_files_only_under_tmp_and_they_are_swept_after_a_day(
    tmp_path: Path,
) -> None:
    script = (
        "import os, sys; from pathlib import Path; from explorer.core.cache import Cache\n"
        f"with Cache(Path({str(tmp_path)!r})).put('maps', 'k') as folder:\n"
        "    (folder / 'data').write_text('half'); os.kill(os.getpid(), 9)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    cache = Cache(tmp_path)

    assert cache.get("maps", "k") is None
    assert len(left_over(cache)) == 1
    cache.shrink()
    assert len(left_over(cache)) == 1
    yesterday = time.time() - 25 * 3600
    os.utime(left_over(cache)[0], (yesterday, yesterday))
    cache.shrink()
    assert left_over(cache) == []


def test_shrink_removes_the_least_recently_used_until_the_limit_holds(tmp_path: Path) -> None:
    for i, key in enumerate("abcd"):
        fill(Cache(tmp_path), key, 100, used=1000.0 + i)
    cache = Cache(tmp_path, limit_bytes=250)
    assert cache.get("maps", "a") is not None  # used now

    cache.shrink()
    assert [e.key for e in cache.entries()] == ["a", "d"]
    assert sum(e.size_bytes for e in cache.entries()) == 200
    assert left_over(cache) == []


def test_put_keeps_the_limit_by_itself_and_never_removes_what_it_just_made(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=250)
    for i in range(6):
        fill(cache, f"k{i}", 100)
        assert cache.get("maps", f"k{i}") is not None
    assert sum(e.size_bytes for e in cache.entries()) <= 250

    fill(cache, "huge", 1000)
    assert [e.key for e in cache.entries()] == ["huge"]


def test_entries_and_clear(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    fill(cache, "old", 7, used=1000.0)
    fill(cache, "new", 5, used=2000.0, kind="columns")

    assert [(e.kind, e.key, e.size_bytes, e.used) for e in cache.entries()] == [
        ("columns", "new", 5, 2000.0),
        ("maps", "old", 7, 1000.0),
    ]
    cache.clear()
    assert cache.entries() == []
    assert cache.get("maps", "old") is None
    assert left_over(cache) == []


def test_a_folder_that_cannot_be_made_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    cache = Cache(tmp_path / "file" / "cache")

    with (
        pytest.raises(CacheError, match=r"cannot be written.*EXPLORER_CACHE"),
        cache.put("maps", "k"),
    ):
        pass
    assert cache.get("maps", "k") is None
    assert cache.entries() == []


def test_a_full_disk_is_an_error_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    with pytest.raises(CacheError, match=r"the disk is full.*make room"):
        fail(cache, OSError(errno.ENOSPC, "No space left on device"))
    assert cache.get("maps", "k") is None
    assert left_over(cache) == []


def test_other_errors_of_the_block_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fail(Cache(tmp_path), FileNotFoundError("the source"))


@pytest.mark.parametrize(
    ("kind", "key"), [("tmp", "k"), ("maps", "../k"), ("", "k"), ("maps", ".hidden"), ("a/b", "k")]
)
def test_refuses_names_that_are_not_plain(tmp_path: Path, kind: str, key: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        Cache(tmp_path).get(kind, key)


def test_key_of_is_that_of_the_canonical_json() -> None:
    assert key_of({"b": [1, 2.5, None], "a": "é"}) == key_of({"a": "é", "b": (1, 2.5, None)})
    assert key_of({"a": 1}) != key_of({"a": 2})
    assert len(key_of([])) == 32
    assert key_of(json.loads(json.dumps({"x": 0.1}))) == key_of({"x": 0.1})
    with pytest.raises(ValueError, match="JSON"):
        key_of({"x": float("nan")})
    with pytest.raises(TypeError):
        key_of({"x": Path()})


def test_importing_it_loads_neither_numpy_nor_platformdirs() -> None:
    script = (
        "import sys, explorer.core.cache, explorer.core.compiled_code; "
        "print([m for m in ('numpy', 'platformdirs', 'numba') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "[]"
