import assert from "node:assert/strict";
import { test } from "node:test";

import { formatCount, formatNumber } from "../../explorer/ui/number_format.js";

test("counts have commas at thousands", () => {
  assert.equal(formatCount(1234567), "1,234,567");
});

test("numbers have four digits, years none, and what is missing is a dash", () => {
  for (const [value, text] of [
    [2024, "2024"],
    [12345, "12,345"],
    [3.14159, "3.142"],
    [-0.012345, "-0.01235"],
    [0.5, "0.5"],
    [1234567.5, "1.23e6"],
    [0.00012, "1.20e-4"],
    [0, "0"],
    [null, "–"],
    [undefined, "–"],
    [NaN, "–"],
  ]) {
    assert.equal(formatNumber(value), text);
  }
});
