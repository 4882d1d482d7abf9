import assert from "node:assert/strict";
import { test } from "node:test";

import { Frames, Line, unpackPixels } from "../../explorer/map_view/canvas/map_frame.js";

const RED = [255, 0, 0, 255];
const FAINT = [0, 0, 200, 100];

// A table of 256 colours, the bytes of the pixels after it.
function tabled(colors, ...planes) {
  const bytes = new Uint8Array(1024 + planes.flat().length);
  colors.forEach((color, index) => bytes.set(color, 4 * index));
  bytes.set(planes.flat(), 1024);
  return bytes;
}

test("pixels that come as they are stay as they are", () => {
  const bytes = new Uint8Array([...RED, ...FAINT]);
  const data = unpackPixels({ width: 2, height: 1, form: "rgba" }, bytes);
  assert.deepEqual([...data], [...RED, ...FAINT]);
});

test("a byte a pixel is looked up in the table", () => {
  const data = unpackPixels(
    { width: 3, height: 1, form: "levels" },
    tabled([FAINT, RED], [1, 0, 1]),
  );
  assert.deepEqual([...data], [...RED, ...FAINT, ...RED]);
});

test("a second byte takes its share of the opacity", () => {
  const info = { width: 3, height: 1, form: "covered" };
  const data = unpackPixels(info, tabled([FAINT, RED], [1, 0, 1], [255, 51, 0]));
  assert.deepEqual([...data], [...RED, 0, 0, 200, 20, 255, 0, 0, 0]);
});

test("bytes need not begin where their memory begins", () => {
  const memory = new Uint8Array([9, 9, 9, ...RED]);
  const data = unpackPixels({ width: 1, height: 1, form: "rgba" }, memory.subarray(3));
  assert.deepEqual([...data], RED);
});

test("too few or too many bytes are no picture", () => {
  for (const [form, length] of [
    ["rgba", 4],
    ["levels", 1024],
    ["covered", 1026],
    ["unknown", 8],
  ]) {
    assert.equal(unpackPixels({ width: 2, height: 1, form }, new Uint8Array(length)), null);
  }
  assert.equal(unpackPixels({ width: 0, height: 5, form: "rgba" }, new Uint8Array(0)), null);
});

test("a frame is kept as long as the server counts on it", async () => {
  const frames = new Frames();
  const none = { frame: null, second: null };
  const first = frames.read({ id: 1, kept: [1] }, none);
  assert.deepEqual(await first, [null, undefined]);
  frames.read({ id: 2, kept: [1, 2] }, none);
  assert.equal(frames.read({ id: 3, again: 1 }, none), first);
  frames.read({ id: 4, kept: [2, 4] }, none);
  assert.equal(frames.read({ id: 5, again: 1 }, none), undefined);
});

test("a line is slow when two large frames in a row were slow, until one is fast", (context) => {
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const line = new Line();
  let seq = 0;
  const came = (milliseconds, bytes) => {
    line.ask(++seq);
    now += milliseconds;
    line.came({ seq, seconds: 0 }, bytes);
    return line.slow;
  };
  assert.equal(came(1000, 1e6), false);
  assert.equal(came(1000, 1e3), false); // says nothing of the line
  assert.equal(came(1000, 1e6), true);
  assert.equal(came(165, 1e6), true); // neither slow nor fast
  assert.equal(came(50, 1e6), false);
});
