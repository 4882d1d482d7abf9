// The strip above an experiment: how it is read. Every change is one message; what is refused comes
// back as it was.

import { findFirst, focusedIn, h } from "../../ui/dom.js";
import { MetricForm } from "./metric.js";

const STATUSES = [
  ["final", "final"],
  ["running", "running"],
];

export class ExperimentSetup {
  constructor(page) {
    this.page = page;
    this.form = new MetricForm(page);
    this.first = h("div", { class: "line" });
    this.chips = h("span", { class: "part" });
    this.by = h("span", { class: "by" });
    // it stays where it is while the rest is drawn anew: a click in that moment would be lost with
    // its button
    const add = h("button", { class: "add", onclick: () => this.form.open(null) }, "+ metric");
    this.second = h(
      "div",
      { class: "line", hidden: true },
      h("span", { class: "head" }, "metrics"),
      this.chips,
      add,
      this.by,
    );
    this.alone = h("div", { class: "line alone" });
    this.node = h("div", { class: "setup" }, this.alone, this.first, this.second, this.form.node);
  }

  set(options) {
    this.page.send({ type: "set", ...options });
  }

  // A list of columns; the chosen one is in it even where it is not among those that are offered.
  choice(label, value, columns, none, change) {
    const known = columns.some(([name]) => name === value);
    const node = h(
      "select",
      {
        "aria-label": label,
        title: label,
        onchange: (event) => change(event.target.value || null),
      },
      none === null && value ? "" : h("option", { value: "" }, none ?? "choose"),
      !known && value ? h("option", { value }, value) : "",
      ...columns.map(([name, words]) => h("option", { value: name }, words)),
    );
    node.value = value || "";
    return node;
  }

