import assert from "node:assert/strict";
import { test } from "node:test";

import { EffectLattice } from "../../explorer/experiment/effect_map/effect_lattice.js";

// Corners in steps of the lattice, as the server sends them.
const CORNERS = [
  [0, 2],
  [1, 1],
  [1, -1],
  [0, -2],
  [-1, -1],
  [-1, 1],
];
// A hexagon and its neighbours to the right and to the upper right.
const PLACES = [
  [0, 0],
  [2, 0],
  [1, 3],
];

const lattice = (owners = null) =>
  new EffectLattice({ origin: [10, -5], size: 2, corners: CORNERS, places: PLACES, owners });

test("the middle of each hexagon lies in it", () => {
  const hexagons = lattice();
  PLACES.forEach((_, region) => assert.equal(hexagons.at(...hexagons.centre(region)), region));
  assert.equal(hexagons.at(1000, 1000), -1);
});

test("a place belongs to the hexagon with the nearest centre", () => {
  const hexagons = lattice();
  const centres = PLACES.map((_, region) => hexagons.centre(region));
  for (let x = 8.5; x < 15; x += 0.37) {
    for (let y = -6; y < -1.5; y += 0.41) {
      const distances = centres.map(([cx, cy]) => Math.hypot(x - cx, y - cy));
      const nearest = distances.indexOf(Math.min(...distances));
      const region = hexagons.at(x, y);
      if (region >= 0) assert.equal(region, nearest, `${x}, ${y}`);
      else assert.ok(distances[nearest] > Math.sqrt(3) - 1e-9);
    }
  }
});

test("a region of several hexagons has one outline, without the sides between them", () => {
  assert.equal(lattice().outline(0).length, 6);
  assert.equal(lattice([0, 0, 1]).outline(0).length, 10);
  assert.equal(lattice([0, 0, 0]).outline(0).length, 12);
  assert.deepEqual(lattice([0, 0, -1]).outline(-1), []);
});

test("sides of an outline are as long as a hexagon's, and each is met at both ends", () => {
  const ends = new Map();
  for (const [from, to] of lattice([0, 0, 0]).outline(0)) {
    assert.ok(Math.abs(Math.hypot(from[0] - to[0], from[1] - to[1]) - 2) < 1e-9);
    for (const [x, y] of [from, to]) {
      const key = `${x.toFixed(6)},${y.toFixed(6)}`;
      ends.set(key, (ends.get(key) || 0) + 1);
    }
  }
  assert.deepEqual(new Set(ends.values()), new Set([2]));
});

test("arrows lead to the region ahead, and stay where there is none", () => {
  const hexagons = lattice();
  assert.equal(hexagons.next(0, [1, 0]), 1);
  assert.equal(hexagons.next(1, [-1, 0]), 0);
  assert.equal(hexagons.next(0, [0, 1]), 2);
  assert.equal(hexagons.next(0, [0, -1]), 0);
});
