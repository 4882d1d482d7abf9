// explorer profile: what a report can do beyond being read. Every page is whole without it.
"use strict";

// Thousands of rows are slow to lay out again: those in sight are in the page, the others follow as
// one scrolls.
const STEP = 250;

const features = document.getElementById("features");
if (features) index(features);
for (const plot of document.querySelectorAll("svg[data-edges]")) readable(plot);

function index(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  /** @type {{row: HTMLTableRowElement, place: number, key: any, text: string}[]} */
  const rows = [...body.rows].map((row, place) => ({
    row,
    place,
    key: null,
    text: row.textContent.toLowerCase(),
  }));
  const field = /** @type {HTMLInputElement} */ (document.getElementById("search"));
  const counter = /** @type {HTMLElement} */ (document.getElementById("found"));
  let order = rows;
  let fitting = rows;
  let nDrawn = rows.length;
  table.setAttribute("aria-rowcount", rows.length + 1);
  heads.forEach((head, column) => {
    if (!head.classList.contains("plain")) sortable(head, column);
  });
  searchable();
  show();
  window.addEventListener("scroll", follow, { passive: true });
  window.addEventListener("resize", follow);
  window.addEventListener("beforeprint", () => more(rows.length));

  function show() {
    nDrawn = 0;
    body.replaceChildren();
    more(STEP);
  }

  function follow() {
    if (nDrawn < fitting.length && table.getBoundingClientRect().bottom < 2 * window.innerHeight) {
      more(STEP);
    }
  }

  function more(count) {
    body.append(...fitting.slice(nDrawn, nDrawn + count).map((line) => line.row));
    nDrawn = Math.min(fitting.length, nDrawn + count);
  }

  function sortable(head, column) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    // what stands out first: numbers from the greatest, words from A
    const numeric = column >= 3 && column <= 10;
    button.addEventListener("click", () => {
      const next = {
        null: numeric ? "descending" : "ascending",
        ascending: "descending",
        descending: "ascending",
      };
      const way = next[head.getAttribute("aria-sort")];
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", way);
      sort(column, numeric ? number : textOf, way === "ascending" ? 1 : -1);
    });
  }

  function sort(column, valueOf, sign) {
    for (const line of rows) line.key = valueOf(line.row.cells[column]);
    // what has no value comes last either way, ties as they stood in the table
    order = [...rows].sort(
      (a, b) =>
        Number(a.key === null) - Number(b.key === null) ||
        sign * (Number(a.key > b.key) - Number(a.key < b.key)) ||
        a.place - b.place,
    );
    search();
  }

  function searchable() {
    const line = field.closest("p");
    if (line) line.hidden = false;
    field.addEventListener("input", search);
  }

  function search() {
    const terms = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    fitting = order.filter((line) => terms.every((word) => line.text.includes(word)));
    const all = `${rows.length.toLocaleString("en")} features`;
    counter.textContent = terms.length ? `${fitting.length.toLocaleString("en")} of ${all}` : all;
    show();
  }
}

function textOf(cell) {
  return cell.textContent.trim().toLowerCase() || null;
}

function number(cell) {
  if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
  const digits = cell.textContent.replace(/[,≈\s]/g, "").replace(/−/g, "-");
  return digits === "" || Number.isNaN(Number(digits)) ? null : Number(digits);
}

function edgeText(edge) {
  const value = Number(edge);
  const size = Math.abs(value);
  if (Number.isNaN(value)) return edge; // a date
  const plain = size === 0 || (size >= 1e-4 && size < 1e12);
  return (plain ? value.toLocaleString("en", { maximumSignificantDigits: 6 }) : edge).replace(
    /-/g,
    "−",
  );
}

// the bin under the pointer: its ends and its count
function readable(plot) {
  const [places, edges, counts] = ["places", "edges", "counts"].map((name) =>
    plot.dataset[name].split(","),
  );
  const output = plot.closest("figure").querySelector("output");
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) * plot.viewBox.baseVal.width) / box.width;
    const after = places.findIndex((place) => Number(place) > x);
    const [low, high] = after > 0 ? edges.slice(after - 1, after + 1).map(edgeText) : [];
    output.textContent =
      after > 0 ? `${low} to ${high}: ${Number(counts[after - 1]).toLocaleString("en")}` : "";
  });
  plot.addEventListener("pointerleave", () => {
    output.textContent = "";
  });
}
