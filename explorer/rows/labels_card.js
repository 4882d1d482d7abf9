// The row labels below the selection: a form that names it, and the label columns with their
// levels.

import { findFirst, h, saveTitle } from "../ui/dom.js";
import { formatCount } from "../ui/number_format.js";
import { renameField } from "../ui/forms/rename_field.js";

export const NAME_KEY = "explorer-reviewer"; // who one is, asked once in this browser

export class RowLabels {
  constructor(send) {
    this.send = send;
    this.open = false;
    this.turn = 0;
    this.told = {};
    this.asked = ""; // what waits for a second click
    this.editing = ""; // the level whose name is being written
    const field = (name, placeholder, list) =>
      h("input", {
        type: "text",
        "aria-label": name,
        placeholder,
        list,
        maxLength: 120,
        autocomplete: "off",
        onkeydown: (event) => {
          if (event.key === "Enter") this.label();
          else if (event.key === "Escape") {
            event.stopPropagation();
            this.toggle(false);
          }
        },
      });
    this.columns = h("datalist", { id: "label-columns" });
    this.levels = h("datalist", { id: "label-levels" });
    this.column = field("Label column", "column, say segment", "label-columns");
    this.column.addEventListener("input", () => this.offerLevels());
    this.level = field("Level", "level, say strange cluster", "label-levels");
    this.author = field("Your name", "your name, asked once");
    this.author.value = localStorage.getItem(NAME_KEY) || "";
    this.submit = h("button", { class: "primary", onclick: () => this.label() }, "Label");
    this.fault = h("div", { class: "fault", role: "alert" });
    this.form = h(
      "div",
      { class: "naming", role: "group", "aria-label": "Label the selected rows" },
      this.column,
      this.level,
      this.author,
      this.columns,
      this.levels,
      this.fault,
      h(
        "div",
        { class: "actions" },
        this.submit,
        h("button", { onclick: () => this.toggle(false) }, "Cancel"),
      ),
    );
    this.form.hidden = true;
    this.list = h("section", { class: "labels" });
  }

  show(labels, selection) {
    this.told = labels || {};
    this.selection = selection;
    if (this.told.turn > this.turn) {
      this.turn = this.told.turn;
      this.fault.textContent = this.told.error;
      if (!this.told.error) this.toggle(false);
    }
    if (!selection) this.toggle(false);
    this.submit.textContent = selection ? `Label ${formatCount(selection.count)} rows` : "Label";
    this.submit.disabled = !selection || !selection.count;
    this.draw();
  }

  // News of others must neither take away what one is writing nor answer a question for one: what
  // is replaced loses the focus unasked.
  draw() {
    this.drawing = true;
    const before = this.editing && this.list.querySelector("input");
    const written = before
      ? { value: before.value, from: before.selectionStart, to: before.selectionEnd }
      : null;
    const columns = this.told.columns || [];
    this.columns.replaceChildren(...columns.map(({ name }) => h("option", { value: name })));
    this.offerLevels();
    const fault =
      this.open || !this.told.error
        ? ""
        : h("div", { class: "fault", role: "alert" }, this.told.error);
    this.list.replaceChildren(
      ...(columns.length
        ? [
            h("h3", {}, "Labels"),
            fault,
            ...columns.map((column) => this.entry(column)),
            h(
              "div",
              { class: "actions" },
              h(
                "button",
                {
                  title: saveTitle("csv", "Save the labelled rows: row number and labels"),
                  onclick: () => this.send({ type: "export_labels", form: "csv" }),
                },
                "Save CSV",
              ),
              h(
                "button",
                {
                  title: "Save the labelled rows: row number and labels",
                  onclick: () => this.send({ type: "export_labels", form: "parquet" }),
                },
                "Parquet",
              ),
            ),
          ]
        : []),
      ...(this.told.trouble || []).map((text) => h("p", { class: "note" }, text)),
    );
    this.drawing = false;
    const field = this.editing && this.list.querySelector("input");
    (field || findFirst(this.list, ".sure"))?.focus({ preventScroll: true });
    if (field && written) {
      field.value = written.value;
      field.setSelectionRange(written.from, written.to);
    }
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
            title: "Colour the map by this label",
            onclick: () => this.send({ type: "color", column: column.name }),
          },
          h("strong", {}, column.name),
        ),
        h("span", { class: "count" }, formatCount(column.count)),
        this.remove(column.name, null, `the label ${column.name}`),
      ),
      ...column.levels.map((level) => this.levelLine(column, level)),
    );
  }

  levelLine(column, level) {
    const key = `${column.name}\n${level.name}`;
    const name =
      this.editing === key
        ? renameField(this, key, level.name, (given) =>
            this.send({ type: "relabel", column: column.name, level: level.name, name: given }),
          )
        : h(
            "button",
            {
              class: "words",
              title: `${level.words}\nClick selects these rows`,
              onclick: () =>
                this.send({ type: "pick_level", column: column.name, level: level.name }),
            },
            level.name,
          );
    return h(
      "div",
      { class: "label-level" },
      name,
      h(
        "button",
        {
          class: "small",
          title: `Rename ${level.name}`,
          onclick: () => {
            this.editing = key;
            this.draw();
          },
        },
        "rename",
      ),
      h("span", { class: "count" }, formatCount(level.count)),
      this.remove(column.name, level.name, level.name),
    );
  }

  // What cannot be undone asks for a second click.
  remove(column, level, what) {
    const key = `${column}\n${level === null ? "" : `=${level}`}`;
    if (this.asked !== key) {
      return h(
        "button",
        {
          class: "take",
          title: `Remove ${what}`,
          "aria-label": `Remove ${what}`,
          onclick: () => {
            this.asked = key;
            this.draw();
          },
        },
        "×",
      );
    }
    return h(
      "button",
      {
        class: "small sure",
        title: `Remove ${what} for everybody; this cannot be undone`,
        onblur: () => {
          if (this.drawing) return;
          this.asked = "";
          setTimeout(() => this.draw(), 200);
        },
        onclick: () => {
          this.asked = "";
          this.send({ type: "unlabel", column, level });
        },
      },
      "remove?",
    );
  }

  toggle(open) {
    this.open = open;
    this.form.hidden = !open;
    if (!open) return;
    this.fault.textContent = "";
    const known = this.told.columns || [];
    this.column.value =
      this.column.value || (known.length ? known[known.length - 1].name : "segment");
    this.level.value = "";
    this.author.hidden = Boolean(this.told.author || localStorage.getItem(NAME_KEY));
    this.offerLevels();
    this.level.focus();
  }

  offerLevels() {
    const column = (this.told.columns || []).find(({ name }) => name === this.column.value.trim());
    this.levels.replaceChildren(
      ...(column ? column.levels.map(({ name }) => h("option", { value: name })) : []),
    );
  }

  label() {
    const [column, level, author] = [
      this.column.value.trim(),
      this.level.value.trim(),
      this.author.value.trim(),
    ];
    const empty = !column
      ? this.column
      : !level
        ? this.level
        : !author && !this.author.hidden
          ? this.author
          : null;
    if (empty) {
      empty.focus();
      this.fault.textContent =
        empty === this.author
          ? "Say who you are: others at this table see it."
          : "Name the column and the level.";
      return;
    }
    if (author) localStorage.setItem(NAME_KEY, author);
    this.fault.textContent = "";
    this.send({ type: "label", column, level, author });
  }
}
