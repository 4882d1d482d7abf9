// The strip above a view of models: which columns are read. Every change is one message; what is
// refused comes back as it was.

import { _ } from "../../core/gettext.js";
import { h, keepFocus } from "../dom.js";
import { columnChips, choiceField } from "../forms/choices.js";
import { methodsButton, saveButtons } from "../forms/save_buttons.js";
import { repeatedLine } from "../repeated_line.js";

const SAVED_FORMS = [
  ["csv", _("All figures as CSV")],
  ["parquet", _("All figures as Parquet")],
  ["json", _("Everything as JSON")],
];

/** @typedef {import("../types/page.js").AnalysisPage} AnalysisPage */

export class AnalysisSetup {
  /**
   * @param {AnalysisPage} page
   * @param {any[]} fields each an option, its label, which columns are offered, the text for none
   *   (null: it has to be named), a title, and the options that mean nothing once it changes
   */
  constructor(page, fields) {
    this.page = page;
    this.fields = fields;
    this.line = h("div", { class: "line" });
    this.node = h("div", { class: "setup" }, this.line);
  }

  // Several columns, each a chip that can be left out.
  several(option, label, options, title) {
    const { asked, labels } = this.page.model.setup;
    return h(
      "span",
      { class: "several" },
      h("span", { title }, `${label} `),
      ...columnChips({
        chosen: asked[option],
        labels,
        options,
        addLabel: _("Add a column: {label}", { label }),
        title,
        leaveOutLabel: (name) => _("Leave out {name}", { name }),
        change: (names) => this.page.send({ type: "set", [option]: names }),
      }),
    );
  }

  show(more = []) {
    const { setup, offers } = this.page.model;
    if (!setup.asked || !offers.items) return;
    const field = ([option, label, offered, none, title, gone]) =>
      h(
        "label",
        { title: title || "" },
        `${label} `,
        choiceField({
          label,
          title: title || label,
          value: setup.asked[option],
          options: offers[offered],
          none,
          change: (name) => this.page.send({ type: "set", ...gone, [option]: name }),
        }),
      );
    keepFocus(this.node, () => this.line.replaceChildren(...this.fields.map(field), ...more));
  }
}

// A figure with its interval, and how many rows it rests on.
export function figureTile(tile) {
  return h(
    "div",
    { class: `tile${tile.warning ? " weak" : ""}`, title: tile.title || "" },
    h("span", { class: "tile-name" }, tile.name),
    h("span", { class: "tile-value" }, tile.value),
    h("span", { class: "tile-ends" }, tile.interval ? `95 %: ${tile.interval}` : _("no interval")),
    tile.note ? h("small", {}, tile.note) : "",
    tile.warning ? h("small", { class: "why" }, `! ${tile.warning}`) : "",
  );
}

/**
 * Notes, exports and the sentence for the methods section: the same line in each view.
 *
 * @param {AnalysisPage} page
 * @param {string} text
 */
export function resultLine(page, text) {
  const { result, setup } = page.model;
  return h(
    "div",
    {},
    repeatedLine((message) => page.send(message), result.repeated),
    h(
      "div",
      { class: "line told" },
      ...result.notes.map((note) => h("span", { class: "note" }, `· ${note}`)),
      h("span", { class: "fill" }),
      result.stale
        ? h("span", { class: "stale-words" }, _("figures from before the last change"))
        : "",
      h(
        "span",
        {
          class: "note",
          role: "status",
          title: _("The filters beside the table define which rows are read"),
        },
        `${setup.population || ""} · ${text}`,
      ),
      ...saveButtons(SAVED_FORMS, (form) => page.send({ type: "save", form })),
      methodsButton(result.method),
    ),
  );
}
