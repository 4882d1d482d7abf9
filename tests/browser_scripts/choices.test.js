import assert from "node:assert/strict";
import { test } from "node:test";

import { fillOptions } from "../../explorer/ui/forms/choices.js";

class Field extends EventTarget {
  children = [];
  value = "";
  focused = false;
  matches = () => this.focused;

  append() {} // the text of an option

  replaceChildren(...nodes) {
    this.children = nodes;
  }

  get offered() {
    return this.children.map(({ value }) => value);
  }
}

globalThis.document = /** @type {any} */ ({ createElement: () => new Field() });
const columns = Array.from({ length: 5000 }, (_, place) => [`c${place}`, `Column ${place}`]);

for (const type of ["focus", "pointerdown"]) {
  test(`a list of thousands is filled on ${type} and keeps what is chosen`, () => {
    const field = /** @type {any} */ (new Field());
    fillOptions(field, [[null, columns]], "c7", "choose");
    assert.deepEqual([field.offered, field.value], [["", "c7"], "c7"]);
    field.dispatchEvent(new Event(type));
    assert.deepEqual([field.offered.length, field.value], [5001, "c7"]);
  });
}

test("a list that is short, or that somebody is at, is filled at once", () => {
  const field = /** @type {any} */ (new Field());
  fillOptions(field, [[null, columns.slice(0, 3)]], null);
  assert.deepEqual(field.offered, ["c0", "c1", "c2"]);
  field.focused = true;
  fillOptions(field, [[null, columns]], "c9");
  assert.equal(field.offered.length, 5000);
});
