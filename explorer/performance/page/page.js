// How models perform: the set-up, figures and slices on the left, plots and the map on the right.

import { introduce } from "../../ui/bokeh.js";
import { h, saveFile } from "../../ui/dom.js";
import { lifetimeOf } from "../../ui/lifetime.js";
import { CourseLine } from "../../ui/progress.js";
import { PerformanceMap } from "./map.js";
import { PerformancePlots } from "./plots.js";
import { PerformanceSetup } from "./setup.js";
import { PerformanceTable } from "./table.js";

/**
 * @typedef {import("../../ui/types/messages.js").PerformancePageParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").PerformancePageMessage} Message
 */

class Performance {
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
    this.fault = h("p", { class: "fault", role: "alert" });
    this.empty = h("p", { class: "note wanting" });
    this.course = new CourseLine(this);
    this.body = h(
      "div",
      { class: "body" },
      this.table.node,
      h("aside", { class: "right" }, this.plots.node, this.map.node),
    );
    this.page = h(
      "div",
      { class: "page", role: "region", "aria-label": "Performance of models" },
      this.setup.node,
      this.fault,
      this.empty,
      this.course.node,
      this.body,
    );
    root.append(this.page);
    model.on(["setup", "offers"], () => {
      this.setup.show();
      this.tell();
    });
    model.on(["result", "calibration", "slices"], () => this.show());
    model.on("error", () => this.tell());
    model.on("detail", () => this.plots.show());
    model.on("where", () => this.map.show());
    model.on("sight", () => this.map.hang());
    model.on("saved", () => {
      if (model.saved.data) saveFile(model.saved);
    });
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
    const { result } = this.model;
    this.body.hidden = !result.rows;
    this.page.classList.toggle("stale", Boolean(result.stale));
    this.table.show();
    this.plots.show();
    this.map.show();
    this.tell();
  }

  tell() {
    const { setup, result, error } = this.model;
    this.fault.textContent = error;
    this.empty.hidden = Boolean(result.rows);
    this.empty.textContent =
      !error && setup.wanting
        ? `To begin, ${setup.wanting}. Models are compared on the rows where the truth and every prediction are there; it reads ${setup.population}.`
        : "";
  }
}

/** @param {import("../../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new Performance(model, el, lifetimeOf({ model, view }));
}