  show() {
    const { setup, offers } = this.page.model;
    if (!offers.arms) return;
    const focused = focusedIn(this.node);
    const kept =
      this.node.contains(focused) && !this.form.node.contains(focused)
        ? focused?.getAttribute("aria-label")
        : null;
    this.alone.hidden = !setup.wall;
    this.alone.replaceChildren(...this.back(setup));
    this.first.replaceChildren(...this.many(setup, offers), ...this.arms(setup, offers));
    this.second.hidden = false;
    this.chips.replaceChildren(...this.metrics(setup));
    this.by.replaceChildren(...(setup.experiments ? [] : this.segments(setup, offers)));
    if (kept) {
      findFirst(this.node, `[aria-label="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
    }
  }

  // A column that names experiments makes a wall of them.
  many(setup, offers) {
    if (!offers.experiments.length && !setup.experiments) return [];
    const change = (experiments) =>
      experiments && experiments === setup.wall?.column
        ? this.page.send({ type: "back" })
        : this.set({ experiments });
    return [
      h(
        "label",
        {
          title: "One experiment, or a wall of many: a column says which of them a row belongs to",
        },
        "experiments ",
        this.choice(
          "Column of the experiments",
          setup.experiments,
          offers.experiments,
          "one",
          change,
        ),
      ),
    ];
  }

  // The way back from one experiment of a wall.
  back(setup) {
    if (!setup.wall) return [];
    const column = setup.labels[setup.wall.column] || setup.wall.column;
    return [
      h(
        "button",
        { class: "small", onclick: () => this.page.send({ type: "back" }) },
        "← back to the wall",
      ),
      setup.alone ? h("b", {}, `${column}: ${setup.alone}`) : "",
      h(
        "span",
        { class: "note" },
        setup.alone
          ? "read alone, corrected within this experiment; the wall corrects over all of its experiments"
          : "the filter that chose one experiment is gone: the rows are read as one experiment",
      ),
    ];
  }

  arms(setup, offers) {
    const labels = setup.arms.map(([label]) => [label, label]);
    const level = (place, words) =>
      h("input", {
        type: "number",
        class: "level",
        min: 0.00001,
        max: 0.5,
        step: "any",
        value: setup.alpha[place],
        "aria-label": words,
        title: words,
        onchange: (event) =>
          this.set({
            alpha: setup.alpha.map((one, i) => (i === place ? Number(event.target.value) : one)),
          }),
      });
    return [
      h(
        "label",
        {},
        "arms ",
        this.choice(
          "Column of the arms",
          setup.variant,
          offers.arms,
          setup.variant ? null : "choose a column",
          (variant) => this.set({ variant }),
        ),
      ),
      h(
        "label",
        {},
        "control ",
        this.choice(
          "Control",
          setup.control,
          labels,
          setup.control ? null : "choose an arm",
          (control) => this.set({ control }),
        ),
      ),
      ...this.shares(setup),
      h(
        "label",
        {},
        "unit ",
        this.choice("Unit of assignment", setup.unit, offers.units, "not named", (unit) =>
          this.set({ unit }),
        ),
      ),
      ...(setup.experiments
        ? []
        : [
            h(
              "label",
              {},
              "time ",
              this.choice("Column of times", setup.time, offers.times, "none", (time) =>
                this.set({ time }),
              ),
            ),
          ]),
      this.choice("Status", setup.status, STATUSES, null, (status) => this.set({ status })),
      setup.status === "running"
        ? h(
            "label",
            { title: "Units that it is to have in the end: its sequences are narrowest there" },
            "planned ",
            h("input", {
              type: "number",
              class: "planned",
              min: 1,
              step: 1,
              placeholder: "5000",
              value: setup.planned ?? "",
              "aria-label": "Units planned",
              onchange: (event) =>
                this.set({ planned: event.target.value ? Number(event.target.value) : null }),
            }),
          )
        : "",
      h(
        "label",
        {
          class: "levels",
          title: "Levels of significance, of adjusted p-values: weaker and stronger colour",
        },
        "levels ",
        level(0, "First level of significance"),
        level(1, "Second level of significance"),
      ),
    ];
  }

  // An allocation is declared or it is not; an equal split is never taken for granted.
  shares(setup) {
    const arms = setup.arms
      .map(([label]) => label)
      .sort((a, b) => Number(b === setup.control) - Number(a === setup.control));
    const declared = setup.allocation;
    const equal = Object.fromEntries(arms.map((arm) => [arm, 1]));
    const how = h(
      "select",
      {
        "aria-label": "Allocation",
        title: "Declared share of each arm: only against it can the sample ratio be checked",
        disabled: arms.length < 2,
        onchange: (event) => this.set({ allocation: event.target.value === "none" ? null : equal }),
      },
      h("option", { value: "none" }, "not declared"),
      h("option", { value: "declared" }, "declared"),
    );
    how.value = declared ? "declared" : "none";
    const field = (arm) =>
      h(
        "label",
        { class: "share" },
        `${arm} `,
        h("input", {
          type: "number",
          min: 0,
          step: "any",
          class: "level",
          value: declared[arm] ?? 0,
          "aria-label": `Share of ${arm}`,
          onchange: (event) =>
            this.set({ allocation: { ...equal, ...declared, [arm]: Number(event.target.value) } }),
        }),
      );
    return [
      h("label", {}, "allocation ", how),
      declared || arms.length < 2 ? "" : h("span", { class: "note" }, "SRM not checked"),
      ...(declared ? arms.map(field) : []),
    ];
  }

  metrics(setup) {
    const chip = (one, place) =>
      h(
        "span",
        { class: "chip" },
        h(
          "button",
          {
            title: `${one.words}: edit`,
            "aria-label": `Edit metric ${one.name}`,
            onclick: () => this.form.open(place),
          },
          one.primary ? h("b", {}, one.name) : one.name,
          one.arrow ? ` ${one.arrow}` : "",
          one.primary ? h("i", { title: "primary: decided by, corrected apart" }, " primary") : "",
        ),
        h(
          "button",
          {
            class: "x",
            title: "Leave out",
            "aria-label": `Leave out metric ${one.name}`,
            onclick: () => this.page.send({ type: "drop_metric", place }),
          },
          "×",
        ),
      );
    return setup.metrics.map(chip);
  }

  segments(setup, offers) {
    const left = offers.segments.filter(
      ([name]) => !setup.by.includes(name) && name !== setup.variant,
    );
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
            "aria-label": `Leave out segments of ${name}`,
            onclick: () => this.set({ by: setup.by.filter((one) => one !== name) }),
          },
          "×",
        ),
      );
    return [
      h("span", { class: "head" }, "by"),
      ...setup.by.map(chip),
      this.choice("Add a column of segments", "", left, "+ column", (name) => {
        if (name) this.set({ by: [...setup.by, name] });
      }),
    ];
  }
}
