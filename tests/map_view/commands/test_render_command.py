"""`explorer render` by suffix, view and theme; errors are one line, JSON says what was drawn."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import explorer
from explorer.app.cli import main


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A table of 200 rows and its PCA."""
    folder = tmp_path_factory.mktemp("render")
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(200, 3)), columns=["height", "weight", "pulse"])
    table["kind"] = rng.choice(["a", "b"], 200)
    table["visits"] = rng.integers(0, 4, 200)
    table.to_parquet(folder / "table.parquet")
    opened = explorer.open_table(folder / "table.parquet")
    opened.project(["height", "weight"], "pca").save(folder / "e.parquet")
    return folder


@pytest.fixture
def render(files, tmp_path, capsys):
    """Run the command; returns exit code, stdout, stderr and the file."""

    def run(*more, out="map.png"):
        words = [
            "render",
            files / "table.parquet",
            "--embedding",
            files / "e.parquet",
            "--size",
            "90x60",
            "--out",
            tmp_path / out,
            *more,
        ]
        code = main([str(word) for word in words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err, tmp_path / out

    return run


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


def test_a_png_is_the_map_alone_unless_axes_are_asked_for(render):
    assert size_of(render()[3]) == (90, 60)
    width, height = size_of(render("--axes")[3])
    assert width > 90
    assert height > 60
    assert size_of(render("--scale", "2")[3]) == (180, 120)


def test_the_suffix_says_the_format_and_vectors_have_axes(render):
    svg = render("--color", "kind", out="map.svg")[3].read_text(encoding="utf-8")
    assert ">PC 1 (" in svg
    assert ">kind<" in svg
    assert "<text" not in render("--no-axes", out="map.svg")[3].read_text(encoding="utf-8")
    assert ">Mine<" in render("--title", "Mine", out="map.svg")[3].read_text(encoding="utf-8")
    assert render(out="map.pdf")[3].read_bytes().startswith(b"%PDF")


def test_dark_has_another_background(render):
    def corner(path):
        with Image.open(path) as picture:
            return picture.convert("RGB").getpixel((0, 0))

    assert corner(render()[3]) == (255, 255, 255)
    assert corner(render("--dark")[3]) == (20, 23, 28)


@pytest.mark.parametrize("words", [("--view", "-1,1,-0.5,0.75"), ("--view=-1,1,-0.5,0.75",)])
def test_a_view_may_begin_with_a_minus_and_is_drawn_as_asked(render, files, words):
    code, out, _, path = render(*words, "--json", "-")
    assert code == 0
    document = json.loads(out)
    assert document["view"] == {"x": [-1, 1], "y": [-0.5, 0.75]}
    xy = explorer.open_embedding(files / "e.parquet").xy.astype(float)
    seen = int((np.abs(xy[:, 0]) <= 1).__and__((xy[:, 1] >= -0.5) & (xy[:, 1] <= 0.75)).sum())
    assert f"= {seen} in view + {200 - seen} outside" in document["caption"][0]
    assert size_of(path) == (90, 60)


def test_json_says_what_was_drawn(render, tmp_path):
    code, out, err, path = render(
        "--color", "kind", "--where", "height > 0", "--json", tmp_path / "map.json", out="map.svg"
    )
    assert (code, out) == (0, "")
    assert "90 × 60 pixels, 200 rows" in err
    document = json.loads((tmp_path / "map.json").read_text())
    assert (document["out"], document["format"], document["pixels"]) == (str(path), "svg", [90, 60])
    assert {level["label"] for level in document["legend"]["levels"]} == {"a", "b"}
    assert document["legend"]["title"] == "kind"
    assert "selected (height > 0)" in document["caption"][0]
    assert json.loads(render("--json", "-")[1])["legend"] is None


def test_a_role_says_that_numbers_are_categories(render, tmp_path):
    def legend(*more):
        return json.loads(render("--color", "visits", "--axes", *more, "--json", "-")[1])["legend"]

    assert not legend().get("levels")
    levels = legend("--role", "visits=coded_category")["levels"]
    assert {level["label"] for level in levels} == {"0", "1", "2", "3"}
    catalogue = tmp_path / "c.yaml"
    catalogue.write_text("features: {visits: {label: Visits a week}}")
    assert legend("--catalogue", catalogue)["title"] == "Visits a week"


@pytest.mark.parametrize(
    ("more", "out", "words"),
    [
        ((), "map.gif", "end it in .png, .svg or .pdf"),
        (("--scale", "99"), "map.png", "scale=99.0 must be a number from 0.1 to 16"),
        (
            ("--scale", "16", "--size", "9000x9000"),
            "map.png",
            "144,000 × 144,000 pixels is too large",
        ),
        (("--view", "3,1,0,1"), "map.png", "runs downwards: pass"),
        (("--color", "knd"), "map.png", "did you mean 'kind'"),
        (("--where", "heigth > 0"), "map.pdf", "did you mean 'height'"),
        (("--json", "none/map.json"), "map.png", "pass another --json path"),
    ],
)
def test_what_cannot_be_drawn_is_one_line_and_leaves_no_file(render, more, out, words):
    code, printed, complaint, path = render(*more, out=out)
    assert (code, printed, complaint.count("\n")) == (1, "", 1)
    assert words in complaint
    assert not path.exists()


def test_a_view_of_three_numbers_is_wrong_usage(render, capsys):
    with pytest.raises(SystemExit) as stopped:
        render("--view", "-1,2,3")
    assert stopped.value.code == 2
    assert "expected X0,X1,Y0,Y1" in capsys.readouterr().err
