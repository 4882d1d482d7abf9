// The strip above an experiment: how it is read. Every change is one message; what is refused comes
// back as it was.

import { _ } from "../../core/gettext.js";
import { h, keepFocus } from "../../ui/dom.js";
import { choiceField, columnChips } from "../../ui/forms/choices.js";
import { MetricForm } from "./metric.js";

const STATUSES = [
  ["final", _("final")],
  ["running", _("running")],
];

export class ExperimentSetup {
  /** @param {import("./page.js").ExperimentPage} page */
  constructor(page) {
    this.page = page;
    this.form = new MetricForm(page);
    this.first = h("div", { class: "line" });
    this.chips = h("span", { class: "part" });
    this.by = h("span", { class: "by" });
    // it stays where it is while the rest is drawn anew: a click in that moment would be lost with
    // its button
    const add = h("button", { class: "add", onclick: () => this.form.open(null) }, _("+ metric"));
    this.second = h(
      "div",
      { class: "line", hidden: true },
      h("span", { class: "head" }, _("metrics")),
      this.chips,
      add,
      this.by,
    );
    this.alone = h("div", { class: "line alone" });
    this.fields = h("div", { class: "fields" }, this.alone, this.first, this.second);
    this.node = h("div", { class: "setup" }, this.fields, this.form.node);
  }

  set(options) {
    this.page.send({ type: "set", ...options });
  }

  show() {
    const { setup, offers } = this.page.model;
    if (!offers.arms) return;
    keepFocus(this.fields, () => this.showFields(setup, offers));
  }

  showFields(setup, offers) {
    this.alone.hidden = !setup.opened_from;
    this.alone.replaceChildren(...this.back(setup));
    this.first.replaceChildren(...this.many(setup, offers), ...this.arms(setup, offers));
    this.second.hidden = false;
    this.chips.replaceChildren(...this.metrics(setup));
    this.by.replaceChildren(...(setup.experiments ? [] : this.segments(setup, offers)));
  }

  // A column that names experiments makes a grid of them.
  many(setup, offers) {
    if (!offers.experiments.length && !setup.experiments) return [];
    const change = (experiments) =>
      experiments && experiments === setup.opened_from?.column
        ? this.page.send({ type: "back" })
        : this.set({ experiments });
    return [
      h(
        "label",
        {
          title: _(
            "One experiment, or a grid of many: a column says to which experiment a row belongs",
          ),
        },
        `${_("experiments")} `,
        choiceField({
          label: _("Column of the experiments"),
          value: setup.experiments,
          options: offers.experiments,
          none: _("one"),
          change,
        }),
      ),
    ];
  }

  // The way back from one experiment of a grid.
  back(setup) {
    if (!setup.opened_from) return [];
    const column = setup.labels[setup.opened_from.column] || setup.opened_from.column;
    return [
      h(
        "button",
        { class: "small", onclick: () => this.page.send({ type: "back" }) },
        _("← back to the grid"),
      ),
      setup.alone ? h("b", {}, `${column}: ${setup.alone}`) : "",
      h(
        "span",
        { class: "note" },
        setup.alone
          ? _(
              "Shown alone: p-values are adjusted within this experiment. The grid adjusts over all experiments",
            )
          : _("The filter for one experiment was removed: all rows count as one experiment"),
      ),
    ];
  }

