import assert from "node:assert/strict";
import { test } from "node:test";

import { pastedNames, searchScore, sortedFeatures } from "../../explorer/feature/feature_search.js";

function feature(name, label = name, tags = [], rest = "") {
  const names = [name.toLowerCase(), label.toLowerCase()];
  return { name, label, tags, text: { names, rest } };
}

const RUNTIME = feature("runtime_min", "Runtime", ["Film"], "minutes of the film");

test("a name that begins with the word is better than one that has it, and that than letters of it", () => {
  const scores = ["runt", "min", "minutes", "rtmn"].map((word) => searchScore(RUNTIME, [word]));
  assert.deepEqual(
    [...scores].sort((a, b) => b - a),
    scores,
  );
  assert.ok(scores.at(-1) > 0);
});

test("one letter may be wrong, and every word must be found", () => {
  assert.ok(searchScore(RUNTIME, ["runtine"]) > 0);
  assert.equal(searchScore(RUNTIME, ["runtime", "budget"]), 0);
  assert.equal(searchScore(RUNTIME, ["zz"]), 0);
});

test("# finds tags", () => {
  assert.ok(searchScore(RUNTIME, ["#fi"]) > 0);
  assert.equal(searchScore(RUNTIME, ["#runtime"]), 0);
});

test("a pasted list is found by names and labels, each once, and what is not found is said", () => {
  const features = [RUNTIME, feature("votes")];
  const { words, found, unknown } = pastedNames('"Votes", runtime\nRUNTIME_MIN;budget\t', features);
  assert.equal(words, 4);
  assert.deepEqual(
    found.map(({ name }) => name),
    ["votes", "runtime_min"],
  );
  assert.deepEqual(unknown, ["budget"]);
});

test("features are ordered by a figure, the largest first, those without one last", () => {
  const items = ["a", "b", "c", "d"].map((name, index) => ({ feature: feature(name), index }));
  const looks = [{ missing: 0.1 }, undefined, { missing: 0.5 }, { missing: 0.1 }];
  const list = { order: "missing", looks, keys: {}, ticked: new Set(["d"]) };
  const order = (which) =>
    sortedFeatures({ ...list, order: which }, [...items]).map((item) => item.feature.name);
  assert.deepEqual(order("missing"), ["c", "a", "d", "b"]);
  assert.deepEqual(order("ticked"), ["d", "a", "b", "c"]);
  assert.deepEqual(order("name"), ["a", "b", "c", "d"]);
});
