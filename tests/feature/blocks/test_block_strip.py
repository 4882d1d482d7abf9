import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import explorer
from explorer.feature.blocks.block_strip import block_entries, block_look, block_looks
from explorer.feature.feature_list import FeatureList
from explorer.features.roles.role import ColumnBlock
from explorer.session.session import Session


def picture(address):
    head, _, data = address.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def heights(look):
    return np.frombuffer(base64.b64decode(look["line"]), np.uint8).reshape(3, look["bins"])


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    pixels = {f"px_{k:02d}": rng.integers(0, 200 + k, 300) for k in range(24)}
    return pd.DataFrame({"size": rng.normal(size=300), **pixels, "px_24": np.full(300, np.nan)})


def test_the_mean_of_an_image_is_drawn_from_its_least_to_its_greatest_mean(images):
    table = explorer.open_table(images)
    columns = [f"px_{k:02d}" for k in range(25)]
    block = ColumnBlock("px", tuple(columns), "image", shape=(5, 5))
    look = block_look(block, {name: table.summaries[name] for name in columns})
    assert look["words"] == "Mean image of 300 rows"
    drawn = picture(look["picture"])
    mean = images[columns].mean().to_numpy()
    expected = np.round(255 * (mean - np.nanmin(mean)) / (np.nanmax(mean) - np.nanmin(mean)))
    assert drawn.shape == (5, 5, 4)
    np.testing.assert_array_equal(drawn[..., 0].ravel()[:24], expected[:24])
    # a pixel without a value is no black one
    np.testing.assert_array_equal(drawn[..., 3].ravel(), [255] * 24 + [0])


def test_of_a_spectrum_the_mean_and_one_standard_deviation_either_way_are_drawn():
    rng = np.random.default_rng(1)
    values = rng.normal(np.arange(40), 1 + np.arange(40), (200, 40))
    frame = pd.DataFrame(values, columns=[f"wave_{k}" for k in range(400, 440)])
    table = explorer.open_table(frame.assign(variety=["a", "b"] * 100))
    (entry,) = block_entries(table)
    assert (entry["name"], entry["text"]) == ("wave_400 … wave_439", "40 columns, 400 to 439")
    assert entry["places"] == list(range(40))
    assert set(table.summaries) >= set(frame)
    look = block_looks(table)[entry["name"]]
    mean, std = frame.mean().to_numpy(), frame.std().to_numpy()
    low, high = (mean - std).min(), (mean + std).max()
    lines = np.stack([mean - std, mean, mean + std])
    assert np.abs(heights(look) - np.round(255 * (lines - low) / (high - low))).max() <= 1
    assert look["words"].startswith("Mean of 200 rows and one standard deviation either way")


def test_of_more_columns_than_a_strip_has_pixels_the_band_holds_all():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(40, 700)), columns=[f"v{k}" for k in range(700)])
    frame["v350"] += 100.0
    table = explorer.open_table(frame)
    block = table.column_blocks[0]
    drawn = heights(block_look(block, {name: table.summaries[name] for name in frame}))
    assert drawn.shape[1] == 184
    assert (drawn[0] <= drawn[1]).all()
    assert (drawn[1] <= drawn[2]).all()
    assert drawn[2].argmax() == 350 * 184 // 700


def test_the_columns_of_a_block_are_ticked_and_judged_in_one_step(
    images, fake_queue, open_view, send, until
):
    table = explorer.open_table(images.drop(columns="px_24"))
    session = Session(table, fake_queue, {"features": ["size"]})
    session.user = "Ann"
    view = open_view(FeatureList, session)
    (block,) = view.blocks
    names = [table.column_names[place] for place in block["places"]]
    assert block["text"] == "24 columns, 0 to 23"
    send(view, "tick_many", names=names, on=True)
    assert view.ticked == ["size", *names]
    session.state.undo()
    assert view.ticked == ["size"]
    send(view, "verdict_many", names=names, decision="drop")
    until(lambda: view.told.get("words") == "24 columns: drop")
