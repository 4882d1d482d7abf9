import assert from "node:assert/strict";
import { test } from "node:test";

import { cardPlace, STEPS } from "../../explorer/app/tour.js";

const CARD = { width: 340, height: 160 };

test("the tour has six steps, each with a title and a sentence", () => {
  assert.equal(STEPS.length, 6);
  for (const { target, title, text } of STEPS) assert.ok(target && title && text.length > 40);
});

test("the card of a step stands beside what it explains and never outside the window", () => {
  const page = { width: 1440, height: 900 };
  const features = { left: 1056, top: 44, right: 1440, bottom: 900 };
  const [left] = cardPlace(features, CARD, page);
  assert.ok(left + CARD.width <= features.left);
  const rows = { left: 0, top: 44, right: 264, bottom: 900 };
  assert.ok(cardPlace(rows, CARD, page)[0] >= rows.right);
  const phone = { width: 360, height: 640 };
  for (const place of [null, { left: 0, top: 85, right: 360, bottom: 640 }]) {
    const [x, y] = cardPlace(place, CARD, phone);
    assert.ok(x >= 0 && x + CARD.width <= phone.width + 12, `${x}`);
    assert.ok(y >= 0 && y + CARD.height <= phone.height, `${y}`);
  }
});
