"""Ctrl+C and SIGTERM end a command in one line, whenever they come."""

import os
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet
import pytest

EXITS = {signal.SIGINT: 130, signal.SIGTERM: 143}


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.parquet"
    pyarrow.parquet.write_table(pa.table({"height": [1.0, 2.0, 3.0, 5.0] * 50}), path)
    return path


def stopped(command, after, number, folder):
    environment = {
        **os.environ,
        "EXPLORER_CACHE": str(folder / "cache"),
        "EXPLORER_DATA": str(folder / "data"),
    }
    process = subprocess.Popen(
        [sys.executable, *command],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,
    )
    time.sleep(after)
    os.killpg(process.pid, number)
    said = process.communicate(timeout=60)[1]
    return process.returncode, said.strip().splitlines()


def stopped_when_ready(script, number, folder):
    """Stop a script once it has printed a line."""
    path = folder / "script.py"
    path.write_text(script)
    with subprocess.Popen(
        [sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline()
        process.send_signal(number)
        return process.wait(timeout=60), process.stderr.read().splitlines()


@pytest.mark.parametrize(
    ("after", "number"),
    [(0.4, signal.SIGINT), (0.9, signal.SIGTERM), (1.6, signal.SIGINT), (2.5, signal.SIGTERM)],
)
def test_a_server_ends_in_one_line_at_any_moment(people, tmp_path, after, number):
    command = ["-m", "explorer", "serve", str(people), "--port", "0", "--no-browser"]
    code, lines = stopped(command, after, number, tmp_path)
    assert code == EXITS[number]
    assert [line for line in lines if not line.startswith("the first start")] == ["stopped"]


# a thread that works on when the signal comes, as one that compiles; a pool that is given work then
THREADS = """
import threading, time
from concurrent.futures import ThreadPoolExecutor
from explorer.core.stopping import run
pool = ThreadPoolExecutor(2)
def work():
    for _ in range(600):
        pool.submit(time.sleep, 0.01)
        time.sleep(0.1)
def main():
    threading.Thread(target=work).start()
    print("ready", flush=True)
    time.sleep(60)
    return 0
run(main)
"""


@pytest.mark.parametrize("number", list(EXITS))
def test_threads_that_still_work_are_not_waited_for(number, tmp_path):
    assert stopped_when_ready(THREADS, number, tmp_path) == (EXITS[number], ["stopped"])


@pytest.mark.parametrize("number", list(EXITS))
def test_a_signal_that_nothing_catches_ends_in_one_line_too(number, tmp_path):
    """Between listening and the first line that catches, or in a command's last lines."""
    script = (
        "import time\nfrom explorer.core.stopping import listen\nlisten()\n"
        "print('ready', flush=True)\ntime.sleep(60)\n"
    )
    assert stopped_when_ready(script, number, tmp_path) == (EXITS[number], ["stopped"])


def test_signals_are_taken_before_anything_large_is_imported():
    code = (
        "import sys, explorer.core.stopping; print({'logging', 'numpy', 'pyarrow'} & "
        "set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
