// Beside a shape that somebody drew: whether what is in it belongs together in the features too.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";

export class MapBadge {
  constructor(camera) {
    this.camera = camera;
    this.text = h("button", {
      "aria-expanded": "false",
      onclick: () => {
        this.text.setAttribute("aria-expanded", String(this.node.classList.toggle("open")));
      },
    });
    this.node = h(
      "div",
      { class: "card badge" },
      this.text,
      howComputed("lasso", _("neighbours in this shape")),
    );
    this.verdict = "";
  }

  show({ verdict, short, words }) {
    this.verdict = verdict || "";
    this.node.dataset.verdict = this.verdict;
    this.text.title = words || "";
    this.text.replaceChildren(h("strong", {}, short || ""), h("span", {}, words || ""));
  }

  place(shape) {
    const shown = Boolean(this.verdict && shape && this.camera.view);
    this.node.classList.toggle("shown", shown);
    if (!shown) return;
    const points = shape.map(([x, y]) => this.camera.toPixel(x, y));
    const [width, height] = this.camera.size();
    const right = Math.max(...points.map(([px]) => px));
    const top = Math.min(...points.map(([, py]) => py));
    this.node.style.left = `${Math.max(Math.min(right - 40, width - 258), 8)}px`;
    this.node.style.maxWidth = `${Math.min(250, width - 16)}px`; // half of a phone has less room
    this.node.style.top = `${Math.min(Math.max(top - 26, 46), height - 60)}px`;
  }
}
