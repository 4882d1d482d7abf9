"""The simulated error rates are as promised; few runs, as with bench_error_rates.py --quick."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "bench_error_rates.py"
TOPICS = sorted(
    path.stem for path in (SCRIPT.parent / "rates").glob("*.py") if path.stem != "error_rate"
)


@pytest.mark.parametrize("topic", TOPICS)
def test_simulated_errors_are_as_rare_as_promised(topic, monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)
    rates = list(importlib.import_module(f"rates.{topic}").error_rates(quick=True))
    assert rates
    assert [rate for rate in rates if not rate.kept] == []


def test_the_script_prints_the_rates_of_a_topic():
    command = [sys.executable, str(SCRIPT), "--quick", "--only", "models"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kept" in done.stdout
