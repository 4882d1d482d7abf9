import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { decisionOf, hasModifier, isTyping, modeOf } from "../../explorer/ui/keys.js";

class Element {
  constructor(selector, isContentEditable = false) {
    this.selector = selector;
    this.isContentEditable = isContentEditable;
  }

  matches(selectors) {
    return selectors.split(", ").includes(this.selector);
  }
}

const LIST = new Element("select");
const FIELD = new Element("textarea");
const BUTTON = new Element("button");

const press = (key, target = BUTTON, more = {}) => ({ key, composedPath: () => [target], ...more });

let page;

beforeEach(() => {
  page = { dataset: {} };
  globalThis.HTMLElement = Element;
  globalThis.document = { documentElement: page };
});

test("Shift adds, Alt removes, both keep what is in both", () => {
  assert.equal(modeOf({}), "replace");
  assert.equal(modeOf({ shiftKey: true }), "add");
  assert.equal(modeOf({ altKey: true }), "remove");
  assert.equal(modeOf({ shiftKey: true, altKey: true }), "intersect");
});

test("keys sleep in a field, and in what can be edited", () => {
  assert.equal(isTyping(press("x", FIELD)), true);
  assert.equal(isTyping(press("x", new Element("p", true))), true);
  assert.equal(isTyping(press("x", BUTTON)), false);
  assert.equal(isTyping(press("x", {})), false); // the document itself
});

test("in a list of choices only letters are its own", () => {
  assert.equal(isTyping(press("x", LIST)), true);
  assert.equal(isTyping(press("Escape", LIST)), false);
  assert.equal(isTyping(press("z", LIST, { ctrlKey: true })), false);
});

test("keys sleep while a dialog is open, and without the server", () => {
  page.dataset.dialog = "1";
  assert.equal(isTyping(press("x")), true);
  page.dataset = { lost: "1" };
  assert.equal(isTyping(press("x")), true);
});

test("a decision is one key, small or capital, alone and pressed once", () => {
  const decisions = ["k", "D", "t", "m", "f"].map((key) => decisionOf(press(key)));
  assert.deepEqual(decisions, ["keep", "drop", "transform", "merge", "defer"]);
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) {
    assert.equal(decisionOf(press("k", BUTTON, more)), null);
  }
  assert.ok(!decisionOf(press("x")));
  assert.equal(decisionOf(press("k", FIELD)), null);
});

test("Ctrl, Alt and Meta make a command of a key, AltGr writes a bracket", () => {
  const state = (altGr) => ({ getModifierState: (name) => name === "AltGraph" && altGr });
  assert.equal(hasModifier({ ...state(false) }) || false, false);
  for (const key of ["ctrlKey", "altKey", "metaKey"]) {
    assert.equal(hasModifier({ ...state(false), [key]: true }), true);
  }
  assert.equal(hasModifier({ ...state(true), ctrlKey: true, altKey: true }), false);
});
