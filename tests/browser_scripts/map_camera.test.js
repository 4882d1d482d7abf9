import assert from "node:assert/strict";
import { test } from "node:test";

import { MapCamera } from "../../explorer/map_view/canvas/map_camera.js";

const EXTENT = [
  [-10, 30],
  [5, 15],
];

function cameraOf(clientWidth = 800, clientHeight = 600, panes = 1) {
  const camera = new MapCamera({ clientWidth, clientHeight });
  camera.panes = panes;
  camera.containWhole(EXTENT);
  return camera;
}

function near(actual, expected, message) {
  actual.forEach((value, index) => {
    assert.ok(Math.abs(value - expected[index]) < 1e-9, `${message}: ${actual} is not ${expected}`);
  });
}

test("the whole map fits, with a margin, in its middle", () => {
  for (const camera of [cameraOf(), cameraOf(300, 900), cameraOf(1600, 200, 2)]) {
    const [width, height] = camera.size();
    const [left, bottom] = camera.toPixel(EXTENT[0][0], EXTENT[1][0]);
    const [right, top] = camera.toPixel(EXTENT[0][1], EXTENT[1][1]);
    assert.ok(left > 0 && right < width && top > 0 && bottom < height);
    near([left + right, top + bottom], [width, height], "the middle");
    assert.ok(Math.max((right - left) / width, (bottom - top) / height) > 0.9);
  }
});

test("pixels and data are each other's inverse, y upwards", () => {
  const camera = cameraOf(641, 377);
  near(camera.toPixel(...camera.toData(12.5, 300)), [12.5, 300], "there and back");
  assert.ok(camera.toData(0, 0)[1] > camera.toData(0, 100)[1]);
});

test("a drag moves the data with the hand", () => {
  const camera = cameraOf();
  const point = camera.toData(100, 200);
  camera.move(37, -21);
  near(camera.toPixel(...point), [137, 179], "the point under the hand");
});

test("zooming keeps the point under the pointer", () => {
  const camera = cameraOf();
  const point = camera.toData(123, 456);
  for (const factor of [0.5, 3, 0.21, 0.9]) camera.zoom(factor, 123, 456, EXTENT);
  near(camera.toPixel(...point), [123, 456], "the point under the pointer");
});

test("zooming ends where there is nothing to see, at both ends", () => {
  const camera = cameraOf();
  const whole = camera.scaleOf(...EXTENT);
  for (let turn = 0; turn < 30; turn++) camera.zoom(100, 0, 0, EXTENT);
  near([camera.view.scale / whole], [8], "farthest");
  for (let turn = 0; turn < 30; turn++) camera.zoom(0.001, 0, 0, EXTENT);
  near([(whole / camera.view.scale) * 1e-5], [1], "deepest");
});

test("the ranges in sight are those of the corners, and a border adds its share to each side", () => {
  const camera = cameraOf();
  const { x, y } = camera.ranges();
  near([x[0], y[1]], camera.toData(0, 0), "upper left");
  near([x[1], y[0]], camera.toData(800, 600), "lower right");
  const more = camera.ranges(0.15);
  near([more.x[1] - more.x[0]], [(x[1] - x[0]) * 1.3], "with a border");
});

test("a map of one point has a scale", () => {
  const camera = cameraOf();
  camera.contain([4, 4], [2, 2]);
  assert.deepEqual([camera.view.cx, camera.view.cy, camera.view.scale > 0], [4, 2, true]);
});
