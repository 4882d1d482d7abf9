import assert from "node:assert/strict";
import { test } from "node:test";

import { panelWidth, readStored } from "../../explorer/app/side_panels.js";

test("a panel is 180 pixels wide at least and a third of the page at most", () => {
  assert.deepEqual(
    [300.4, 20, 4000, Infinity].map((width) => panelWidth(width, 1500)),
    [300, 180, 500, 500],
  );
  assert.equal(panelWidth(400, 300), 180);
});

test("what the browser kept is read, and nothing where it is damaged", () => {
  assert.deepEqual(readStored('{"rows":{"open":false,"width":300}}'), {
    rows: { open: false, width: 300 },
  });
  for (const text of [null, "", "{", "3", "null"]) assert.deepEqual(readStored(text), {});
});
