// The strip above a comparison of models: what is compared. Every change is one message.

import { findFirst, focusedIn, h } from "../../ui/dom.js";

const MODEL_KINDS = [
  ["binary", "two classes"],
  ["multiclass", "several classes"],
  ["regression", "numbers"],
];

export class PerformanceSetup {
  constructor(page) {
    this.page = page;
    this.first = h("div", { class: "line" });
    this.second = h("div", { class: "line" });
    this.node = h("div", { class: "setup" }, this.first, this.second);
  }

  set(options) {
    this.page.send({ type: "set", ...options });
  }

  choice(label, value, columns, none, change) {
    const known = columns.some(([name]) => name === value);
    const node = h(
      "select",
      {
        "aria-label": label,
        title: label,
        onchange: (event) => change(event.target.value || null),
      },
      none === null ? "" : h("option", { value: "" }, none),
      !known && value ? h("option", { value }, value) : "",
      ...columns.map(([name, words]) => h("option", { value: name }, words)),
    );
    node.value = value || "";
    return node;
  }

  show() {
    const { setup, offers } = this.page.model;
    if (!offers.values) return;
    const focused = focusedIn(this.node);
    const kept = this.node.contains(focused) ? focused?.getAttribute("aria-label") : null;
    this.first.replaceChildren(...this.read(setup, offers));
    this.second.replaceChildren(...this.models(setup, offers), ...this.sliced(setup, offers));
    if (kept) {
      findFirst(this.node, `[aria-label="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
    }
  }

  read(setup, offers) {
    const levels = setup.levels.map((one) => [one, one]);
    return [
      h(
        "label",
        {},
        "truth ",
        this.choice(
          "Column of what happened",
          setup.truth,
          offers.values,
          setup.truth ? null : "choose a column",
          (truth) => this.set({ truth, positive: null }),
        ),
      ),
      h(
        "label",
        {},
        "read as ",
        this.choice("Kind of truth", setup.kind, MODEL_KINDS, null, (kind) =>
          this.set({ kind, positive: null, look: null }),
        ),
      ),
      setup.kind === "binary" && levels.length
        ? h(
            "label",
            { title: "The level that counts as 1" },
            "1 is ",
            this.choice(
              "Level that counts as 1",
              setup.positive,
              levels,
              setup.positive ? null : "choose a level",
              (positive) => this.set({ positive }),
            ),
          )
        : "",
      setup.kind === "binary"
        ? h(
            "label",
            { title: "From this probability on a row is called 1" },
            "called from ",
            h("input", {
              type: "number",
              class: "level",
              min: 0,
              max: 1,
              step: "any",
              value: setup.threshold,
              "aria-label": "Threshold of calls",
              onchange: (event) => this.set({ threshold: Number(event.target.value) }),
            }),
          )
        : "",
      h(
        "label",
        {
          title:
            "What rows belong to: a member, a patient; intervals and tests are then between units",
        },
        "unit ",
        this.choice("Unit", setup.unit, offers.units, "not named: a row", (unit) =>
          this.set({ unit }),
        ),
      ),
      h("span", { class: "fill" }),
      h("span", { class: "note" }, setup.population),
    ];
  }

  models(setup, offers) {
    const chip = ([name, column]) =>
      h(
        "span",
        { class: "chip", title: `${name}: column ${column}` },
        name === column
          ? h("span", {}, name)
          : h("span", {}, h("b", {}, name), ` ${setup.labels[column] || column}`),
        h(
          "button",
          {
            class: "x",
            "aria-label": `Leave out model ${name}`,
            title: "Leave out",
            onclick: () => this.page.send({ type: "drop", name }),
          },
          "×",
        ),
      );
    const own = Object.values(setup.predictions);
    const left = offers.values.filter(([name]) => !own.includes(name) && name !== setup.truth);
    return [
      h("span", { class: "head" }, "models"),
      ...Object.entries(setup.predictions).map(chip),
      this.choice("Add a column of predictions", "", left, "+ column", (column) => {
        if (column) this.page.send({ type: "predict", name: column, column });
      }),
      own.length
        ? ""
        : h(
            "button",
            {
              class: "small",
              title:
                "Take columns that look like predictions by their names and values, and what looks like their truth",
              onclick: () => this.page.send({ type: "suggest" }),
            },
            "suggest",
          ),
    ];
  }

  sliced(setup, offers) {
    const left = offers.slices.filter(([name]) => !setup.by.includes(name) && name !== setup.truth);
    const chip = (name) =>
      h(
        "span",
        { class: "chip", title: setup.labels[name] || name },
        h("span", {}, setup.labels[name] || name),
        h(
          "button",
          {
            class: "x",
            title: "Leave out",
            "aria-label": `Leave out slices of ${name}`,
            onclick: () => this.set({ by: setup.by.filter((one) => one !== name) }),
          },
          "×",
        ),
      );
    return [
      h("span", { class: "head apart" }, "by"),
      ...setup.by.map(chip),
      this.choice("Add a column of slices", "", left, "+ column", (name) => {
        if (name) this.set({ by: [...setup.by, name] });
      }),
    ];
  }
}
