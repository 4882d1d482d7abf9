// A small table of figures.

import { h } from "../dom.js";

/**
 * @param {object} table
 * @param {string} [table.style] its class
 * @param {string} [table.caption]
 * @param {{text: string, title?: string}[]} [table.heads]
 * @param {HTMLElement[]} table.rows
 */
export function figureTable({ style, caption, heads, rows }) {
  return h(
    "table",
    { class: style },
    caption && h("caption", {}, caption),
    heads &&
      h(
        "thead",
        {},
        h("tr", {}, ...heads.map(({ text, title }) => h(text ? "th" : "td", { title }, text))),
      ),
    h("tbody", {}, ...rows),
  );
}
