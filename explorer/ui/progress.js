// How far a job of a view is, with the way to stop it; after that the way to begin it again. It
// stays where it is while its words change, so that a press and the focus of keys find their
// button. A job that is over at once is not spoken of.

import { h } from "./dom.js";

const SPOKEN_OF_MS = 250;

export class CourseLine {
  constructor({ model }) {
    this.model = model;
    const button = (message, words, title) =>
      h("button", { class: "small", title, onclick: () => model.send_msg(message) }, words);
    this.words = h("span", {});
    this.stop = button({ type: "stop" }, "stop", "Stop; what is shown stays");
    this.again = button({ type: "compute" }, "compute", "Compute what was stopped");
    this.node = h(
      "p",
      { class: "course", role: "status", hidden: true },
      this.words,
      this.stop,
      this.again,
    );
    model.on(["busy", "stopped"], () => this.show());
    this.show();
  }

  show() {
    const { busy, stopped } = this.model;
    this.words.textContent = busy ? `${busy} … ` : "stopped ";
    this.stop.hidden = !busy;
    this.again.hidden = Boolean(busy);
    if (busy && this.node.hidden) {
      this.waiting ??= setTimeout(() => {
        this.node.hidden = false;
      }, SPOKEN_OF_MS);
    }
    if (busy) return;
    clearTimeout(this.waiting);
    this.waiting = null;
    this.node.hidden = !stopped;
  }
}
