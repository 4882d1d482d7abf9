import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from explorer.core.jobs.process import WorkerProcess, ended_in_words, worker_environment


def test_how_a_worker_ended_is_said_in_words():
    assert "signal 9 (perhaps out of memory)" in ended_in_words(-9)
    assert "signal 11 (Segmentation fault)" in ended_in_words(-11)
    assert "exit code 1;" in ended_in_words(1)


def test_the_environment_names_cache_threads_and_this_package(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    environment = worker_environment(tmp_path)
    assert environment["EXPLORER_CACHE"] == str(tmp_path)
    assert int(environment["OPENBLAS_NUM_THREADS"]) >= 1
    assert environment["OMP_NUM_THREADS"] == "1"
    first, *others = environment["PYTHONPATH"].split(os.pathsep)
    assert first == "/somewhere"
    assert any((Path(folder) / "explorer" / "jobs" / "worker.py").exists() for folder in others)


def test_a_file_in_the_users_folder_is_not_imported_by_a_worker(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    ended = threading.Event()
    worker = WorkerProcess(worker_environment(tmp_path), lambda *_: None, lambda *_: ended.set())
    assert not ended.wait(0.3)
    worker.kill()
    worker.join(10)
    assert ended.is_set()
    assert worker.send({}) is False


@pytest.mark.parametrize("job", [None, {"source": {}, "requests": [], "cache": "x"}])
def test_a_worker_ends_when_its_stdin_closes(tmp_path, job):
    message = "" if job is None else json.dumps(job) + "\n"
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "explorer.jobs.worker"],
        input=message.encode(),
        env=worker_environment(tmp_path),
        timeout=60,
        check=False,
        capture_output=True,
    )
    assert ended.returncode == 0
