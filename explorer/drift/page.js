// Drift: how it is read, what was found, the heat map and the alarms on the left, one feature and
// chunk on the right.

import { _, ngettext } from "../core/gettext.js";
import { AnalysisFrame } from "../ui/analysis/analysis_frame.js";
import { AnalysisSetup, resultLine } from "../ui/analysis/analysis_setup.js";
import { introduce } from "../ui/bokeh.js";
import { h } from "../ui/dom.js";
import { switchButtons } from "../ui/forms/choices.js";
import { lifetimeOf, observeFor } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";
import { plotSection } from "../ui/plots/plot_section.js";
import { DriftGrid } from "./grid.js";

const DRIFT_FIELDS = [
  ["time", _("time"), "times", null, _("Column of the times")],
  ["chunk", _("chunk"), "chunks", null, _("How rows are divided into chunks")],
  [
    "prediction",
    _("prediction"),
    "numbers",
    _("none"),
    _("Prediction of the model: a probability, or a number"),
  ],
  [
    "truth",
    _("truth"),
    "outcomes",
    _("none"),
    _("What happened: yes and no (0 and 1), or a number"),
  ],
];
/** @type {[string, string][]} */
const DRIFT_PANELS = [
  ["feature", _("feature")],
  ["performance", _("performance")],
  ["multivariate", _("all features")],
];

/**
 * @typedef {import("../ui/types/messages.js").DriftPageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").DriftPageMessage} Message
 */

export class DriftPage {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    // the cell of the cursor: it moves at once, its plots come later
    this.at = (model.look.feature ? model.look : model.result.at) || {};
    this.setup = new AnalysisSetup(this, DRIFT_FIELDS);
    this.grid = new DriftGrid(this);
    this.words = h("p", { class: "found", role: "status" });
    this.told = h("div", {});
    this.alarms = h("section", { class: "alarms" });
    this.head = h("div", {});
    this.lines = h("div", {});
    const plot = (name) => {
      const save = () => this.send({ type: "save_plot", name });
      const section = plotSection([], model.get_child(name), save);
      section.line.prepend(section.note);
      return section;
    };
    this.plots = { first: plot("first"), second: plot("second") };
    this.legend = h("p", { class: "note legend" });
    this.body = h(
      "div",
      { class: "body" },
      h("div", { class: "left" }, this.grid.node, this.alarms),
      h(
        "aside",
        { class: "right" },
        this.head,
        this.plots.first.node,
        this.plots.second.node,
        this.legend,
        this.lines,
      ),
    );
    this.frame = new AnalysisFrame(this, {
      label: _("Drift"),
      topic: "drift",
      introduction: _(
        "Chunks of time are compared with a reference: what has changed, when, and by how much. Rows read:",
      ),
      setup: this.setup.node,
      parts: [this.words, this.told, this.body],
    });
    root.append(this.frame.node);
    model.on(["setup", "offers"], () => {
      this.setup.show(this.reference());
      this.show();
    });
    model.on("result", () => {
      if (!model.result.stale) this.at = model.result.at || {};
      this.show();
    });
    model.on("error", () => this.show());
    model.on("look", () => this.showLook());
    const page = document.documentElement;
    observeFor(lifetime, new MutationObserver(() => this.grid.draw()), page, { attributes: true });
    this.setup.show(this.reference());
    this.show();
    this.showLook();
    // from here on the browser knows the plots: what was put off may come
    this.send({ type: "ready" });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  look(feature, place) {
    this.at = { feature, place };
    this.grid.draw();
    this.markAlarm();
    this.send({ type: "look", feature, place });
  }

  reference() {
    const { setup } = this.model;
    const field = h("input", {
      type: "text",
      class: "reference",
      "aria-label": _("Reference"),
      title: _(
        "Rows to compare with, as an expression: shown_at < '2026-02-01'. Empty: the earliest quarter of the chunks",
      ),
      placeholder: _("earliest quarter"),
      value: setup.asked?.reference ?? "",
      onchange: (event) => this.send({ type: "set", reference: event.target.value.trim() || null }),
    });
    return [h("label", {}, `${_("reference")} `, field)];
  }

  show() {
    const { result } = this.model;
    this.frame.show(Boolean(result.rows));
    if (!result.rows) return;
    this.words.replaceChildren(
      h("b", {}, result.n_alarms ? "▲ " : ""),
      result.headline,
      ...(result.fit ? [h("b", {}, " ▲ "), result.fit] : []),
      h(
        "span",
        { class: "note" },
        ` · ${_("reference: {reference}. {seasons}", { reference: result.reference, seasons: result.seasons })}`,
      ),
    );
    this.told.replaceChildren(resultLine(this, result.size));
    this.grid.show();
    this.showAlarms();
  }

