import assert from "node:assert/strict";
import { test } from "node:test";

import { arrangeLabels } from "../../explorer/map_view/label_layout.js";

const EXTENT = [
  [0, 100],
  [0, 100],
];

const label = (x, y, more = {}) => ({ x, y, wide: 60, high: 16, level: 0, reach: 5, ...more });

// Numbers that look random and are the same each time.
function* numbers(seed) {
  for (let state = seed; ;) {
    state = (1103515245 * state + 12345) % 2147483648;
    yield state / 2147483648;
  }
}

function overlap(a, b, close) {
  const across = Math.abs(a.x * close + a.shift - (b.x * close + b.shift));
  const down = Math.abs(a.y - b.y) * close;
  return across < (a.wide + b.wide) / 2 && down < (a.high + b.high) / 2;
}

test("one name is shown from the first, and in its place", () => {
  const labels = [label(50, 50)];
  arrangeLabels(labels, EXTENT, 4, 400);
  assert.deepEqual([labels[0].from, labels[0].shift], [0, 0]);
});

test("a name at the edge moves into the map by as much as would be cut", () => {
  const labels = [label(0, 50), label(99, 20)];
  arrangeLabels(labels, EXTENT, 4, 400);
  assert.deepEqual([labels[0].shift, labels[1].shift], [30, -26]);
  // with room beside the map there is nothing to cut
  arrangeLabels(labels, EXTENT, 4, 600);
  assert.deepEqual([labels[0].shift, labels[1].shift], [0, 0]);
});

test("a finer region is named when its rows spread far enough", () => {
  const labels = [label(50, 50, { level: 1, reach: 2 })];
  arrangeLabels(labels, EXTENT, 4, 400);
  assert.equal(labels[0].from, 17);
});

test("the less important of two names waits until it is free", () => {
  const labels = [label(50, 50), label(50, 52)];
  arrangeLabels(labels, EXTENT, 4, 400);
  assert.deepEqual([labels[0].from, labels[1].from], [0, 11.5]);
});

test("at no closeness do two names that are shown touch", () => {
  const random = numbers(7);
  const next = () => random.next().value;
  const labels = Array.from({ length: 60 }, (_, index) =>
    label(100 * next(), 100 * next(), {
      wide: 20 + 120 * next(),
      high: 14 + 20 * next(),
      level: index < 8 ? 0 : 1,
      reach: 1 + 5 * next(),
    }),
  );
  arrangeLabels(labels, EXTENT, 8, 800);
  for (let close = 8; close < 8e4; close *= 1.07) {
    const shown = labels.filter(({ from }) => close >= from);
    assert.ok(shown.length > 0);
    shown.forEach((a, index) => {
      for (const b of shown.slice(0, index)) assert.ok(!overlap(a, b, close), `at ${close}`);
    });
  }
});
