import assert from "node:assert/strict";
import { test } from "node:test";

import { inFamilies, matchingItems, tickState } from "../../explorer/feature/blocks/block_tree.js";

const feature = (name) => ({
  name,
  label: name,
  tags: [],
  text: { names: [name], rest: "feature numeric" },
});
const FEATURES = ["id", "px_00", "px_01", "px_02", "weight", "px_03"].map(feature);
const BLOCKS = [
  {
    name: "px_00 … px_03",
    text: "4 columns, image 2 × 2",
    role: "Image",
    places: [1, 2, 3, 5],
  },
];
const found = (query) => matchingItems(FEATURES, BLOCKS, query.split(" ").filter(Boolean));
const shape = (query) =>
  inFamilies(found(query), BLOCKS, query !== "").map(({ family, items }) =>
    family
      ? [family.block.name, items.map(({ index }) => index), family.narrowed]
      : items[0].feature.name,
  );

test("a block stands once, where its first column is, with all its columns in their order", () => {
  assert.deepEqual(shape(""), ["id", ["px_00 … px_03", [1, 2, 3, 5], false], "weight"]);
});

test("a search finds a block by its name and what it is, and then all its columns", () => {
  const whole = [["px_00 … px_03", [1, 2, 3, 5], false]];
  assert.deepEqual(shape("image"), whole);
  assert.deepEqual(shape("px"), whole);
});

test("a search for some columns narrows the block to them", () => {
  assert.deepEqual(shape("px_02"), [["px_00 … px_03", [3], true]]);
  assert.deepEqual(shape("weight"), ["weight"]);
});

test("a block whose columns stand in several groups is narrowed in none of them", () => {
  const [{ family }] = inFamilies(found("").slice(0, 3).slice(1), BLOCKS, false);
  assert.equal(family?.narrowed, false);
});

test("a tick has three states", () => {
  const names = ["a", "b"];
  assert.deepEqual(tickState(names, new Set()), { count: 0, state: "none" });
  assert.deepEqual(tickState(names, new Set(["b", "c"])), { count: 1, state: "some" });
  assert.deepEqual(tickState(names, new Set(["a", "b", "c"])), { count: 2, state: "all" });
  assert.deepEqual(tickState([], new Set()), { count: 0, state: "none" });
});