  showAlarms() {
    const { result } = this.model;
    const none = result.judged
      ? _(
          "No alarm: no feature changes by more than the chunks of the reference differ among themselves.",
        )
      : _("No chunk is tested: the reference has too few chunks. Choose shorter chunks.");
    const at = (feature, place) => ({
      onclick: () => this.look(feature, place),
      "data-at": `${feature}\n${place}`,
    });
    const again = ({ feature, again: places }) =>
      places.length
        ? h(
            "details",
            {},
            h(
              "summary",
              {},
              ngettext(
                "again in {count} later chunk, last {last}",
                "again in {count} later chunks, last {last}",
                places.length,
                { count: formatCount(places.length), last: places.at(-1)[1] },
              ),
            ),
            h(
              "span",
              { class: "later" },
              ...places.map(([place, text]) => h("button", at(feature, place), text)),
            ),
          )
        : "";
    const line = (sign) => (alarm) =>
      h(
        "li",
        {},
        h(
          "button",
          at(alarm.feature, alarm.place),
          h("b", { class: sign === "△ " ? "season" : "" }, sign),
          alarm.words,
        ),
        again(alarm),
      );
    const seasons = result.seasonal.length
      ? [
          h("h2", { class: "minor apart" }, _("May be a season")),
          h(
            "p",
            { class: "note" },
            _(
              "Not counted as alarms: the reference is too short to show the season. A longer reference is needed.",
            ),
          ),
          h("ol", {}, ...result.seasonal.map(line("△ "))),
        ]
      : [];
    this.alarms.replaceChildren(
      h(
        "h2",
        { class: "minor" },
        result.n_alarms
          ? _("{n_alarms} alarms; the first of each feature, in order of time", {
              n_alarms: formatCount(result.n_alarms),
            })
          : _("Alarms"),
      ),
      result.alarms.length
        ? h("ol", {}, ...result.alarms.map(line("▲ ")))
        : h("p", { class: "note" }, none),
      ...seasons,
    );
    this.markAlarm();
  }

  markAlarm() {
    const { feature, place } = this.at;
    for (const button of this.alarms.querySelectorAll("button")) {
      button.classList.toggle("on", button.dataset.at === `${feature}\n${place}`);
    }
  }

  showLook() {
    const { look, result } = this.model;
    if (!look.feature || !result.rows) return;
    const panels = DRIFT_PANELS.filter(([name]) => name !== "performance" || result.metrics.length);
    /** @type {(text: string, title: string, message: Message) => HTMLElement} */
    const act = (text, title, message) =>
      h("button", { class: "small", title, onclick: () => this.send(message) }, text);
    const label = result.rows.find((row) => row.feature === look.feature)?.label || look.feature;
    this.head.replaceChildren(
      h(
        "div",
        { class: "line" },
        h(
          "span",
          { class: "switch" },
          ...switchButtons(panels, look.panel, (name) => this.send({ type: "panel", name })),
        ),
        h("span", { class: "fill" }),
        act(_("select these rows"), _("Select the rows of {chunk}", { chunk: look.chunk }), {
          type: "select",
          place: look.place,
        }),
        act(_("map by time"), _("Colour the map by the times"), { type: "map", how: "time" }),
        act(
          _("map by drift"),
          _(
            "Colour the map by how much a row resembles the rows after the reference, by a classifier",
          ),
          { type: "map", how: "domain" },
        ),
        act(_("previous colours"), _("Restore the colours of the map"), {
          type: "map",
          how: "off",
        }),
      ),
      h(
        "h2",
        {},
        look.panel === "feature"
          ? label
          : look.panel === "performance"
            ? _("Performance over time")
            : _("All features together"),
        h("small", {}, ` ${_("{chunk} · {rows} rows", { chunk: look.chunk, rows: look.rows })}`),
      ),
      look.note ? h("p", { class: "note" }, look.note) : "",
      ...(look.panel === "feature" ? look.words : []).map((text) =>
        h("p", { class: "why" }, `${look.seasonal ? "△" : "▲"} ${text}`),
      ),
    );
    for (const [name, { node, note }] of Object.entries(this.plots)) {
      node.hidden = !look.plots[name];
      note.textContent = look.plots[name] || "";
    }
    this.legend.hidden = look.panel !== "feature";
    this.legend.replaceChildren(
      h("i", { class: "bar" }),
      ` ${_("reference")} `,
      h("i", { class: "rule" }),
      ` ${_("{chunk}, per cent of values", { chunk: look.chunk })}`,
    );
    this.lines.hidden = look.panel !== "feature";
    this.lines.replaceChildren(
      h(
        "table",
        {},
        h(
          "tbody",
          {},
          ...look.lines.map(([name, value, text]) =>
            h(
              "tr",
              {},
              h("td", {}, name),
              h("td", { class: "number" }, value),
              h("td", { class: "note" }, text),
            ),
          ),
        ),
      ),
    );
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new DriftPage(model, el, lifetimeOf({ model, view }));
}
