import assert from "node:assert/strict";
import { test } from "node:test";

import { trayHeight } from "../../explorer/tray/tray_panel.js";

test("the tray is 200 pixels high at least and leaves the map three tenths of the page", () => {
  assert.deepEqual(
    [320.4, 20, 4000, Infinity].map((height) => trayHeight(height, 1000)),
    [320, 200, 700, 700],
  );
  assert.equal(trayHeight(400, 200), 200);
});
