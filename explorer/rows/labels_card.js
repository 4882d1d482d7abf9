// The row labels below the selection: a form that names it, and the label columns with their
// levels.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { saveButtons } from "../ui/forms/save_buttons.js";
import { EditableList } from "../ui/lists/editable_list.js";
import { formatCount } from "../ui/number_format.js";
import { NamingForm } from "./naming_form.js";

/** @typedef {import("../ui/types/messages.js").RowsPanelMessage} Message */

export class RowLabels {
  /** @param {(message: Message) => void} send */
  constructor(send) {
    this.send = send;
    this.columns = [];
    this.shown = {};
    this.columnNames = h("datalist", { id: "label-columns" });
    this.levelNames = h("datalist", { id: "label-levels" });
    this.form = new NamingForm({
      label: _("Label the selected rows"),
      verb: _("Label"),
      fields: [
        {
          label: _("Label column"),
          placeholder: _("column, for example segment"),
          list: "label-columns",
        },
        {
          label: _("Level"),
          placeholder: _("level, for example strange cluster"),
          list: "label-levels",
        },
      ],
      author: _("Your name"),
      missing: _("Name the column and the level."),
      more: [this.columnNames, this.levelNames],
      save: ([column, level], author) => send({ type: "label", column, level, author }),
      opened: () => this.prepare(),
    });
    const [column, level] = this.form.fields;
    this.column = column;
    this.level = level;
    this.column.addEventListener("input", () => this.offerLevels());
    this.list = new EditableList("labels", () => this.entries());
  }

  show(labels, selection) {
    this.shown = labels || {};
    this.columns = this.shown.columns || [];
    this.form.show(this.shown, selection);
    this.columnNames.replaceChildren(
      ...this.columns.map(({ name }) => h("option", { value: name })),
    );
    this.offerLevels();
    this.list.draw();
  }

  entries() {
    const title = _("Save the labelled rows: row number and labels");
    const listed = this.columns.length
      ? [
          h("h2", { class: "minor" }, _("Row labels")),
          this.form.faultOutside(this.shown.error),
          ...this.columns.map((column) => this.entry(column)),
          h(
            "div",
            { class: "actions" },
            ...saveButtons(
              [
                ["csv", title, _("Save CSV")],
                ["parquet", title, "Parquet"],
              ],
              (form) => this.send({ type: "export_labels", form }),
              "",
            ),
          ),
        ]
      : [];
    return [
      ...listed,
      ...(this.shown.trouble || []).map((text) => h("p", { class: "note" }, text)),
    ];
  }

  entry(column) {
    return h(
      "div",
      { class: "labelled" },
      h(
        "div",
        { class: "label-head" },
        h(
          "button",
          {
            class: "words",
            title: _("Colour the map by this label"),
            onclick: () => this.send({ type: "color", column: column.name }),
          },
          h("strong", {}, column.name),
        ),
        h("span", { class: "count" }, formatCount(column.count)),
        this.list.removeButton(column.name, _("the label {name}", { name: column.name }), () =>
          this.send({ type: "unlabel", column: column.name, level: null }),
        ),
      ),
      ...column.levels.map((level) => this.levelLine(column.name, level)),
    );
  }

  levelLine(column, { name, count, words }) {
    const key = `${column}\n${name}`;
    const button = h(
      "button",
      {
        class: "words",
        title: _("{words}\nClick selects these rows", { words }),
        onclick: () => this.send({ type: "pick_level", column, level: name }),
      },
      name,
    );
    return h(
      "div",
      { class: "label-level" },
      this.list.name(key, name, button, (newName) =>
        this.send({ type: "relabel", column, level: name, name: newName }),
      ),
      this.list.renameButton(key, name),
      h("span", { class: "count" }, formatCount(count)),
      this.list.removeButton(key, name, () => this.send({ type: "unlabel", column, level: name })),
    );
  }

  prepare() {
    this.column.value = this.column.value || this.columns.at(-1)?.name || "segment";
    this.level.value = "";
    this.offerLevels();
    this.level.focus();
  }

  offerLevels() {
    const column = this.columns.find(({ name }) => name === this.column.value.trim());
    this.levelNames.replaceChildren(
      ...(column ? column.levels.map(({ name }) => h("option", { value: name })) : []),
    );
  }
}
