import json

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.output_file import check_target, json_line, write_json


def test_nan_and_infinity_are_null_and_numpy_is_plain(tmp_path):
    document = {
        "a": float("nan"),
        "b": [np.float32("inf"), np.arange(2)],
        3: (np.int64(1), None, True, "ä"),
    }
    write_json(str(tmp_path / "a.json"), document)
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {
        "a": None,
        "b": [None, [0, 1]],
        "3": [1, None, True, "ä"],
    }


def test_a_file_that_can_be_written_is_left_alone(tmp_path):
    check_target("--out", str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").write_text("x")
    check_target("--out", str(tmp_path / "old"))
    assert (tmp_path / "old").read_text() == "x"


def test_a_folder_that_denies_writing_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(ExplorerError, match=r"permission denied.*pass another --json path"):
        check_target("--json", str(tmp_path / "new"))


def test_a_line_is_the_same_json_whether_values_are_plain_or_not():
    plain = {"a": [1, 2.5, None, "é"], "b": {"c": True}}
    assert json.loads(json_line(plain)) == plain
    assert json_line(
        {"a": float("nan"), "b": np.float32(0.5), "c": (np.arange(2), float("inf"))}
    ) == ('{"a": null, "b": 0.5, "c": [[0, 1], null]}')
    assert "\n" not in json_line(plain)
