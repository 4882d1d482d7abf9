import assert from "node:assert/strict";
import { test } from "node:test";

import { placePictures } from "../../explorer/map_view/picture_layout.js";

const SIZE = [40, 30];
const STAGE = [800, 600];

// Numbers that look random and are the same each time.
function* numbers(seed) {
  for (let state = seed; ;) {
    state = (1103515245 * state + 12345) % 2147483648;
    yield state / 2147483648;
  }
}

test("one picture stands above its point, below it at the upper edge", () => {
  assert.deepEqual(placePictures([[400, 300]], SIZE, STAGE), [{ left: 380, top: 265 }]);
  const [place] = placePictures([[400, 2]], SIZE, STAGE);
  assert.ok(place && place.top >= 0);
});

test("no two pictures lie on each other, none leaves the map, and most have room", () => {
  const random = numbers(3);
  const next = () => random.next().value;
  const points = Array.from({ length: 60 }, () => [800 * next(), 600 * next()]);
  const places = placePictures(points, SIZE, STAGE);
  const placed = places.filter(Boolean);
  assert.ok(placed.length >= 55, `${placed.length} of 60`);
  placed.forEach((a, index) => {
    assert.ok(a.left >= 0 && a.top >= 0 && a.left + 40 <= 800 && a.top + 30 <= 600);
    for (const b of placed.slice(0, index)) {
      assert.ok(Math.abs(a.left - b.left) >= 40 || Math.abs(a.top - b.top) >= 30);
    }
  });
});

test("a picture hides no other point where there is another place", () => {
  const points = [
    [400, 300],
    [400, 280],
  ];
  const [place] = placePictures(points, SIZE, STAGE);
  assert.ok(place);
  const [x, y] = points[1];
  assert.ok(x <= place.left || x >= place.left + 40 || y <= place.top || y >= place.top + 30);
});

test("where there is no room a picture is left out", () => {
  const points = Array.from({ length: 9 }, () => [30, 30]);
  const places = placePictures(points, SIZE, [60, 60]);
  assert.ok(places.filter(Boolean).length < 4);
  assert.equal(places.length, 9);
});
