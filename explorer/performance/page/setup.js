// The strip above a comparison of models: what is compared. Every change is one message.

import { _ } from "../../core/gettext.js";
import { h, keepFocus } from "../../ui/dom.js";
import { chip, choiceField, columnChips } from "../../ui/forms/choices.js";

const MODEL_KINDS = [
  ["binary", _("two classes")],
  ["multiclass", _("several classes")],
  ["regression", _("numbers")],
];

export class PerformanceSetup {
  /** @param {import("./page.js").PerformancePage} page */
  constructor(page) {
    this.page = page;
    this.first = h("div", { class: "line" });
    this.second = h("div", { class: "line" });
    this.node = h("div", { class: "setup" }, this.first, this.second);
  }

  set(options) {
    this.page.send({ type: "set", ...options });
  }

  show() {
    const { setup, offers } = this.page.model;
    if (!offers.values) return;
    keepFocus(this.node, () => {
      this.first.replaceChildren(...this.read(setup, offers));
      this.second.replaceChildren(...this.models(setup, offers), ...this.sliced(setup, offers));
    });
  }

  read(setup, offers) {
    const levels = setup.levels.map((level) => [level, level]);
    return [
      h(
        "label",
        {},
        `${_("truth")} `,
        choiceField({
          label: _("Column of what happened"),
          value: setup.truth,
          options: offers.values,
          none: setup.truth ? null : _("choose a column"),
          change: (truth) => this.set({ truth, positive: null }),
        }),
      ),
      h(
        "label",
        {},
        `${_("read as")} `,
        choiceField({
          label: _("Kind of truth"),
          value: setup.kind,
          options: MODEL_KINDS,
          none: null,
          change: (kind) => this.set({ kind, positive: null, look: null }),
        }),
      ),
      setup.kind === "binary" && levels.length
        ? h(
            "label",
            { title: _("The level that counts as 1") },
            `${_("1 is")} `,
            choiceField({
              label: _("Level that counts as 1"),
              value: setup.positive,
              options: levels,
              none: setup.positive ? null : _("choose a level"),
              change: (positive) => this.set({ positive }),
            }),
          )
        : "",
      setup.kind === "binary"
        ? h(
            "label",
            { title: _("Rows with at least this probability are predicted positive") },
            `${_("predicted positive at ≥")} `,
            h("input", {
              type: "number",
              class: "level",
              min: 0,
              max: 1,
              step: "any",
              value: setup.threshold,
              "aria-label": _("Threshold of predictions"),
              onchange: (event) => this.set({ threshold: Number(event.target.value) }),
            }),
          )
        : "",
      h(
        "label",
        {
          title: _(
            "What rows belong to, such as a member or patient; intervals and tests are then between units",
          ),
        },
        `${_("unit")} `,
        choiceField({
          label: _("Unit"),
          value: setup.unit,
          options: offers.units,
          none: _("not named: a row"),
          change: (unit) => this.set({ unit }),
        }),
      ),
      h("span", { class: "fill" }),
      h("span", { class: "note" }, setup.population),
    ];
  }

  models(setup, offers) {
    const model = ([name, column]) =>
      chip(
        name === column
          ? h("span", {}, name)
          : h("span", {}, h("b", {}, name), ` ${setup.labels[column] || column}`),
        _("{name}: column {column}", { name, column }),
        _("Leave out model {name}", { name }),
        () => this.page.send({ type: "drop", name }),
      );
    const own = Object.values(setup.predictions);
    const available = offers.values.filter(([name]) => !own.includes(name) && name !== setup.truth);
    return [
      h("span", { class: "head" }, _("models")),
      ...Object.entries(setup.predictions).map(model),
      choiceField({
        label: _("Add a column of predictions"),
        value: "",
        options: available,
        none: _("+ column"),
        change: (column) => {
          if (column) this.page.send({ type: "predict", name: column, column });
        },
      }),
      own.length
        ? ""
        : h(
            "button",
            {
              class: "small",
              title: _(
                "Choose columns that look like predictions by names and values, and a column that looks like the truth",
              ),
              onclick: () => this.page.send({ type: "suggest" }),
            },
            _("suggest"),
          ),
    ];
  }

  sliced(setup, offers) {
    return [
      h("span", { class: "head apart" }, _("by")),
      ...columnChips({
        chosen: setup.by,
        labels: setup.labels,
        options: offers.slices.filter(([name]) => name !== setup.truth),
        addLabel: _("Add a column of slices"),
        leaveOutLabel: (name) => _("Leave out slices of {name}", { name }),
        change: (by) => this.set({ by }),
      }),
    ];
  }
}