  arms(setup, offers) {
    const labels = setup.arms.map(([label]) => [label, label]);
    const level = (place, text) =>
      h("input", {
        type: "number",
        class: "level",
        min: 0.00001,
        max: 0.5,
        step: "any",
        value: setup.alpha[place],
        "aria-label": text,
        title: text,
        onchange: (event) =>
          this.set({
            alpha: setup.alpha.map((alpha, i) =>
              i === place ? Number(event.target.value) : alpha,
            ),
          }),
      });
    return [
      h(
        "label",
        {},
        `${_("arms")} `,
        choiceField({
          label: _("Column of the arms"),
          value: setup.variant,
          options: offers.arms,
          none: setup.variant ? null : _("choose a column"),
          change: (variant) => this.set({ variant }),
        }),
      ),
      h(
        "label",
        {},
        `${_("control")} `,
        choiceField({
          label: _("Control"),
          value: setup.control,
          options: labels,
          none: setup.control ? null : _("choose an arm"),
          change: (control) => this.set({ control }),
        }),
      ),
      ...this.shares(setup),
      h(
        "label",
        {},
        `${_("unit")} `,
        choiceField({
          label: _("Unit of assignment"),
          value: setup.unit,
          options: offers.units,
          none: _("not named"),
          change: (unit) => this.set({ unit }),
        }),
      ),
      ...(setup.experiments
        ? []
        : [
            h(
              "label",
              {},
              `${_("time")} `,
              choiceField({
                label: _("Column of times"),
                value: setup.time,
                options: offers.times,
                none: _("none"),
                change: (time) => this.set({ time }),
              }),
            ),
          ]),
      choiceField({
        label: _("Status"),
        value: setup.status,
        options: STATUSES,
        none: null,
        change: (status) => this.set({ status }),
      }),
      setup.status === "running"
        ? h(
            "label",
            {
              title: _(
                "Planned number of units at the end: confidence sequences are narrowest there",
              ),
            },
            `${_("planned")} `,
            h("input", {
              type: "number",
              class: "planned",
              min: 1,
              step: 1,
              placeholder: "5000",
              value: setup.planned ?? "",
              "aria-label": _("Units planned"),
              onchange: (event) =>
                this.set({ planned: event.target.value ? Number(event.target.value) : null }),
            }),
          )
        : "",
      h(
        "label",
        {
          class: "levels",
          title: _("Levels of significance, of adjusted p-values: weaker and stronger colour"),
        },
        `${_("levels")} `,
        level(0, _("First level of significance")),
        level(1, _("Second level of significance")),
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
        "aria-label": _("Allocation"),
        title: _("Declared share of each arm: only against it can the sample ratio be checked"),
        disabled: arms.length < 2,
        onchange: (event) => this.set({ allocation: event.target.value === "none" ? null : equal }),
      },
      h("option", { value: "none" }, _("not declared")),
      h("option", { value: "declared" }, _("declared")),
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
          "aria-label": _("Share of {arm}", { arm }),
          onchange: (event) =>
            this.set({ allocation: { ...equal, ...declared, [arm]: Number(event.target.value) } }),
        }),
      );
    return [
      h("label", {}, `${_("allocation")} `, how),
      declared || arms.length < 2 ? "" : h("span", { class: "note" }, _("SRM not checked")),
      ...(declared ? arms.map(field) : []),
    ];
  }

  metrics(setup) {
    const chip = (metric, place) =>
      h(
        "span",
        { class: "chip" },
        h(
          "button",
          {
            title: _("{words}: edit", { words: metric.words }),
            onclick: () => this.form.open(place),
          },
          metric.primary ? h("b", {}, metric.name) : metric.name,
          metric.arrow ? ` ${metric.arrow}` : "",
          metric.primary
            ? h(
                "i",
                { title: _("primary metric: the decision rests on it, adjusted separately") },
                ` ${_("primary")}`,
              )
            : "",
        ),
        h(
          "button",
          {
            class: "x",
            title: _("Leave out"),
            "aria-label": _("Leave out metric {name}", { name: metric.name }),
            onclick: () => this.page.send({ type: "drop_metric", place }),
          },
          "×",
        ),
      );
    return setup.metrics.map(chip);
  }

  segments(setup, offers) {
    return [
      h("span", { class: "head" }, _("by")),
      ...columnChips({
        chosen: setup.by,
        labels: setup.labels,
        options: offers.segments.filter(([name]) => name !== setup.variant),
        addLabel: _("Add a column of segments"),
        leaveOutLabel: (name) => _("Leave out segments of {name}", { name }),
        change: (by) => this.set({ by }),
      }),
    ];
  }
}
