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
