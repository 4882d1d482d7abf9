// Texts of the page in the language of the server.

import assert from "node:assert/strict";
import test from "node:test";

let loads = 0;

/** The module as it is in a page with these translations. */
async function inPage(translations) {
  const script = { textContent: JSON.stringify(translations) };
  globalThis.document = { getElementById: (id) => (id === "translations" ? script : null) };
  loads += 1;
  const module = await import(`../../explorer/core/gettext.js?${loads}`);
  delete globalThis.document;
  return module;
}

test("without translations texts are English, and values stand where they are named", async () => {
  const { _, ngettext } = await import("../../explorer/core/gettext.js");
  assert.equal(_("Save"), "Save");
  assert.equal(_("{count} of {total}", { count: 3, total: "1,000" }), "3 of 1,000");
  assert.equal(ngettext("{n} row", "{n} rows", 1, { n: 1 }), "1 row");
  assert.equal(ngettext("{n} row", "{n} rows", 0, { n: 0 }), "0 rows");
});

test("values are text, whatever is in them", async () => {
  const { _ } = await import("../../explorer/core/gettext.js");
  assert.equal(_("{a} and {b}", { a: "{b}", b: "$&" }), "{b} and $&");
  assert.equal(_("{a} and {b}", { a: "x" }), "x and {b}");
});

test("a name in Hebrew does not reorder the sign and the number beside it", async () => {
  const { _ } = await import("../../explorer/core/gettext.js");
  assert.equal(_("{name} >= {bound}", { name: "גיל", bound: 0 }), "\u2068גיל\u2069 >= 0");
  assert.equal(_("{name} >= 0", { name: "âge" }), "âge >= 0");
  const { isolated, isolatedQuotes } = await import("../../explorer/core/text_direction.js");
  assert.equal(isolated(isolated("גיל")), isolated("גיל"));
  assert.equal(
    isolatedQuotes(`"גיל" = 'א' or "x" > 1`),
    `\u2068"גיל"\u2069 = \u2068'א'\u2069 or "x" > 1`,
  );
});

test("a text is read from right to left where its first letter is", async () => {
  const { isolated, readsRightToLeft } = await import("../../explorer/core/text_direction.js");
  assert.ok(readsRightToLeft("(3) גיל"));
  assert.ok(!readsRightToLeft("age גיל"));
  assert.ok(!readsRightToLeft(`${isolated("גיל")} >= 0`));
});

test("translations of the page are used, others stay English", async () => {
  const { _ } = await inPage({ messages: { "Save {name}": "{name} sichern" }, plurals: "" });
  assert.equal(_("Save {name}", { name: "x" }), "x sichern");
  assert.equal(_("Close"), "Close");
});

test("a number takes the plural form of the language", async () => {
  // as in Czech: one, two to four, more
  const form = (n) => (n === 1 ? 0 : n >= 2 && n <= 4 ? 1 : 2);
  const plurals = Array.from({ length: 2000 }, (unused, n) => form(n)).join("");
  const { ngettext } = await inPage({
    messages: { "{n} row": ["{n} řádek", "{n} řádky", "{n} řádků"] },
    plurals,
  });
  const rows = (n) => ngettext("{n} row", "{n} rows", n, { n });
  assert.deepEqual([1, 3, 5, 1003, 2005, 1e6].map(rows), [
    "1 řádek",
    "3 řádky",
    "5 řádků",
    "1003 řádků",
    "2005 řádků",
    "1000000 řádků",
  ]);
});
