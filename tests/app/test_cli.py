"""The command in this process: what it prints, writes and returns."""

import ast
import errno
import json
import os
import re
import socket
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

import explorer
from explorer.app import cache_command as caching
from explorer.app.cli import main
from explorer.core.cache import Cache
from explorer.map_view.commands import project_command as projecting


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 3)), columns=["height", "weight", "pulse"])
    frame["flat"], frame["empty"], frame["name"] = 1.0, np.nan, "a"
    frame["boundless"] = np.where(frame.index == 4, np.inf, frame["height"])
    frame.loc[:5, "pulse"] = np.nan
    path = tmp_path / "people.parquet"
    frame.to_parquet(path)
    return path


def complaint(capsys, *arguments) -> str:
    """Run what must fail, and return its one line."""
    assert main([str(argument) for argument in arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("explorer: ")
    assert "Traceback" not in printed.err
    return printed.err


def project(path, *features, out="out.parquet", method="pca"):
    return (
        "project",
        path,
        "--features",
        ",".join(features),
        "--method",
        method,
        "--out",
        path.parent / out,
    )


def test_project_writes_what_it_was_made_of_and_how_good_it_is(table, tmp_path, capsys):
    out, report = tmp_path / "e.parquet", tmp_path / "e.json"
    arguments = [
        "project",
        str(table),
        "--features",
        "height,weight",
        "--epochs",
        "20",
        "--landmarks",
        "30",
    ]
    assert main([*arguments, "--stability", "2", "--out", str(out), "--json", str(report)]) == 0
    document = json.loads(report.read_text())
    method = document["provenance"]["method"]
    assert method["parameters"]["n_epochs"] == 20
    assert method["parameters"]["landmarks"] == 30
    assert document["provenance"]["rows"]["placed"] > 0
    assert set(document["provenance"]["stage_seconds"]) >= {
        "matrix",
        "neighbors",
        "layout",
        "place",
        "scores",
    }
    assert document["peak_bytes"] > 1e7
    assert document["scores"]["stability"]["seeds"] == [0, 1]
    assert explorer.open_embedding(out).scores == document["scores"]
    capsys.readouterr()
    arguments[-1] = "some"
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--out", str(out)])
    assert "expected auto, all, or a number" in capsys.readouterr().err


# --- bad input: one clear line


def written(folder, name, data) -> object:
    path = folder / name
    path.write_bytes(data)
    return path


def bad_files(folder, good):
    half = good.read_bytes()
    return {
        "missing": (folder / "nowhere.parquet", "nowhere.parquet"),
        "empty": (written(folder, "empty.csv", b""), "empty"),
        "empty parquet": (written(folder, "empty.parquet", b""), "empty.parquet"),
        "truncated": (written(folder, "half.parquet", half[: len(half) // 2]), "half.parquet"),
        "no parquet": (written(folder, "text.parquet", b"hello" * 99), "text.parquet"),
        "ragged": (
            written(folder, "ragged.csv", b"height,weight\n1,2\n3,4,5\n6,7\n"),
            "ragged.csv",
        ),
        "unknown format": (written(folder, "table.xlsx", b"PK"), "table.xlsx"),
        "folder without tables": (folder / "nothing", "nothing"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "missing",
        "empty",
        "empty parquet",
        "truncated",
        "no parquet",
        "ragged",
        "unknown format",
        "folder without tables",
    ],
)
def test_a_file_that_is_no_table_is_one_clear_line(kind, table, tmp_path, capsys):
    (tmp_path / "nothing").mkdir()
    path, words = bad_files(tmp_path, table)[kind]
    assert words in complaint(
        capsys, "project", path, "--features", "height", "--out", tmp_path / "o.parquet"
    )
    assert words in complaint(capsys, "serve", path, "--no-browser", "--port", 0)
    assert not (tmp_path / "o.parquet").exists()


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (["heigth"], "no feature 'heigth': did you mean 'height'"),
        (["name"], "name"),
        (["flat"], "flat"),
        (["empty", "height"], "empty"),
        (["boundless", "height"], "infinit"),
    ],
    ids=["unknown", "no number", "constant", "all missing", "infinity"],
)
def test_a_feature_that_cannot_be_projected_is_one_clear_line(features, words, table, capsys):
    for method in ("pca", "umap"):
        assert words in complaint(capsys, *project(table, *features, method=method))
    assert not (table.parent / "out.parquet").exists()


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_are_one_clear_line(rows, tmp_path, capsys):
    path = tmp_path / "few.parquet"
    pd.DataFrame({"a": np.arange(rows, dtype=float), "b": np.arange(rows, dtype=float)}).to_parquet(
        path
    )
    for method in ("pca", "umap"):
        assert "row" in complaint(capsys, *project(path, "a", "b", method=method))


def test_what_else_is_wrong_is_one_clear_line(table, tmp_path, capsys):
    assert "expected" in complaint(capsys, *project(table, "height"), "--where", "height >")
    assert "did you mean 'height'" in complaint(
        capsys, *project(table, "height", "weight"), "--where", "heigth > 1"
    )
    assert "log1p" in complaint(
        capsys, *project(table, "height", "weight"), "--transform", "height=lgo1p"
    )
    assert "leave them out with --method pca" in complaint(
        capsys, *project(table, "height", "weight"), "--min-dist", 0.3
    )
    assert "nowhere.yaml" in complaint(
        capsys, *project(table, "height", "weight"), "--catalogue", tmp_path / "nowhere.yaml"
    )
    assert "no sample 'fims': did you mean 'films'" in complaint(
        capsys, "demo", "fims", "--port", 0, "--no-browser"
    )
    assert "e.parquet" in complaint(
        capsys, "render", table, "--embedding", "e.parquet", "--out", "m.png"
    )
    # no place to write to
    (tmp_path / "file").touch()
    for place, words in (
        ("no/where", "there is no folder"),
        ("file/where", "is no folder"),
        (".", "it is a folder"),
    ):
        assert words in complaint(capsys, *project(table, "height", "weight", out=place))
        assert words in complaint(
            capsys, *project(table, "height", "weight"), "--json", tmp_path / place
        )
        assert words in complaint(
            capsys, "render", table, "--embedding", "e", "--out", tmp_path / place
        )
    assert not (tmp_path / "out.parquet").exists()
    assert "names 'pulse', which is not among" in complaint(
        capsys, *project(table, "height", "weight"), "--weights", "pulse=2"
    )
    assert "no file 'users.json'" in complaint(
        capsys, "serve", table, "--basic-auth", "users.json", "--port", 0, "--no-browser"
    )


def test_a_port_in_use_is_one_clear_line(table, capsys):
    with socket.socket() as owner:
        owner.bind(("localhost", 0))
        owner.listen()
        port = owner.getsockname()[1]
        for command in (("serve", table), ("demo",)):
            assert f"port {port} on localhost cannot be used" in complaint(
                capsys, *command, "--port", port, "--no-browser"
            )


def test_a_cache_that_cannot_be_written_is_one_warning(table, tmp_path):
    (tmp_path / "file").touch()
    # the digest of a file that is still young is never kept: however slow this machine is, that
    # warning must not come too
    later = time.time() + 3_600
    os.utime(table, (later, later))
    command = [*project(table, "height", "weight"), "--cache", tmp_path / "file" / "cache"]
    done = subprocess.run(
        [sys.executable, "-m", "explorer", *map(str, command)],
        capture_output=True,
        text=True,
        check=True,
    )
    warning, result, *quality = done.stderr.splitlines()
    assert len([line for line in quality if "warning" in line.lower()]) == 0
    assert "the embedding was not kept" in warning
    assert "cannot be written" in warning
    assert "80 rows projected" in result
    assert len(explorer.open_embedding(tmp_path / "out.parquet")) == 80


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_one_clear_line(number, monkeypatch, capsys):
    def broken(*_):
        raise OSError(number, os.strerror(number), "index.nbi")

    monkeypatch.setattr(caching, "_open_cache", broken)
    assert "index.nbi" in complaint(capsys, "cache", "list")


def test_debug_shows_the_traceback(tmp_path):
    with pytest.raises(explorer.ExplorerError, match="nowhere"):
        main(["serve", str(tmp_path / "nowhere.csv"), "--debug", "--port", "0"])


def test_a_defect_is_not_hidden(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(caching, "_open_cache", broken)
    with pytest.raises(ZeroDivisionError):
        main(["cache", "list"])


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["prject"],
        ["serve"],
        ["project", "a.csv", "--out", "b"],
        ["project", "a.csv", "--features", "a", "--out", "b", "--method", "tsne"],
        ["review", "a.csv"],
        ["review", "a.csv", "status"],
        ["review", "a.csv", "burn", "--set", "s"],
        ["review", "a.csv", "--set", "s", "import"],
        ["project", "a.csv", "--features", "a", "--out", "b", "--weights", "a=x"],
        ["project", "a.csv", "--features", "a", "--out", "b", "--seed", "-1"],
        ["project", "a.csv", "--features", "a", "--out", "b", "--transform", "log"],
        ["serve", "a.csv", "--xy", "x"],
        ["render", "a.csv", "--embedding", "e", "--out", "m", "--size", "900"],
        ["cache", "burn"],
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: explorer" in capsys.readouterr().err


# --- what works


def test_project_writes_the_embedding_and_its_json(table, tmp_path, capsys):
    arguments = [
        *project(table, "height", "weight", "pulse", method="umap"),
        "--json",
        tmp_path / "e.json",
    ]
    assert main([str(a) for a in arguments]) == 0
    assert "80 rows projected" in capsys.readouterr().err
    saved = pq.read_table(tmp_path / "out.parquet")
    assert saved.column_names == ["row", "x", "y", "trust"]
    assert saved["row"].to_pylist() == list(range(80))
    embedding = explorer.open_embedding(tmp_path / "out.parquet")
    text = (tmp_path / "e.json").read_text()
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert document["provenance"] == embedding.provenance
    assert document["scores"] == embedding.scores
    assert document["seconds"] > 0
    assert document["provenance"]["rows"]["imputed"] == 6


def test_options_reach_the_projection(table, tmp_path):
    arguments = [
        *project(table, "height", "weight"),
        "--where",
        "pulse is not null",
        "--scale",
        "robust",
        "--missing",
        "drop",
        "--weights",
        "height=2",
        "--transform",
        "weight=rank",
        "--seed",
        "none",
    ]
    assert main([str(a) for a in arguments]) == 0
    made = explorer.open_embedding(tmp_path / "out.parquet")
    expected = explorer.open_table(str(table)).project(
        ["weight", "height"],
        "pca",
        scale="robust",
        missing="drop",
        where="pulse is not null",
        weights={"height": 2},
        transform={"weight": "rank"},
        random_state=None,
    )
    np.testing.assert_array_equal(made.rows, np.arange(6, 80))
    np.testing.assert_array_equal(made.xy, expected.xy)


@pytest.fixture
def kept(table):
    """A feature set in a file."""
    found = explorer.FeatureSet(
        "core",
        ["height", "pulse"],
        rationale="r",
        scale="robust",
        missing="indicator",
        transform={"pulse": "rank"},
        weights={"height": 2.0},
    )
    found.save(table.parent / "core.yaml")
    return found


def with_set(path, *more):
    arguments = (
        "project",
        path,
        "--set",
        path.parent / "core.yaml",
        "--method",
        "pca",
        "--out",
        path.parent / "out.parquet",
        *more,
    )
    return [str(argument) for argument in arguments]


def test_a_set_brings_its_features_and_settings(table, kept, tmp_path):
    assert main(with_set(table)) == 0
    made = explorer.open_embedding(tmp_path / "out.parquet")
    expected = explorer.open_table(str(table)).project(
        ["height", "pulse"],
        "pca",
        scale="robust",
        missing="indicator",
        transform={"pulse": "rank"},
        weights={"height": 2.0},
    )
    assert made.xy.tobytes() == expected.xy.tobytes()


def test_an_option_beside_a_set_replaces_its_setting_and_says_so(table, kept, tmp_path, capsys):
    assert main(with_set(table, "--scale", "none", "--weights", "pulse=3", "--encode", "auto")) == 0
    spec = explorer.open_embedding(tmp_path / "out.parquet").provenance["matrix"]["spec"]
    assert (spec["scale"], spec["missing"]["*"]) == ("none", "indicator")
    assert spec["weights"] == {"height": 2.0, "pulse": 3.0}
    assert (
        "core@1 with another scale, weights, encode: the map is not of core@1 itself"
        in capsys.readouterr().err
    )


def test_a_set_that_cannot_be_used_is_one_clear_line(table, kept, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(with_set(table, "--features", "height"))
    assert "argument --features: not allowed with argument --set" in capsys.readouterr().err
    assert "names 'weight', which is not in core@1" in complaint(
        capsys, *with_set(table, "--weights", "weight=2")
    )
    (tmp_path / "core.yaml").write_text("form: 1\nname: core\nfeatures: [heigth]\nrationale: r\n")
    assert "did you mean 'height'" in complaint(capsys, *with_set(table))
    (tmp_path / "core.yaml").write_text("[")
    assert "core.yaml, line 2: not valid YAML" in complaint(capsys, *with_set(table))


def test_json_goes_to_stdout_with_a_dash(table, capsys):
    assert main([str(a) for a in (*project(table, "height", "weight"), "--json", "-")]) == 0
    assert json.loads(capsys.readouterr().out)["provenance"]["method"]["name"] == "pca"


def test_infinite_values_are_clipped_or_missing_when_asked(table, tmp_path):
    for policy, imputed in (("clip", 0), ("missing", 1)):
        arguments = [*project(table, "boundless", "weight"), "--infinite", policy]
        assert main([str(a) for a in arguments]) == 0
        assert explorer.open_embedding(tmp_path / "out.parquet").imputed_rows == imputed


def test_render_draws_a_png_of_the_asked_size(table, tmp_path, capsys):
    assert main([str(a) for a in project(table, "height", "weight")]) == 0
    embedding = ["--embedding", str(tmp_path / "out.parquet")]
    pictures = []
    for name, more in {
        "density": [],
        "coloured": ["--color", "pulse"],
        "part": ["--where", "height > 0"],
    }.items():
        out = tmp_path / f"{name}.png"
        assert (
            main(["render", str(table), *embedding, "--size", "300x200", "--out", str(out), *more])
            == 0
        )
        with Image.open(out) as picture:
            assert picture.size == (300, 200)
            assert json.loads(picture.text["Description"])["rows"]["used"] == 80
            pictures.append(picture.convert("RGB").tobytes())
    assert len(set(pictures)) == 3
    capsys.readouterr()
    assert "did you mean 'pulse'" in complaint(
        capsys, "render", table, *embedding, "--color", "plse", "--out", tmp_path / "no.png"
    )
    assert "table" in complaint(
        capsys, "render", other(tmp_path), *embedding, "--out", tmp_path / "no.png"
    )
    assert not (tmp_path / "no.png").exists()


def other(folder):
    path = folder / "other.parquet"
    pd.DataFrame({"height": np.arange(80.0)}).to_parquet(path)
    return path


def test_several_files_are_one_table(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{name}.csv" for name in "ab"]
    for path in paths:
        pd.DataFrame(rng.normal(size=(20, 2)), columns=["x", "y"]).to_csv(path, index=False)
    assert (
        main(
            [
                "project",
                *map(str, paths),
                "--features",
                "x,y",
                "--method",
                "pca",
                "--out",
                str(tmp_path / "o.parquet"),
            ]
        )
        == 0
    )
    assert len(explorer.open_embedding(tmp_path / "o.parquet")) == 40


def test_the_cache_is_listed_and_cleared(table, tmp_path, capsys):
    folder = tmp_path / "elsewhere"
    assert main([str(a) for a in (*project(table, "height", "weight"), "--cache", folder)]) == 0
    entries = Cache(folder).entries()
    assert entries
    capsys.readouterr()
    assert main(["cache", "list", "--cache", str(folder)]) == 0
    listed = capsys.readouterr().out
    assert all(entry.key in listed for entry in entries)
    assert f"{len(entries)} entries" in listed
    assert main(["cache", "clear", "--cache", str(folder)]) == 0
    assert f"{len(entries)} entries" in capsys.readouterr().err
    assert Cache(folder).entries() == []
    assert (tmp_path / "out.parquet").exists()


def test_compiling_ahead_makes_the_first_frame_ready(capsys):
    from explorer.map.precompile import kernels_ready

    assert main(["cache", "warm"]) == 0
    assert kernels_ready.is_set()
    assert capsys.readouterr().err.startswith("compiled, or found compiled, in ")


def test_samples_are_listed(capsys):
    assert main(["demo", "--list"]) == 0
    printed = capsys.readouterr().out
    assert "17,472 rows × 63 columns" in printed
    assert "flights_recipe" in printed


def test_help_and_version(capsys):
    for argument in ("--help", "--version"):
        with pytest.raises(SystemExit) as stopped:
            main([argument])
        assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert f"explorer {explorer.__version__}\n" in printed
    for command in ("demo", "serve", "profile", "project", "compare", "render", "cache"):
        assert f"\n    {command} " in printed
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert f"usage: explorer {command}" in capsys.readouterr().out


def test_ctrl_c_ends_a_command_with_130(table, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("explorer.app.server.serve", interrupted)
    assert main(["serve", str(table), "--no-browser"]) == 130
    monkeypatch.setattr(projecting, "open_files", interrupted)
    assert main([str(a) for a in project(table, "height")]) == 130
    assert "stopped" in capsys.readouterr().err


def test_help_loads_neither_numpy_nor_the_engine():
    script = (
        "import sys; from explorer.app.cli import main\ntry: main(['--help'])\n"
        "except SystemExit: pass\nprint(sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    assert "explorer.feature.command" in loaded
    assert loaded.isdisjoint(
        {"numpy", "pyarrow", "numba", "panel", "explorer.profile.report", "explorer.table"}
    )
    # what writes a result waits for the result
    assert [name for name in loaded if name.endswith(("text_table", "number_format"))] == []


def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    command = [sys.executable, "-m", "explorer", "cache", "list", "--cache", str(tmp_path)]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_sign_that_the_terminal_lacks_is_replaced(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "demo", "--list"],
        capture_output=True,
        env=environment,
        check=True,
    )
    assert b"17,472 rows ? 63 columns" in done.stdout


def test_python_m_explorer_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: explorer ")


# --- compare


def test_saved_rows_are_named_by_one_option_in_all_commands(table, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    opened = explorer.open_table(str(table))
    kept = opened.selections.save(explorer.where(opened, "height > 0"), "tall ones")
    for command in ("explain", "compare"):
        assert main([command, str(table), "--rows", "tall ones", "--json", "-"]) == 0
        assert f"{kept.count}" in capsys.readouterr().out
    out = str(tmp_path / "e.parquet")
    asked = ["project", str(table), "--features", "height,weight", "--method", "pca", "--out", out]
    assert main([*asked, "--rows", "tall ones"]) == 0
    assert len(explorer.open_embedding(out).rows) == kept.count
    assert main([*asked, "--rows", "height > 0"]) == 0
    assert len(explorer.open_embedding(out).rows) == kept.count
    capsys.readouterr()
    text = complaint(capsys, *asked, "--rows", "tall ones", "--where", "height > 0")
    assert "--rows and --where both say which rows" in text


def test_explain_says_how_rows_differ(table, capsys):
    assert main(["explain", str(table), "--rows", "height > 0"]) == 0
    out = capsys.readouterr().out
    assert re.match(r"[\d,]+ rows: ", out)
    assert "Typical rows: " in out
    assert main(["explain", str(table), "--rows", "height > 0", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["sentence"].endswith(".")
    assert document["complete"]
    assert main(["explain", str(table), "--rows", "height > 99"]) == 0
    assert "nothing is selected" in capsys.readouterr().out
    assert "did you mean 'height'" in complaint(capsys, "explain", table, "--rows", "heigth > 0")


def test_compare_prints_what_is_tested_and_what_is_described(table, capsys):
    assert main(["compare", str(table), "--a", "height > 0"]) == 0
    printed = capsys.readouterr().out.splitlines()
    n = int((pd.read_parquet(table)["height"] > 0).sum())
    assert printed[0].startswith(f"A {n} rows against the rest, {80 - n} rows")
    assert any(line.startswith("independent features (tested): ") for line in printed)
    (described,) = [
        place
        for place, line in enumerate(printed)
        if line.startswith("used to define the group (not tested): ")
    ]
    height = next(line for line in printed if line.startswith("height"))
    assert printed.index(height) > described
    assert "made the" in height


def test_compare_writes_json_and_tables(table, tmp_path, capsys):
    out, report = tmp_path / "c.csv", tmp_path / "c.json"
    arguments = [
        "compare",
        str(table),
        "--a",
        "height > 0.5",
        "--b",
        "height < -0.5",
        "--features",
        "weight,name",
    ]
    assert main([*arguments, "--margin", "0", "--out", str(out), "--json", str(report)]) == 0
    document = json.loads(report.read_text())
    assert {row["feature"] for row in document["rows"]} == {"weight", "name"}
    assert document["margin"] == 0
    assert pd.read_csv(out)["feature"].tolist() == [row["feature"] for row in document["rows"]]
    assert main([*arguments, "--out", str(tmp_path / "c.parquet"), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]
    assert pq.read_table(tmp_path / "c.parquet").num_rows == 2


def test_a_sample_of_the_groups_is_told_beside_its_figures(table, capsys):
    assert main(["compare", str(table), "--a", "height > 0", "--sample", "20"]) == 0
    printed = capsys.readouterr()
    assert "order from a random sample of 20 rows of A and 20 of B" in printed.err
    assert "rows, of which 20 + 20 drawn at random; δ" in printed.out
    assert "at least 1 row" in complaint(
        capsys, "compare", table, "--a", "height > 0", "--sample", "0"
    )


def test_groups_that_cannot_be_compared_are_one_clear_line(table, capsys):
    assert "group A has no rows" in complaint(capsys, "compare", table, "--a", "height > 99")
    assert "did you mean 'height'" in complaint(capsys, "compare", table, "--a", "heigth > 0")
    assert "must end in .parquet or .csv" in complaint(
        capsys, "compare", table, "--a", "height > 0", "--out", table.parent / "c.txt"
    )
    assert "margin must be" in complaint(
        capsys, "compare", table, "--a", "height > 0", "--margin", "3"
    )
