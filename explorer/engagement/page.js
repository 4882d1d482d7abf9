// Engagement with ads or items: how it is read, all items together, what may not be ranked, the
// items, and one of them by segment.

import { _ } from "../core/gettext.js";
import { AnalysisFrame } from "../ui/analysis/analysis_frame.js";
import { AnalysisSetup, figureTile, resultLine } from "../ui/analysis/analysis_setup.js";
import { introduce } from "../ui/bokeh.js";
import { h } from "../ui/dom.js";
import { lifetimeOf } from "../ui/lifetime.js";
import { plotSection } from "../ui/plots/plot_section.js";
import { ItemList } from "./item_list.js";

const ENGAGEMENT_FIELDS = [
  ["item", _("item"), "items", null, _("Column that names what was shown")],
  [
    "outcome",
    _("outcome"),
    "outcomes",
    null,
    _("Yes and no give a rate; an amount, such as minutes, gives a distribution"),
  ],
  [
    "unit",
    _("unit"),
    "several",
    _("not named"),
    _("Person or thing with several rows: standard errors are then between units"),
  ],
  ["by", _("by"), "segments", _("no segments"), _("Column of segments, such as a position")],
  [
    "propensity",
    _("propensity"),
    "numbers",
    _("none"),
    _("Probability with which the row's item was shown"),
    { target: null, reward: [], clip: null },
  ],
];
const ENGAGEMENT_TARGET = [
  ...ENGAGEMENT_FIELDS,
  [
    "target",
    _("target"),
    "numbers",
    _("equal for all items"),
    _("The target policy's probability of the row's item"),
  ],
];

/**
 * @typedef {import("../ui/types/messages.js").EngagementPageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").EngagementPageMessage} Message
 */

export class EngagementPage {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.setup = new AnalysisSetup(this, ENGAGEMENT_FIELDS);
    this.list = new ItemList(this);
    this.warning = h("p", { class: "banner", role: "note" });
    this.told = h("div", {});
    this.tiles = h("div", { class: "tiles" });
    this.chosen = h("section", { class: "chosen" });
    this.funnelHead = h("h3", {});
    this.funnel = plotSection([this.funnelHead], model.get_child("funnel"), () =>
      this.send({ type: "save_plot" }),
    );
    this.body = h(
      "div",
      { class: "body" },
      h("div", { class: "left" }, this.list.node),
      h("aside", { class: "right" }, this.funnel.node, this.chosen),
    );
    this.frame = new AnalysisFrame(this, {
      label: _("Engagement"),
      topic: "engagement",
      introduction: _("A row is one impression of an item. Rows read:"),
      setup: this.setup.node,
      parts: [this.warning, this.tiles, this.told, this.body],
    });
    root.append(this.frame.node);
    model.on(["setup", "offers"], () => {
      this.showSetup();
      this.show();
    });
    model.on(["result", "error"], () => this.show());
    model.on("items", () => this.list.show());
    model.on("chosen", () => {
      if (model.chosen.item === this.list.wanted) this.list.wanted = undefined;
      this.showChosen();
      this.list.show();
    });
    this.showSetup();
    this.show();
    this.showChosen();
    this.send({ type: "ready" });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  // A target, a model of the outcome and a largest weight mean something where propensities are
  // named.
  showSetup() {
    const { setup, offers } = this.model;
    this.setup.fields = setup.asked?.propensity ? ENGAGEMENT_TARGET : ENGAGEMENT_FIELDS;
    if (!setup.asked?.propensity || !offers.segments) return this.setup.show();
    const clip = h("input", {
      type: "number",
      class: "clip",
      min: 0,
      step: "any",
      value: setup.asked.clip ?? "",
      placeholder: _("none"),
      "aria-label": _("Largest weight"),
      title: _(
        "Larger weights are cut to this value, and this is reported: less variance, some bias",
      ),
      onchange: () =>
        this.send({ type: "set", clip: clip.value === "" ? null : Number(clip.value) }),
    });
    this.setup.show([
      this.setup.several(
        "reward",
        _("context"),
        offers.segments,
        _("Columns of the context, by which the outcome is modelled for doubly robust values"),
      ),
      h("label", {}, `${_("largest weight")} `, clip),
    ]);
  }

  show() {
    const { result } = this.model;
    this.frame.show(Boolean(result.tiles));
    this.warning.hidden = !result.warning;
    if (!result.tiles) return;
    this.warning.replaceChildren(
      h("b", {}, "! "),
      result.warning,
      _(". Their figures are shown; an order of them would be random."),
    );
    this.tiles.replaceChildren(...result.tiles.map(figureTile));
    this.told.replaceChildren(resultLine(this, result.words));
    this.funnelHead.textContent = result.share
      ? _("Rows and rate of every item")
      : _("Rows and mean of every item");
    this.funnel.note.textContent = result.share
      ? _(
          "Grey: where 95 % of the items would lie if all had the overall rate (dashed). Number of rows on a logarithmic scale; crosses are not ranked.",
        )
      : _(
          "Mean of every item; dashed: overall mean. Number of rows on a logarithmic scale; crosses are not ranked.",
        );
    this.list.show();
  }

  showChosen() {
    const { chosen, result } = this.model;
    this.chosen.hidden = !chosen.item;
    if (!chosen.item) return;
    const corrected = Boolean(result.propensity);
    const heads = [
      result.by || "",
      _("rows"),
      result.share ? _("rate") : _("mean"),
      "95 %",
      ...(corrected ? [_("SNIPS"), "95 %", _("eff. rows")] : []),
    ];
    const line = (segment) =>
      h(
        "tr",
        { class: segment.ranked ? "" : "weak" },
        h("td", { title: segment.segment }, segment.segment),
        ...[
          segment.n,
          segment.mean,
          segment.interval,
          ...(corrected
            ? [
                segment.corrected,
                segment.corrected_interval,
                `${segment.ranked ? "" : "! "}${segment.ess}`,
              ]
            : []),
        ].map((text) => h("td", { class: "number" }, text)),
      );
    this.chosen.replaceChildren(
      h(
        "div",
        { class: "line" },
        h("h2", { title: chosen.item }, chosen.item),
        h("span", { class: "fill" }),
        h(
          "button",
          { class: "small", onclick: () => this.send({ type: "choose", item: null }) },
          _("close"),
        ),
      ),
      h(
        "p",
        { class: "note" },
        chosen.words
          ? _("not ranked: {words}", { words: chosen.words })
          : _("its rows are selected"),
      ),
      h(
        "div",
        { class: "scroll", tabIndex: 0, role: "group", "aria-label": _("Estimates") },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ...heads.map((text, i) => h(text ? "th" : "td", { class: i ? "number" : "" }, text)),
            ),
          ),
          h("tbody", {}, ...chosen.lines.map(line)),
        ),
      ),
    );
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new EngagementPage(model, el, lifetimeOf({ model, view }));
}
