// How models perform: the set-up, figures and slices on the left, plots and the map on the right.

import { _ } from "../../core/gettext.js";
import { AnalysisFrame } from "../../ui/analysis/analysis_frame.js";
import { introduce } from "../../ui/bokeh.js";
import { h } from "../../ui/dom.js";
import { lifetimeOf } from "../../ui/lifetime.js";
import { PerformanceMap } from "./map.js";
import { PerformancePlots } from "./plots.js";
import { PerformanceSetup } from "./setup.js";
import { PerformanceTable } from "./table.js";

/**
 * @typedef {import("../../ui/types/messages.js").PerformancePageParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").PerformancePageMessage} Message
 */

export class PerformancePage {
  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.setup = new PerformanceSetup(this);
    this.table = new PerformanceTable(this);
    this.plots = new PerformancePlots(this);
    this.map = new PerformanceMap(this);
    this.body = h(
      "div",
      { class: "body" },
      this.table.node,
      h("aside", { class: "right" }, this.plots.node, this.map.node),
    );
    this.frame = new AnalysisFrame(this, {
      label: _("Performance of models"),
      topic: "models",
      introduction: _(
        "Models are compared on the rows that have the truth and every prediction. Rows read:",
      ),
      setup: this.setup.node,
      parts: [this.body],
    });
    root.append(this.frame.node);
    const showFrame = () => this.frame.show(Boolean(model.result.rows));
    model.on(["setup", "offers"], () => {
      this.setup.show();
      showFrame();
    });
    model.on(["result", "calibration", "slices"], () => this.show());
    model.on("error", showFrame);
    model.on("detail", () => this.plots.show());
    model.on("where", () => this.map.show());
    model.on("sight", () => this.map.hang());
    this.setup.show();
    this.show();
    this.map.hang();
    // from here on the browser knows the plots: what was put off may come
    this.send({ type: "ready" });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  show() {
    this.frame.show(Boolean(this.model.result.rows));
    this.table.show();
    this.plots.show();
    this.map.show();
  }
}

/** @param {import("../../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new PerformancePage(model, el, lifetimeOf({ model, view }));
}
