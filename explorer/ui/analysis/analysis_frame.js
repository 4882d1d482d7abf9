// What the pages that read a log have in common: what is wrong or still wanting, how far a
// computation is, and the file that comes when something is saved.

import { _ } from "../../core/gettext.js";
import { h, saveFile } from "../dom.js";
import { howComputedLine } from "../how_computed.js";
import { CourseLine } from "../progress.js";

/** @typedef {import("../types/page.js").AnalysisPage} AnalysisPage */

export class AnalysisFrame {
  /**
   * @param {AnalysisPage} page
   * @param {object} frame
   * @param {string} frame.label
   * @param {string} frame.topic of the help text, on how its figures are computed
   * @param {string} frame.introduction what is read, up to the population that is read
   * @param {HTMLElement} frame.setup
   * @param {HTMLElement[]} frame.parts what is shown where there is a result
   */
  constructor({ model }, { label, topic, introduction, setup, parts }) {
    this.model = model;
    this.introduction = introduction;
    this.parts = parts;
    this.fault = h("p", { class: "fault", role: "alert" });
    this.empty = h("p", { class: "note wanting" });
    this.node = h(
      "div",
      { class: "page", role: "region", "aria-label": label },
      setup,
      this.fault,
      this.empty,
      new CourseLine({ model }).node,
      ...parts,
      howComputedLine(topic),
    );
    model.on("saved", () => saveFile(model.saved));
  }

  /** @param {boolean} hasResult whether there is a result */
  show(hasResult) {
    const { setup, result, error } = this.model;
    this.fault.textContent = error;
    this.empty.hidden = hasResult;
    this.empty.textContent =
      !error && setup.wanting
        ? _("To begin, {wanting}. {introduction} {population}.", {
            wanting: setup.wanting,
            introduction: this.introduction,
            population: setup.population,
          })
        : "";
    for (const element of this.parts) element.hidden = !hasResult;
    this.node.classList.toggle("stale", Boolean(result.stale));
  }
}
