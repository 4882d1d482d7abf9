"""One worker process seen from the server: started, spoken to by lines of JSON, killed."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.core.jobs.events import Event, event_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["WorkerProcess", "ended_in_words", "worker_environment"]

logger = logging.getLogger(__name__)


def worker_environment(cache_folder: Path) -> dict[str, str]:
    """Return the environment of a worker.

    It is ours, with the cache, the number of threads and this very package named.

    Parameters
    ----------
    cache_folder : Path
        Becomes ``EXPLORER_CACHE``. ``NUMBA_CACHE_DIR`` is passed on as `projections` has set it.
    """
    environment = dict(os.environ)
    environment["EXPLORER_CACHE"] = str(cache_folder)
    affinity = getattr(
        os, "sched_getaffinity", None
    )  # what a container allows, where the system tells
    cores = str(len(affinity(0)) if affinity else os.cpu_count() or 1)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        environment.setdefault(name, cores)
    # A worker must run the code that its server runs, also when that was found through the current
    # folder only.
    package_root = str(Path(__file__).resolve().parents[3])
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [environment.get("PYTHONPATH"), package_root])
    )
    return environment


def ended_in_words(code: int, advice: str = "try fewer rows or features") -> str:
    """Say for a user how a worker process ended by itself.

    Parameters
    ----------
    code : int
        The exit code; below 0 the signal that ended it.
    advice : str
        What to do.
    """
    if code < 0:
        how = (
            f"signal {-code} ({'perhaps out of memory' if -code == 9 else signal.strsignal(-code)})"
        )
    else:
        how = f"exit code {code}"
    return f"the worker process ended with {how}; the server goes on; {advice}"


class WorkerProcess:
    """A worker and the thread that reads its lines.

    Parameters
    ----------
    environment : mapping
        See `worker_environment`.
    on_event : callable
        Called with this object and an event, from the reader's thread.
    on_end : callable
        Called with this object and the exit code, once, from the reader's thread.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        on_event: Callable[[WorkerProcess, Event], None],
        on_end: Callable[[WorkerProcess, int], None],
    ) -> None:
        self._on_event, self._on_end = on_event, on_end
        # -P: a file called like a package in the user's folder must not be imported. A session of
        # its own: Ctrl+C in the terminal is for the server, which then ends its workers by closing
        # their stdin.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "explorer.jobs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name=f"worker-{self.pid}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, message: dict[str, Any]) -> bool:
        """Send a message; False when the worker is gone."""
        assert self._process.stdin is not None
        if self._process.poll() is not None:
            return False
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):  # a broken pipe, or a pipe that the reader has closed
            return False
        return True

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the process has ended and its last lines are read."""
        if threading.current_thread() is not self._reader:
            self._reader.join(timeout)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                try:
                    event = event_from(line)
                except ValueError:  # a kill may cut the last line
                    logger.debug("worker %d: a line that is no event: %r", self.pid, line)
                else:
                    self._on_event(self, event)
        code = self._process.wait()
        self._close_stdin()
        self._on_end(self, code)

    def _close_stdin(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:  # what was not yet sent has nobody to read it
            logger.debug("worker %d ended before it had read everything", self.pid)
