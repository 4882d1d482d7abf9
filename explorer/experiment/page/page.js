// The Experiment tab: how it is read, what may be trusted, the table, its segments, and what is
// looked at.

import { _ } from "../../core/gettext.js";
import { forgetDefinitions, introduce } from "../../ui/bokeh.js";
import { h } from "../../ui/dom.js";
import { howComputedLine } from "../../ui/how_computed.js";
import { methodsButton, saveButtons } from "../../ui/forms/save_buttons.js";
import { lifetimeOf } from "../../ui/lifetime.js";
import { formatCount } from "../../ui/number_format.js";
import { CourseLine } from "../../ui/progress.js";
import { repeatedLine } from "../../ui/repeated_line.js";
import { LookDetail } from "./detail.js";
import { SegmentTable } from "./segments_table.js";
import { ExperimentSetup } from "./setup.js";
import { ExperimentTable, verdictCell } from "./table.js";

const SAVED_FORMS = [
  ["csv", _("All cells as CSV")],
  ["parquet", _("All cells as Parquet")],
  ["json", _("Everything as JSON")],
  ["html", _("A page to read offline")],
  ["png", _("The forest plot as a picture")],
];
const FAMILY_HEADS = [
  _("family"),
  _("tests"),
  "Q, p",
  _("sign, p"),
  _("opened"),
  _("level"),
  _("expected"),
  _("shown"),
  _("coverage"),
];

/**
 * @typedef {import("../../ui/types/messages.js").ExperimentPageParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").ExperimentPageMessage} Message
 */

export class ExperimentPage {
  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.setup = new ExperimentSetup(this);
    this.table = new ExperimentTable(this);
    this.segments = new SegmentTable(this);
    this.detail = new LookDetail(this);
    this.fault = h("p", { class: "fault", role: "alert" });
    this.gates = h("div", { class: "gates" });
    this.families = h("details");
    this.saving = h("div", { class: "saving" });
    this.ledger = h("div", { class: "ledger" }, this.families, this.saving);
    this.empty = h("p", { class: "note wanting" });
    this.course = new CourseLine(this);
    this.effectMap = h("div", { class: "effect-map" });
    this.grid = h("div", { class: "grid" }, model.get_child("grid"));
    this.left = h("div", { class: "left" }, this.table.node, this.segments.node);
    this.body = h(
      "div",
      { class: "body" },
      this.left,
      h("aside", { class: "right" }, this.effectMap, this.detail.node),
    );
    this.page = h(
      "div",
      { class: "page", role: "region", "aria-label": _("Experiment") },
      this.setup.node,
      this.fault,
      this.course.node,
      this.gates,
      this.ledger,
      this.empty,
      this.grid,
      this.body,
      howComputedLine("experiment"),
    );
    root.append(this.page);
    const effectMap = model.get_child("effect_map");
    this.effectMap.hidden = !effectMap;
    if (effectMap) this.effectMap.append(effectMap);
    model.on("setup", () => {
      this.setup.show();
      this.showGates();
      this.showEmpty();
      this.segments.show();
    });
    model.on("offers", () => this.setup.show());
    model.on("result", () => this.show());
    model.on("error", () => {
      this.fault.textContent = model.error;
      this.showEmpty();
    });
    model.on("grid_shown", () => this.showEmpty());
    model.on("segments", () => this.segments.show());
    model.on("detail", () => {
      this.detail.show();
      this.table.mark();
    });
    model.on("saved", () => {
      if (model.saved.data) h("a", { href: model.saved.data, download: model.saved.name }).click();
    });
    this.setup.show();
    this.show();
    this.detail.show();
    // from here on the browser knows the plots: what was put off may come
    forgetDefinitions();
    this.send({ type: "ready" });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  show() {
    const { result } = this.model;
    this.fault.textContent = this.model.error;
    this.page.classList.toggle("stale", Boolean(result.stale));
    this.page.classList.toggle("noise", result.noise?.seed !== undefined);
    this.body.hidden = !result.rows;
    this.showGates();
    this.showLedger();
    this.showEmpty();
    this.table.show();
    this.segments.show();
  }

