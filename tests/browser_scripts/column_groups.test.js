import assert from "node:assert/strict";
import { test } from "node:test";
import { groupedColumns, matchingColumns } from "../../explorer/feature/columns/column_groups.js";

const column = (name, role, more = {}) => ({
  name,
  label: name,
  kind: "numeric",
  role,
  of: "",
  given: false,
  reason: "",
  text: false,
  ...more,
});
const COLUMNS = [
  column("height", "feature"),
  column("event", "target", { given: true, reason: "Called like an outcome." }),
  column("width", "feature"),
];
const namesOf = (columns) => columns.map(({ name }) => name);

test("columns are found by words of name and reason, by role, and by whether they are guesses", () => {
  assert.deepEqual(namesOf(matchingColumns(COLUMNS, "", "")), ["height", "event", "width"]);
  assert.deepEqual(namesOf(matchingColumns(COLUMNS, "OUT called", "")), ["event"]);
  assert.deepEqual(namesOf(matchingColumns(COLUMNS, "", "feature")), ["height", "width"]);
  assert.deepEqual(namesOf(matchingColumns(COLUMNS, "h", "guessed")), ["height", "width"]);
});

test("features come last, and a column that was changed stays under its heading", () => {
  const labels = { feature: "Feature", target: "Target" };
  const columns = [...COLUMNS, column("depth", "target", { group: "feature" })];
  assert.deepEqual(
    groupedColumns(columns, labels).map((line) => line.column?.name ?? line.text),
    ["Target · 1", "event", "Feature · 3", "height", "width", "depth"],
  );
});

test("a family of columns is one line where its first stands, until it is opened", () => {
  const pixels = ["px_0", "px_1", "px_2"].map((name) =>
    column(name, name === "px_2" ? "target" : "feature", { block: "px_0 … px_2" }),
  );
  const columns = [column("a", "feature"), pixels[0], column("b", "feature"), ...pixels.slice(1)];
  const labels = { feature: "Feature", target: "Target" };
  const textsOf = (opened) =>
    groupedColumns(columns, labels, opened).map((line) => line.column?.name ?? line.text);
  // one column of a family under another heading stands for itself
  const closed = ["Target · 1", "px_2", "Feature · 4", "a", "px_0 … px_2", "b"];
  assert.deepEqual(textsOf(new Set()), closed);
  assert.deepEqual(textsOf(new Set(["\nfeature\npx_0 … px_2"])), [
    ...closed.slice(0, 5),
    "px_0",
    "px_1",
    "b",
  ]);
});
