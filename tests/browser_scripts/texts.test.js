// The rule of ESLint that finds texts which no catalogue holds.

import assert from "node:assert/strict";
import test from "node:test";

const eslint = await import("eslint").catch(() => null); // npm ci installs it
const options = { skip: eslint ? false : "ESLint is not installed" };

/** What the rule says of a script. */
async function reports(code) {
  const { texts } = await import("../../eslint.texts.js");
  const config = { plugins: { explorer: { rules: { texts } } }, rules: { "explorer/texts": 2 } };
  return new eslint.Linter().verify(code, config).map(({ messageId }) => messageId);
}

test("texts that are shown are marked", options, async () => {
  for (const code of [
    'h("p", {}, "Save");',
    'h("p", {}, busy ? "stop" : _("go on"));',
    'h("p", { title: `of ${n} rows` });',
    'node.textContent = "Copied";',
    'node.setAttribute("aria-label", "Close");',
    'const STEPS = [["map", "Every row is drawn."]];',
  ]) {
    assert.deepEqual(await reports(code), ["unmarked"], code);
  }
  for (const code of [
    'h("p", { class: "note wide", style: "width: 10px" }, _("Save"), " · ");',
    'findAll(node, "[role=tab] button.on");',
    'node.setAttribute("role", "tab");',
    'send({ type: "save" });',
  ]) {
    assert.deepEqual(await reports(code), [], code);
  }
});

test("marked texts are plain strings, and name their values", options, async () => {
  assert.deepEqual(await reports("_(`${n} rows`);"), ["computed"]);
  assert.deepEqual(await reports('_("of " + name);'), ["computed"]);
  assert.deepEqual(await reports('_("{n} of {all}", { n });'), ["values"]);
  assert.deepEqual(await reports('_("all of {n}", { n, all });'), ["unused"]);
  assert.deepEqual(await reports('ngettext("{n} row", "{n} rows", n, { n });'), []);
});
