// Curves, calibration, confusion and residuals, one at a time; each with its words and its numbers.

import { _ } from "../../core/gettext.js";
import { isolated } from "../../core/text_direction.js";
import { h } from "../../ui/dom.js";
import { switchButtons } from "../../ui/forms/choices.js";
import { formatCount, formatNumber } from "../../ui/number_format.js";
import { modelMark } from "./table.js";

const MODEL_PLOTS = {
  roc: _("ROC"),
  precision_recall: _("precision–recall"),
  gain: _("gain"),
  reliability: _("reliability"),
  confusion: _("confusion"),
  residuals: _("residuals"),
};
const OF_ONE = ["reliability", "confusion", "residuals"];

export class PerformancePlots {
  /** @param {import("./page.js").PerformancePage} page */
  constructor(page) {
    this.page = page;
    this.tabs = h("span", { class: "switch", role: "group", "aria-label": _("Plot") });
    this.chosen = h("select", {
      "aria-label": _("Model looked at"),
      onchange: (event) => page.send({ type: "model", name: event.target.value }),
    });
    this.legend = h("div", { class: "legend" });
    this.pane = h("div", { class: "pane" }, page.model.get_child("curves"));
    this.axes = h("p", { class: "axes" });
    this.other = h("div", { class: "other" });
    this.words = h("p", { class: "note" });
    this.numbers = h(
      "button",
      { class: "small", onclick: () => page.send({ type: "save_plot" }) },
      _("numbers"),
    );
    this.node = h(
      "section",
      { class: "plots", "aria-label": _("Plots") },
      h(
        "div",
        { class: "line" },
        this.tabs,
        this.chosen,
        h("span", { class: "fill" }),
        this.numbers,
      ),
      this.legend,
      this.pane,
      this.axes,
      this.other,
      this.words,
    );
  }

  show() {
    const { detail, result } = this.page.model;
    this.node.hidden = !detail.plot;
    if (!detail.plot) return;
    this.tabs.replaceChildren(
      ...switchButtons(
        detail.plots.map((name) => [name, MODEL_PLOTS[name]]),
        detail.plot,
        (name) => this.page.send({ type: "plot", name }),
      ),
    );
    this.chosen.replaceChildren(
      ...detail.models.map((name) =>
        h("option", { value: name, selected: name === detail.model }, name),
      ),
    );
    this.chosen.hidden = !OF_ONE.includes(detail.plot) || detail.models.length < 2;
    const curve = Boolean(detail.across);
    this.pane.hidden = this.axes.hidden = !curve || detail.empty;
    this.legend.hidden = !curve;
    this.legend.replaceChildren(
      ...(detail.drawn || []).map((name) => {
        const i = result.models.indexOf(name);
        return h("span", { class: "model" }, modelMark(result.colours[i], result.dashes[i]), name);
      }),
    );
    this.axes.textContent = curve ? `→ ${detail.across}   ↑ ${detail.upwards}` : "";
    this.words.textContent = detail.words || "";
    this.other.hidden = curve;
    this.other.replaceChildren(
      ...(detail.confusion
        ? this.confusion(detail.confusion)
        : (detail.pictures || []).map((picture) => this.density(picture))),
    );
  }

  confusion(matrix) {
    const binary = this.page.model.result.kind === "binary";
    const [low, high] = matrix.span;
    const output = h("output", {}, formatNumber(matrix.threshold));
    const slider = h("input", {
      type: "range",
      min: low,
      max: high,
      step: (high - low) / 200 || 1,
      value: matrix.threshold,
      "aria-label": _("Threshold"),
      oninput: (event) => {
        output.textContent = formatNumber(Number(event.target.value));
      },
      onchange: (event) => this.page.send({ type: "threshold", value: Number(event.target.value) }),
    });
    const shade = (share) =>
      `background: color-mix(in srgb, var(--accent-2) ${Math.round(60 * share)}%, transparent)`;
    const line = (level, i) =>
      h(
        "tr",
        {},
        h("th", {}, level),
        ...matrix.counts[i].map((n, j) =>
          h(
            "td",
            {
              style: shade(matrix.shares[i][j]),
              title: _("{level} predicted as {levels}", { level, levels: matrix.levels[j] }),
            },
            h("b", {}, formatCount(n)),
            h("span", { class: "note" }, ` ${(100 * matrix.shares[i][j]).toFixed(1)} %`),
          ),
        ),
      );
    return [
      binary
        ? h("label", { class: "slider" }, `${_("predicted positive at ≥")} `, slider, output)
        : "",
      h(
        "table",
        { class: "confusion" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", {}, _("true ↓ predicted →")),
            ...matrix.levels.map((level) => h("th", {}, level)),
          ),
        ),
        h("tbody", {}, ...matrix.levels.map(line)),
      ),
      h(
        "p",
        {},
        ...matrix.figures.map(([name, value]) =>
          h("span", { class: "figure" }, h("span", { class: "note" }, `${name} `), value),
        ),
      ),
      h("p", { class: "note" }, matrix.words),
    ];
  }

  density(picture) {
    const mark = (axis, side) =>
      axis.ticks.map(([at, text]) => h("span", { style: `${side}:${100 * at}%` }, text));
    const unit = (axis) => (axis.unit ? `${isolated(axis.label)}, ${axis.unit}` : axis.label);
    return h(
      "figure",
      { class: "density" },
      h("div", { class: "vertical" }, ...mark(picture.y, "bottom")),
      h(
        "div",
        { class: "stage" },
        h("img", {
          src: picture.src,
          alt: _("{y} against {x}: {words}", {
            y: unit(picture.y),
            x: unit(picture.x),
            words: picture.words,
          }),
        }),
        h("i", { class: picture.diagonal ? "diagonal" : "level" }),
      ),
      h(
        "div",
        { class: "horizontal" },
        ...mark(picture.x, "left"),
        h("em", {}, `→ ${unit(picture.x)}   ↑ ${unit(picture.y)}`),
      ),
      h(
        "figcaption",
        { class: "note" },
        `${picture.words}; ${picture.diagonal ? _("on the line, predicted and actual value agree") : _("on the line, the residual is 0")}`,
      ),
    );
  }
}
