// Beside a shape that somebody drew: whether what is in it belongs together in the features too.

import { h } from "../ui/dom.js";

export class MapBadge {
  constructor(camera) {
    this.camera = camera;
    this.node = h("button", {
      class: "card badge",
      onclick: () => this.node.classList.toggle("open"),
    });
    this.verdict = "";
  }

  show({ verdict, short, words }) {
    this.verdict = verdict || "";
    this.node.dataset.verdict = this.verdict;
    this.node.title = words || "";
    this.node.replaceChildren(h("strong", {}, short || ""), h("span", {}, words || ""));
  }

  place(shape) {
    const shown = Boolean(this.verdict && shape && this.camera.view);
    this.node.classList.toggle("shown", shown);
    if (!shown) return;
    const points = shape.map(([x, y]) => this.camera.toPixel(x, y));
    const [width, height] = this.camera.size();
    const right = Math.max(...points.map(([px]) => px));
    const top = Math.min(...points.map(([, py]) => py));
    this.node.style.left = `${Math.max(Math.min(right - 40, width - 230), 8)}px`;
    this.node.style.maxWidth = `${Math.min(222, width - 16)}px`; // half of a phone has less room
    this.node.style.top = `${Math.min(Math.max(top - 26, 46), height - 60)}px`;
  }
}
