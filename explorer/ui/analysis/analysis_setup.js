// The strip above a view of models: which columns are read. Every change is one message; what is
// refused comes back as it was.

import { findFirst, focusedIn, h, saveTitle } from "../dom.js";
import { repeatedLine } from "../repeated_line.js";

export class ReadSetup {
  // fields: [option, words, which offers, words for none (null: has to be named), title, what has
  // no meaning any more when it changes]
  constructor(page, fields) {
    this.page = page;
    this.fields = fields;
    this.gone = Object.fromEntries(fields.map(([option, , , , , gone]) => [option, gone || {}]));
    this.line = h("div", { class: "line" });
    this.node = h("div", { class: "setup" }, this.line);
  }

  choice(label, value, columns, none, title) {
    const known = columns.some(([name]) => name === value);
    const node = h(
      "select",
      {
        "aria-label": label,
        title: title || label,
        onchange: ({ target }) => {
          const option = target.dataset.option ?? "";
          this.page.send({ type: "set", ...this.gone[option], [option]: target.value || null });
        },
      },
      none === null && value ? "" : h("option", { value: "" }, none ?? "choose"),
      !known && value ? h("option", { value }, value) : "",
      ...columns.map(([name, words]) => h("option", { value: name }, words)),
    );
    node.value = value || "";
    return node;
  }

  // Several columns, each a chip that can be left out.
  several(option, words, columns, title) {
    const { asked, labels } = this.page.model.setup;
    const chosen = asked[option];
    const set = (names) => this.page.send({ type: "set", [option]: names });
    const chip = (name) =>
      h(
        "span",
        { class: "chip", title: labels[name] || name },
        h("span", {}, labels[name] || name),
        h(
          "button",
          {
            class: "x",
            title: "Leave out",
            "aria-label": `Leave out ${name}`,
            onclick: () => set(chosen.filter((one) => one !== name)),
          },
          "×",
        ),
      );
    const add = h(
      "select",
      {
        "aria-label": `Add a column: ${words}`,
        title,
        onchange: () => {
          if (add.value) set([...chosen, add.value]);
        },
      },
      h("option", { value: "" }, "+ column"),
      ...columns
        .filter(([name]) => !chosen.includes(name))
        .map(([name, label]) => h("option", { value: name }, label)),
    );
    return h(
      "span",
      { class: "several" },
      h("span", { title }, `${words} `),
      ...chosen.map(chip),
      add,
    );
  }

  show(more = []) {
    const { setup, offers } = this.page.model;
    if (!setup.asked || !offers.items) return;
    const focused = focusedIn(this.node);
    const kept = this.node.contains(focused) ? focused?.getAttribute("aria-label") : null;
    const field = ([option, words, way, none, title]) => {
      const node = this.choice(words, setup.asked[option], offers[way], none, title);
      node.dataset.option = option;
      return h("label", { title: title || "" }, `${words} `, node);
    };
    this.line.replaceChildren(...this.fields.map(field), ...more);
    if (kept) {
      findFirst(this.node, `[aria-label="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
    }
  }
}

// A figure with its interval, and how many rows it rests on.
export function figureTile(tile) {
  return h(
    "div",
    { class: `tile${tile.warning ? " weak" : ""}`, title: tile.title || "" },
    h("span", { class: "tile-name" }, tile.name),
    h("span", { class: "tile-value" }, tile.value),
    h("span", { class: "tile-ends" }, tile.interval ? `95 %: ${tile.interval}` : "no interval"),
    tile.note ? h("small", {}, tile.note) : "",
    tile.warning ? h("small", { class: "why" }, `! ${tile.warning}`) : "",
  );
}

// Notes, exports and the sentence for the methods section: the same line in each view.
export function resultLine(page, words) {
  const { result, setup } = page.model;
  const save = (form, title) =>
    h(
      "button",
      {
        class: "small",
        title: saveTitle(form, title),
        onclick: () => page.send({ type: "save", form }),
      },
      form,
    );
  return h(
    "div",
    {},
    repeatedLine((message) => page.send(message), result.repeated),
    h(
      "div",
      { class: "line told" },
      ...result.notes.map((note) => h("span", { class: "note" }, `· ${note}`)),
      h("span", { class: "fill" }),
      result.stale ? h("span", { class: "stale-words" }, "figures of before the change") : "",
      h(
        "span",
        {
          class: "note",
          role: "status",
          title: "The filters beside the table define which rows are read",
        },
        `${setup.population || ""} · ${words}`,
      ),
      save("csv", "All figures as CSV"),
      save("parquet", "All figures as Parquet"),
      save("json", "Everything as JSON"),
      h(
        "button",
        {
          class: "small",
          title: result.method,
          onclick: (event) => {
            navigator.clipboard?.writeText(result.method);
            event.target.textContent = "copied";
          },
        },
        "methods",
      ),
    ),
  );
}
