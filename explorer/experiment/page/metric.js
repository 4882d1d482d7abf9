// One metric: what is measured of a unit. It is checked by the server; what is wrong with it is
// said here, and stays to be mended.

import { h } from "../../ui/dom.js";

const METRIC_KINDS = [
  ["mean", "mean"],
  ["proportion", "share of 0 and 1"],
  ["ratio", "ratio of two sums"],
  ["quantile", "quantile"],
];
const METRIC_GOALS = [
  ["", "neither way"],
  ["increase", "more is better"],
  ["decrease", "less is better"],
];
const AGGREGATES = ["mean", "sum", "min", "max", "count", "rows"];

export class MetricForm {
  /** @type {HTMLSelectElement} */
  kind;
  /** @type {HTMLSelectElement} */
  column;
  /** @type {HTMLSelectElement} */
  denominator;
  /** @type {HTMLSelectElement} */
  aggregate;
  /** @type {HTMLSelectElement} */
  goal;
  /** @type {HTMLSelectElement} */
  pre;
  /** @type {HTMLInputElement} */
  quantile;
  /** @type {HTMLInputElement} */
  primary;
  /** @type {HTMLInputElement} */
  cap;
  /** @type {HTMLInputElement} */
  name;
  /** @type {HTMLSpanElement} */
  fault;
  /** @type {HTMLElement} */
  under;
  /** @type {HTMLElement} */
  at;
  /** @type {HTMLElement} */
  adjusted;

  /** @param {import("./page.js").ExperimentPage} page */
  constructor(page) {
    this.page = page;
    this.place = null;
    this.node = h("form", {
      class: "metric",
      hidden: true,
      "aria-label": "Metric",
      onsubmit: (event) => {
        event.preventDefault();
        this.take();
      },
      onkeydown: (event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          this.close();
        }
      },
    });
    page.model.on("answer", () => {
      if (page.model.answer.turn === undefined || this.node.hidden) return;
      if (page.model.answer.words) this.fault.textContent = page.model.answer.words;
      else this.close();
    });
  }

  open(place) {
    this.place = place;
    const metric = place === null ? {} : this.page.model.setup.metrics[place];
    const { measured } = this.page.model.offers;
    const columns = measured.map(([name, label]) => [name, label]);
    const before = measured
      .filter(([, , , assignment]) => assignment === "before")
      .map(([name, label]) => [name, label]);
    const select = (label, options, value) => {
      const node = h(
        "select",
        { "aria-label": label, onchange: () => this.arrange() },
        ...options.map(([option, text]) => h("option", { value: option }, text)),
      );
      node.value = value ?? options[0]?.[0] ?? "";
      return node;
    };
    const inTable = columns.some(([name]) => name === metric.column);
    this.kind = select("Kind of metric", METRIC_KINDS, metric.kind || "mean");
    this.column = select(
      "Column",
      inTable || !metric.column ? columns : [[metric.column, metric.column], ...columns],
      metric.column,
    );
    this.denominator = select("Denominator", columns, metric.denominator);
    this.quantile = h("input", {
      type: "number",
      class: "level",
      min: 0.001,
      max: 0.999,
      step: "any",
      value: metric.quantile ?? 0.5,
      "aria-label": "Quantile",
      oninput: () => this.arrange(),
    });
    this.goal = select("Goal", METRIC_GOALS, metric.goal || "");
    this.primary = h("input", { type: "checkbox", checked: Boolean(metric.primary) });
    // only what is said to be from before may adjust; where the catalogue says nothing of it, that
    // is the reader's to say
    this.pre = select(
      "Value from before",
      [
        ["", "not adjusted"],
        ...(before.length ? before : columns).filter(([name]) => name !== metric.column),
      ],
      metric.pre || "",
    );
    this.aggregate = select(
      "Value of a unit",
      AGGREGATES.map((aggregate) => [
        aggregate,
        aggregate === "rows" ? "rows, each by itself" : aggregate,
      ]),
      metric.aggregate || "mean",
    );
    this.cap = h("input", {
      type: "number",
      class: "cap",
      step: "any",
      placeholder: "none",
      value: metric.cap ?? "",
      "aria-label": "Cap",
    });
    this.name = h("input", {
      type: "text",
      class: "name",
      value: metric.name || "",
      "aria-label": "Name of the metric",
    });
    this.fault = h("span", { class: "fault", role: "alert" });
    const field = (words, node, title) => h("label", { title: title || "" }, `${words} `, node);
    this.under = field("/", this.denominator);
    this.at = field("at", this.quantile);
    this.adjusted = field(
      "adjust for",
      this.pre,
      before.length
        ? "Columns that the catalogue says were measured before the assignment (CUPED)"
        : "Choose only what was measured before the assignment: the catalogue says it of no column",
    );
    const shut = h("button", { class: "small", onclick: () => this.close() }, "cancel");
    shut.setAttribute("type", "button");
    this.node.replaceChildren(
      this.kind,
      field("of", this.column),
      this.under,
      this.at,
      this.goal,
      h("label", {}, this.primary, " primary"),
      this.adjusted,
      this.page.model.setup.unit
        ? field("unit's", this.aggregate, "What a unit with several rows has as its value")
        : "",
      field("cap", this.cap, "Larger values of a unit count as this one"),
      field("name", this.name),
      h("button", { class: "primary small-button" }, place === null ? "Add" : "Change"),
      shut,
      this.fault,
    );
    this.node.hidden = false;
    this.arrange();
    this.kind.focus();
  }

  arrange() {
    const kind = this.kind.value;
    this.under.hidden = kind !== "ratio";
    this.at.hidden = kind !== "quantile";
    this.adjusted.hidden = kind === "quantile";
    // only a quantile can be that of all rows
    /** @type {HTMLElement} */ (this.aggregate.lastElementChild).hidden = kind !== "quantile";
    if (kind !== "quantile" && this.aggregate.value === "rows") this.aggregate.value = "mean";
    const column = this.column.value;
    const percent = Number((100 * Number(this.quantile.value)).toPrecision(6));
    this.name.placeholder = {
      mean: `mean of ${column}`,
      proportion: `share of ${column}`,
      ratio: `${column} per ${this.denominator.value}`,
      quantile: percent === 50 ? `median of ${column}` : `${percent} % of ${column}`,
    }[kind];
  }

  take() {
    const kind = this.kind.value;
    this.fault.textContent = "";
    this.page.send({
      type: "metric",
      place: this.place,
      metric: {
        name: this.name.value.trim() || null,
        kind,
        column: this.column.value,
        denominator: kind === "ratio" ? this.denominator.value : null,
        quantile: kind === "quantile" ? Number(this.quantile.value) : null,
        goal: this.goal.value || null,
        primary: this.primary.checked,
        pre: kind === "quantile" ? null : this.pre.value || null,
        aggregate: this.aggregate.value,
        cap: this.cap.value === "" ? null : Number(this.cap.value),
      },
    });
  }

  close() {
    this.node.hidden = true;
    this.node.replaceChildren();
  }
}