  showEmpty() {
    const { setup, result, error } = this.model;
    this.grid.hidden = !this.model.grid_shown || Boolean(setup.wanting);
    this.empty.hidden = Boolean(result.rows) || !this.grid.hidden;
    this.empty.textContent =
      !error && setup.wanting
        ? _(
            "To begin, {wanting}. An experiment compares arms, as a column names them, with one of them, the control. It reads {population}.",
            { wanting: setup.wanting, population: setup.population },
          )
        : "";
  }

  // What may be trusted, before any colour.
  showGates() {
    const { result } = this.model;
    this.gates.hidden = !result.rows;
    if (!result.rows) return;
    const { gates, noise, notes } = result;
    const shuffled = noise.seed !== undefined;
    const wrong = !gates.trusted;
    this.gates.classList.toggle("banner", wrong);
    const again = (seed, text, title) =>
      h(
        "button",
        { class: "small", title: title || "", onclick: () => this.send({ type: "noise", seed }) },
        text,
      );
    // what the gate says already is not said twice
    const said = [
      _("the arms were shuffled"),
      gates.mismatch ? _("sample ratio mismatch (") : null,
    ];
    const shown = notes.filter((note) => !said.some((text) => text && note.startsWith(text)));
    this.gates.replaceChildren(
      repeatedLine((message) => this.send(message), result.repeated),
      h(
        "div",
        { class: "line" },
        h(
          "span",
          { class: gates.checked || wrong ? "" : "note" },
          wrong ? h("b", {}, "! ") : "",
          gates.words,
        ),
        ...shown.map((note) => h("span", { class: "note" }, `· ${note}`)),
        h("span", { class: "fill" }),
        result.stale
          ? h("span", { class: "stale-words" }, _("figures from before the last change"))
          : "",
        h(
          "span",
          {
            class: "note",
            role: "status",
            title: _("The filters beside the table define the population"),
          },
          `${this.model.setup.population} · ${result.words}`,
        ),
        shuffled
          ? ""
          : again(
              1,
              "A/A",
              _(
                "Shuffle the arms at random and compute everything again: whatever is coloured then is noise",
              ),
            ),
      ),
      shuffled
        ? h(
            "div",
            { class: "line shuffled" },
            h(
              "b",
              {},
              _("arms shuffled (seed {seed}): every colour here is noise", { seed: noise.seed }),
            ),
            h(
              "span",
              {},
              _("{coloured} of {tested} cells coloured", {
                coloured: formatCount(noise.coloured),
                tested: formatCount(noise.tested),
              }),
            ),
            again(noise.seed + 1, _("again")),
            again(null, _("back to the real arms")),
          )
        : "",
    );
  }

  showLedger() {
    const { result } = this.model;
    this.ledger.hidden = !result.rows;
    if (!result.rows) return;
    const line = (family) =>
      h(
        "tr",
        { class: family.opened ? "" : "grey", title: family.what },
        ...[
          family.name,
          family.tests,
          family.omnibus,
          family.turned,
          family.opened ? "yes" : "no",
          family.level,
          family.expected,
          family.shown,
          family.coverage,
        ].map((text) => h("td", {}, text)),
      );
    this.saving.replaceChildren(
      ...saveButtons(SAVED_FORMS, (form) => this.send({ type: "save", form })),
      methodsButton(result.method),
    );
    this.families.replaceChildren(
      h("summary", {}, h("span", { class: "words" }, result.ledger)),
      h(
        "div",
        { class: "families" },
        h(
          "p",
          { class: "key" },
          ...result.palette.map((look) => verdictCell({ ...look, short: look.words })),
        ),
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, ...FAMILY_HEADS.map((text) => h("th", {}, text)))),
          h("tbody", {}, ...result.families.map(line)),
        ),
      ),
    );
  }
}

/** @param {import("../../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new ExperimentPage(model, el, lifetimeOf({ model, view }));
}
