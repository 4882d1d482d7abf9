// A plot of Bokeh with a line above it, a note below, and the button that saves its numbers.

import { _ } from "../../core/gettext.js";
import { h, saveTitle } from "../dom.js";

/**
 * @param {import("../types/page.js").Child[]} head what stands above the plot
 * @param {HTMLElement} plot
 * @param {() => void} save
 */
export function plotSection(head, plot, save) {
  const note = h("p", { class: "note" });
  const pane = h("div", { class: "pane" }, plot);
  const numbers = h(
    "button",
    {
      class: "small",
      title: saveTitle("csv", _("Save the numbers that are drawn")),
      onclick: save,
    },
    _("csv"),
  );
  const line = h("div", { class: "line" }, ...head, h("span", { class: "fill" }), numbers);
  return { node: h("section", { class: "plot" }, line, pane, note), line, pane, note, numbers };
}
