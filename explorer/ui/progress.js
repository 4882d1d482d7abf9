// How far a job of a view is, with the way to stop it; after that the way to begin it again. It
// stays where it is while its words change, so that a press and the focus of keys find their
// button. A job that is over at once is not spoken of.

import { _ } from "../core/gettext.js";
import { h } from "./dom.js";

const SPOKEN_OF_MS = 250;

/**
 * @typedef {{busy: string, stopped: boolean}} Parameters
 * @typedef {{type: "stop"} | {type: "compute"}} Message
 */

export class CourseLine {
  /** @type {number | undefined} */
  waiting;

  /**
   * @param {object} page
   * @param {import("./types/page.js").Model<Parameters, Message>} page.model
   */
  constructor({ model }) {
    this.model = model;
    /** @type {(message: Message, text: string, title: string) => HTMLElement} */
    const button = (message, text, title) =>
      h("button", { class: "small", title, onclick: () => model.send_msg(message) }, text);
    this.text = h("span", {});
    this.stop = button({ type: "stop" }, _("stop"), _("Stop; what is shown stays"));
    this.again = button({ type: "compute" }, _("compute"), _("Compute what was stopped"));
    this.node = h(
      "p",
      { class: "course", role: "status", hidden: true },
      this.text,
      this.stop,
      this.again,
    );
    model.on(["busy", "stopped"], () => this.show());
    this.show();
  }

  show() {
    const { busy, stopped } = this.model;
    this.text.textContent = busy ? `${busy} … ` : `${_("stopped")} `;
    this.stop.hidden = !busy;
    this.again.hidden = Boolean(busy);
    if (busy && this.node.hidden) {
      this.waiting ??= setTimeout(() => {
        this.node.hidden = false;
      }, SPOKEN_OF_MS);
    }
    if (busy) return;
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.node.hidden = !stopped;
  }
}
