import assert from "node:assert/strict";
import { test } from "node:test";

import { holdsRange, rangeInSight, scrollToShow } from "../../explorer/ui/lists/windowed_list.js";

test("the lines in sight are asked for, and as many above and below", () => {
  assert.deepEqual(rangeInSight(0, 500, 20), { top: 0, rows: 25, start: 0, stop: 75 });
  assert.deepEqual(rangeInSight(2010, 500, 20), { top: 100, rows: 25, start: 75, stop: 150 });
  assert.equal(rangeInSight(0, 0, 20).rows, 20, "a list that is not laid out yet asks for some");
});

test("a list asks again only where a line in sight is missing", () => {
  const range = rangeInSight(2000, 500, 20); // lines 100 to 124
  const shown = (start, count, total = 1000) => ({ start, lines: Array(count), total, of: 1000 });
  assert.ok(holdsRange(shown(100, 25), range));
  assert.ok(!holdsRange(shown(101, 60), range));
  assert.ok(!holdsRange(shown(50, 74), range));
  assert.ok(holdsRange(shown(50, 60, 110), range), "there are no more than 110");
});

test("a list scrolls by as little as shows a line below its head", () => {
  const list = { scrollTop: 200, height: 122, head: 22 }; // lines 10 to 14
  assert.equal(scrollToShow(10, 20, list), 200);
  assert.equal(scrollToShow(14, 20, list), 200);
  assert.equal(scrollToShow(9, 20, list), 180);
  assert.equal(scrollToShow(15, 20, list), 220);
  assert.equal(scrollToShow(0, 20, list), 0);
  assert.equal(scrollToShow(3, 20, { scrollTop: 0, height: 10, head: 22 }), 60);
});
