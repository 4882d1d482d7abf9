// How high up the played title was: figures of lists, rate by position, chance of any play, the
// page, and arms compared.

import { _ } from "../core/gettext.js";
import { AnalysisFrame } from "../ui/analysis/analysis_frame.js";
import { AnalysisSetup, figureTile, resultLine } from "../ui/analysis/analysis_setup.js";
import { introduce } from "../ui/bokeh.js";
import { h } from "../ui/dom.js";
import { switchButtons } from "../ui/forms/choices.js";
import { lifetimeOf } from "../ui/lifetime.js";
import { plotSection } from "../ui/plots/plot_section.js";
import { PageHeat, SegmentFigures } from "./page_places.js";

const RANKING_FIELDS = [
  ["position", _("position"), "numbers", null, _("Place on the list, from the top")],
  ["outcome", _("outcome"), "outcomes", null, _("What was played: yes and no, or a gain")],
  [
    "list",
    _("list"),
    "units",
    _("not named"),
    _(
      "Column that identifies the list, such as one page view; lists of one user are then kept apart",
    ),
  ],
  [
    "unit",
    _("unit"),
    "several",
    _("not named"),
    _("Person or thing with several lists, such as a user: standard errors are then between units"),
  ],
  ["row", _("row"), "numbers", _("none"), _("Row of the page")],
  ["column", _("column"), "numbers", _("none"), _("Column of the page")],
  [
    "by",
    _("by"),
    "segments",
    _("no segments"),
    _("Layouts, arms or other segments; compared where every list lies in one"),
    { control: null },
  ],
  [
    "propensity",
    _("propensity"),
    "numbers",
    _("none"),
    _(
      "Probability with which the row's title got its position: rates by position are then corrected for it",
    ),
  ],
];

/** @type {[string, string][]} */
const CURVES = [
  ["rate", _("rate")],
  ["examined", _("corrected")],
];

/**
 * @typedef {import("../ui/types/messages.js").RankingPageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").RankingPageMessage} Message
 */

export class RankingPage {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.setup = new AnalysisSetup(this, RANKING_FIELDS);
    this.heat = new PageHeat(this);
    this.segments = new SegmentFigures(this);
    this.tiles = h("div", { class: "tiles" });
    this.told = h("div", {});
    this.curve = this.plot("curve", _("Rate by position"));
    this.way = h("span", {
      class: "switch",
      role: "group",
      "aria-label": _("What is drawn by position"),
    });
    this.curve.head.after(this.way);
    this.chance = this.plot("chance", _("Chance of any play"));
    this.body = h(
      "div",
      { class: "body" },
      h("div", { class: "plots" }, this.curve.node, this.chance.node),
      h("div", { class: "below" }, this.heat.node, this.segments.node),
    );
    this.frame = new AnalysisFrame(this, {
      label: _("Ranking"),
      topic: "ranking",
      introduction: _(
        "A row is one title in one place of a list, or one list with the place of its played title. Rows read:",
      ),
      setup: this.setup.node,
      parts: [this.tiles, this.told, this.body],
    });
    root.append(this.frame.node);
    model.on(["setup", "offers"], () => {
      this.showSetup();
      this.show();
    });
    model.on(["error", "lines"], () => this.show());
    model.on("result", () => {
      this.showSetup();
      this.show();
    });
    this.showSetup();
    this.show();
    this.send({ type: "ready" });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  plot(name, title) {
    const key = h("span", { class: "key" });
    const head = h("h3", {}, title);
    const { node, note } = plotSection([head, key], this.model.get_child(name), () =>
      this.send({ type: "save_plot", name }),
    );
    return { node, key, note, head };
  }

  showSetup() {
    const { asked } = this.model.setup;
    if (!asked) return this.setup.show();
    const depths = h("input", {
      type: "text",
      class: "depths",
      value: asked.k.join(", "),
      "aria-label": _("Depths"),
      title: _("Depths of NDCG and success, as in 1, 5, 10"),
      onchange: (event) =>
        this.send({
          type: "set",
          k: event.target.value
            .split(",")
            .map((text) => Number(text))
            .filter((depth) => depth > 0),
        }),
    });
    const how = h(
      "select",
      {
        "aria-label": _("Lists without a hit"),
        onchange: () => this.send({ type: "set", no_hit: how.value }),
      },
      h("option", { value: "count" }, _("count as 0")),
      h("option", { value: "drop" }, _("are left out")),
    );
    how.value = asked.no_hit === "exclude" ? "drop" : asked.no_hit; // as older links have it
    const checkbox = h("input", {
      type: "checkbox",
      checked: asked.randomised,
      onchange: () => this.send({ type: "set", randomised: checkbox.checked }),
    });
    this.setup.show([
      ...this.control(asked),
      h(
        "label",
        { title: _("Rates by position then estimate how often a position is examined") },
        checkbox,
        ` ${_("positions were drawn at random")}`,
      ),
      h("label", {}, `${_("depths")} `, depths),
      h(
        "label",
        { title: _("Lists in which nothing was played") },
        `${_("lists without a hit")} `,
        how,
      ),
    ]);
  }

  control(settings) {
    const { result } = this.model;
    if (!settings.by || result.by !== settings.by || !result.comparison) return [];
    const node = h(
      "select",
      {
        "aria-label": _("control"),
        onchange: () => this.send({ type: "set", control: node.value }),
      },
      ...result.comparison.arms.map((name) => h("option", { value: name }, name)),
    );
    node.value = result.comparison.control;
    return [
      h("label", { title: _("What the others are compared with") }, `${_("control")} `, node),
    ];
  }

  show() {
    const { result, lines } = this.model;
    const keys = lines.keys || [];
    this.frame.show(Boolean(result.tiles));
    if (!result.tiles) return;
    this.tiles.replaceChildren(...result.tiles.map(figureTile));
    this.told.replaceChildren(
      h("p", { class: "no-hit" }, h("b", {}, result.told)),
      resultLine(this, result.words),
    );
    this.curve.key.replaceChildren(
      ...(keys.length > 1
        ? keys.map((line) =>
            h(
              "span",
              {},
              h("i", { class: `stroke ${line.dash}`, style: `border-color:${line.colour}` }),
              `${line.name} `,
            ),
          )
        : []),
    );
    this.curve.head.textContent =
      lines.curve === "examined"
        ? _("How often a position is examined")
        : result.rates_of === "lists"
          ? _("Where the played title was")
          : _("Rate by position");
    this.way.hidden = Boolean(result.examination);
    this.way.replaceChildren(
      ...switchButtons(CURVES, lines.curve, (name) => this.send({ type: "curve", name })),
    );
    this.curve.note.textContent = [
      result.rates_of === "lists"
        ? _("In per cent of all lists, with 95 % bands.")
        : _("In per cent, with 95 % bands."),
      result.examination
        ? `! ${result.examination}.`
        : lines.curve === "examined"
          ? _("Relative to the first position, all lists together, {corrected}", {
              corrected: result.corrected,
            })
          : "",
    ].join(" ");
    this.chance.head.textContent = _("Chance of any play within the first {deep}", {
      deep: result.deep,
    });
    this.chance.note.textContent = _(
      "Per cent of all lists; the position of played titles does not tell about lists in which none was played.",
    );
    this.heat.show();
    this.segments.show();
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new RankingPage(model, el, lifetimeOf({ model, view }));
}
