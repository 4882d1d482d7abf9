// What is looked at: its figures, what it would take to know more, and its plots, each with a way
// to its numbers.

import { _ } from "../../core/gettext.js";
import { h } from "../../ui/dom.js";
import { switchButtons } from "../../ui/forms/choices.js";
import { plotSection } from "../../ui/plots/plot_section.js";
import { verdictCell } from "./table.js";

/** @type {[string, string][]} */
const PLOT_VIEWS = [
  ["forest", _("segments")],
  ["values", _("values")],
  ["time", _("over time")],
];
const PLOT_TITLES = {
  forest: _("Effect by segment"),
  values: _("Distribution of values"),
  curve: _("Difference of the quantiles"),
  time: _("Effect over time"),
};
const PLOT_CHILDREN = { forest: ["forest"], values: ["values", "curve"], time: ["time"] };
const CHILD_NAMES = { forest: "forest", values: "values", curve: "curve", time: "over_time" };

export class LookDetail {
  /** @param {import("./page.js").ExperimentPage} page */
  constructor(page) {
    this.page = page;
    this.figures = h("div", { class: "figures" });
    // these stay the same ones: a click on a button that is replaced between press and release
    // would be lost
    this.rows = h(
      "div",
      { class: "line rows", hidden: true },
      h(
        "button",
        { class: "small", onclick: () => page.send({ type: "select" }) },
        _("select these rows"),
      ),
      h(
        "button",
        {
          class: "small",
          title: _("How these rows differ from the rest"),
          onclick: () => page.send({ type: "select", compare: true }),
        },
        _("compare with the rest"),
      ),
      h(
        "button",
        { class: "small", onclick: () => page.send({ type: "look", segment: null }) },
        _("back to all"),
      ),
    );
    this.switch = h("div", { class: "switch", role: "group", "aria-label": _("Plots") });
    this.effect = h("input", {
      type: "text",
      class: "effect",
      placeholder: "2 %",
      "aria-label": _("Effect to detect"),
      title: _("2 % of the control, 0.1 pp of a share, or a number in the metric's unit"),
      onchange: () => {
        if (this.effect.value.trim()) page.send({ type: "need", effect: this.effect.value });
      },
    });
    this.told = h("span", { class: "note" });
    this.need = h(
      "div",
      { class: "need" },
      h("label", {}, `${_("units needed for an effect of")} `, this.effect),
      this.told,
    );
    this.plots = {};
    for (const kind of Object.keys(CHILD_NAMES)) this.plots[kind] = this.plot(kind);
    this.node = h(
      "div",
      { class: "detail" },
      this.figures,
      this.rows,
      this.need,
      this.switch,
      ...Object.values(this.plots).map((plot) => plot.node),
    );
    page.model.on("needed", () => {
      this.told.textContent = page.model.needed.words || "";
    });
  }

  // The place of a plot is there from the beginning; the plot comes into it when it is first looked
  // at.
  plot(kind) {
    const section = plotSection(
      [h("h3", {}, PLOT_TITLES[kind])],
      this.page.model.get_child(CHILD_NAMES[kind]),
      () => this.page.send({ type: "save_plot", name: kind }),
    );
    section.pane.classList.add(kind);
    section.node.hidden = true;
    return section;
  }

  show() {
    const { detail } = this.page.model;
    this.node.hidden = !detail.metric;
    if (!detail.metric) return;
    this.showFigures(detail);
    const views = PLOT_VIEWS.filter(([key]) => key !== "time" || detail.timed);
    this.switch.replaceChildren(
      ...switchButtons(views, detail.plot, (name) => this.page.send({ type: "plot", name })),
    );
    for (const [kind, { node, pane, note, numbers }] of Object.entries(this.plots)) {
      node.hidden = !PLOT_CHILDREN[detail.plot].includes(kind);
      const caption = detail.plots[kind];
      if (!caption) continue;
      note.textContent = caption.words;
      pane.hidden = caption.empty;
      numbers.hidden = caption.empty;
    }
  }

  showFigures(detail) {
    const where = detail.segment
      ? `${this.page.model.setup.labels?.[detail.by] || detail.by}: ${detail.segment}`
      : _("all units");
    const rows = detail.figures.map(([name, title, value, interval]) =>
      h(
        "tr",
        { title },
        h("td", {}, name),
        h("td", { class: "number" }, value),
        h("td", { class: "number note" }, interval),
      ),
    );
    this.figures.replaceChildren(
      h("h2", {}, detail.metric),
      h(
        "p",
        { class: "note" },
        _("{arm} against {control} · {where}", { arm: detail.arm, control: detail.control, where }),
      ),
      verdictCell(detail.verdict),
      detail.method ? h("p", { class: "note" }, detail.method) : "",
      h("table", {}, h("tbody", {}, ...rows)),
    );
    this.rows.hidden = !detail.segment;
    const key = [detail.metric, detail.arm, detail.by, detail.segment].join("\n");
    if (key !== this.key) this.told.textContent = "";
    this.key = key;
  }
}
