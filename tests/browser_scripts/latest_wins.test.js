import assert from "node:assert/strict";
import { test } from "node:test";

import { latestWins } from "../../explorer/ui/latest_wins.js";

test("one message is under way, and only the latest of the others waits", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const requests = latestWins((message) => sent.push(message));
  for (const message of [1, 2, 3]) requests.offer(message);
  assert.deepEqual(sent, [1]);
  requests.done();
  assert.deepEqual(sent, [1, 3]);
  requests.done();
  requests.offer(4);
  assert.deepEqual(sent, [1, 3, 4]);
});

test("what waits can be dropped", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const requests = latestWins((message) => sent.push(message));
  requests.offer(1);
  requests.offer(2);
  requests.drop();
  requests.done();
  assert.deepEqual(sent, [1]);
});

test("a reply that never comes holds nothing up for longer than four seconds", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const requests = latestWins((message) => sent.push(message));
  requests.offer(1);
  requests.offer(2);
  context.mock.timers.tick(3999);
  assert.deepEqual(sent, [1]);
  context.mock.timers.tick(1);
  assert.deepEqual(sent, [1, 2]);
});
