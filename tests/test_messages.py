"""The catalogues of texts hold what the code says, and all of it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_catalogues_of_texts_are_what_the_code_says():
    # else: make messages
    check = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "messages"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr
