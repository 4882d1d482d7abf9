// One metric: what is measured of a unit. It is checked by the server; what is wrong with it is
// said here, and stays to be mended.

import { _ } from "../../core/gettext.js";
import { h } from "../../ui/dom.js";

const METRIC_KINDS = [
  ["mean", _("mean")],
  ["proportion", _("share of 0 and 1")],
  ["ratio", _("ratio of two sums")],
  ["quantile", _("quantile")],
];
const METRIC_GOALS = [
  ["", _("neither way")],
  ["increase", _("more is better")],
  ["decrease", _("less is better")],
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
      "aria-label": _("Metric"),
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
    this.kind = select(_("Kind of metric"), METRIC_KINDS, metric.kind || "mean");
    this.column = select(
      _("Column"),
      inTable || !metric.column ? columns : [[metric.column, metric.column], ...columns],
      metric.column,
    );
    this.denominator = select(_("Denominator"), columns, metric.denominator);
    this.quantile = h("input", {
      type: "number",
      class: "level",
      min: 0.001,
      max: 0.999,
      step: "any",
      value: metric.quantile ?? 0.5,
      "aria-label": _("Quantile"),
      oninput: () => this.arrange(),
    });
    this.goal = select(_("Goal"), METRIC_GOALS, metric.goal || "");
    this.primary = h("input", { type: "checkbox", checked: Boolean(metric.primary) });
    // only what is said to be from before may adjust; where the catalogue says nothing of it, that
    // is the reader's to say
    this.pre = select(
      _("Value before the assignment"),
      [
        ["", _("not adjusted")],
        ...(before.length ? before : columns).filter(([name]) => name !== metric.column),
      ],
      metric.pre || "",
    );
    this.aggregate = select(
      _("Value of a unit"),
      AGGREGATES.map((aggregate) => [
        aggregate,
        aggregate === "rows" ? _("each row alone") : aggregate,
      ]),
      metric.aggregate || "mean",
    );
    this.cap = h("input", {
      type: "number",
      class: "cap",
      step: "any",
      placeholder: _("none"),
      value: metric.cap ?? "",
      "aria-label": _("Cap"),
    });
    this.name = h("input", {
      type: "text",
      class: "name",
      value: metric.name || "",
      "aria-label": _("Name of the metric"),
    });
    this.fault = h("span", { class: "fault", role: "alert" });
    const field = (words, node, title) => h("label", { title: title || "" }, `${words} `, node);
    this.under = field("/", this.denominator);
    this.at = field(_("at"), this.quantile);
    this.adjusted = field(
      _("adjust for"),
      this.pre,
      before.length
        ? _("Columns that the catalogue says were measured before the assignment (CUPED)")
        : _(
            "Choose only what was measured before the assignment: the catalogue says it of no column",
          ),
    );
    const shut = h("button", { class: "small", onclick: () => this.close() }, _("cancel"));
    shut.setAttribute("type", "button");
    this.node.replaceChildren(
      this.kind,
      field(_("of"), this.column),
      this.under,
      this.at,
      this.goal,
      h("label", {}, this.primary, ` ${_("primary")}`),
      this.adjusted,
      this.page.model.setup.unit
        ? field(
            _("value of a unit"),
            this.aggregate,
            _("What a unit with several rows has as its value"),
          )
        : "",
      field(_("cap"), this.cap, _("Larger values of a unit count as this one")),
      field(_("name"), this.name),
      h("button", { class: "primary small-button" }, place === null ? _("Add") : _("Change")),
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
      mean: _("mean of {column}", { column }),
      proportion: _("share of {column}", { column }),
      ratio: _("{column} per {value}", { column, value: this.denominator.value }),
      quantile:
        percent === 50
          ? _("median of {column}", { column })
          : _("{percent} % of {column}", { percent, column }),
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
