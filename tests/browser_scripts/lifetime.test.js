import assert from "node:assert/strict";
import { test } from "node:test";

import { lifetimeOf, observeFor, whenOver } from "../../explorer/ui/lifetime.js";

function component() {
  const handlers = [];
  return {
    view: {},
    model: { on: (event, handler) => event === "remove" && handlers.push(handler) },
    remove: () => handlers.forEach((handler) => handler()),
  };
}

test("listeners, observers and clocks end when the component goes", () => {
  const { model, view, remove } = component();
  const lifetime = lifetimeOf({ model, view });
  const page = new EventTarget();
  const ended = [];
  page.addEventListener("keydown", () => ended.push("heard"), { signal: lifetime });
  const observer = { observe: () => {}, disconnect: () => ended.push("observer") };
  observeFor(lifetime, observer, {});
  whenOver(lifetime, () => ended.push("clock"));
  page.dispatchEvent(new Event("keydown"));
  remove();
  page.dispatchEvent(new Event("keydown"));
  remove();
  assert.deepEqual(ended, ["heard", "observer", "clock"]);
});

test("what is drawn anew in the same view ends what was there before", () => {
  const { model, view } = component();
  const first = lifetimeOf({ model, view });
  const second = lifetimeOf({ model, view });
  assert.deepEqual([first.aborted, second.aborted], [true, false]);
  assert.equal(lifetimeOf(component()).aborted, false);
});
