// The names of regions on the map. Each has a closeness from which it is shown and stays: zooming
// in only adds names, and moving changes none (Been, Daiches and Yap 2006,
// doi:10.1109/TVCG.2006.136).

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { isUnavailable, setUnavailable } from "../ui/forms/unavailable.js";
import { howComputed } from "../ui/how_computed.js";
import { arrangeLabels } from "./label_layout.js";

const FACTS_WIDE = 356;
const FACTS_HIGH = 170;

export class MapLabels {
  /**
   * @param {import("./canvas/map_camera.js").MapCamera} camera
   * @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send
   */
  constructor(camera, send) {
    this.camera = camera;
    this.send = send;
    this.labels = [];
    this.about = _("Names of regions (N)");
    this.none = "";
    this.node = h("div", { class: "labels", role: "group", "aria-label": _("Regions of the map") });
    this.card = h("div", { class: "card hover facts", role: "status" });
    this.note = h("p", { class: "about-regions", role: "status" });
    this.button = h(
      "button",
      {
        class: "names",
        "aria-pressed": "false",
        onclick: () => this.toggle(),
      },
      _("Region names"),
    );
    this.node.addEventListener("keydown", (event) => this.walk(event));
  }

  toggle() {
    if (!isUnavailable(this.button)) this.send({ type: "regions" });
  }

  /** @param {string} [why] there is no map whose regions could have names */
  allow(why = this.none) {
    this.none = why;
    setUnavailable(this.button, why, this.about);
  }

  show({ on = false, labels = [], words = "", about = "" }) {
    this.button.setAttribute("aria-pressed", String(on));
    this.about = _("Names of regions (N). {about}", { about });
    this.allow();
    this.note.replaceChildren(...(words ? [words, howComputed("regions", _("regions"))] : []));
    const focused = this.labels.find((label) => label.node.matches(":focus"));
    this.point(null);
    this.labels = on ? labels.map((label) => this.made(label)) : [];
    this.node.replaceChildren(...this.labels.map((label) => label.node));
    for (const label of this.labels) {
      [label.wide, label.high] = [label.node.offsetWidth, label.node.offsetHeight];
    }
    this.camera.stage.classList.toggle("named", this.labels.length > 0);
    this.ordered = "";
    this.place();
    const again =
      focused &&
      this.labels.find((label) => label.level === focused.level && label.number === focused.number);
    if (again) again.node.focus({ preventScroll: true });
  }

  made(label) {
    const node = h(
      "button",
      {
        class: "region away",
        tabIndex: -1,
        "data-level": label.level,
        "aria-label": [label.name, label.count, ...label.reasons].join(". "),
        onfocus: () => this.point(placed),
        onblur: () => this.point(null),
        onclick: (event) => this.choose(placed, event),
      },
      label.name.split(" · ").join("\n"),
    );
    const placed = { ...label, node };
    return placed;
  }

  /** @param {import("./canvas/map_camera.js").Extent} extent */
  arrange(extent) {
    const whole = 1 / this.camera.scaleOf(...extent);
    arrangeLabels(this.labels, extent, whole, this.camera.size()[0]);
  }

  place(extent = this.extent) {
    if (!this.camera.view || !extent) return;
    this.extent = extent;
    const [w, hgt] = this.camera.size();
    if (this.ordered !== (this.ordered = [w, hgt, ...extent].join())) this.arrange(extent);
    const close = 1 / this.camera.view.scale;
    let first = true;
    for (const label of this.labels) {
      const [px, py] = this.camera.toPixel(label.x, label.y);
      const seen =
        close >= label.from &&
        px > -label.wide &&
        px < w + label.wide &&
        py > -label.high &&
        py < hgt + label.high;
      if (seen !== label.seen) label.node.classList.toggle("away", !(label.seen = seen));
      if (!seen) continue;
      [label.left, label.top] = [
        Math.round(px + label.shift - label.wide / 2),
        Math.round(py - label.high / 2),
      ];
      label.node.style.transform = `translate(${label.left}px,${label.top}px)`;
      const tab = first ? 0 : -1; // one stop of the Tab key, from which arrows go on
      if (label.node.tabIndex !== tab) label.node.tabIndex = tab;
      first = false;
    }
  }

  // The name at a place of the stage, in CSS pixels.
  at([px, py]) {
    return (
      this.labels.find(
        ({ seen, left, top, wide, high }) =>
          seen && px >= left && px <= left + wide && py >= top && py <= top + high,
      ) || null
    );
  }

  // Show what is behind a name, or nothing; says whether there is a name.
  point(label) {
    if (label === this.pointed) return Boolean(label);
    if (this.pointed) this.pointed.node.classList.remove("over");
    this.pointed = label;
    this.camera.stage.classList.toggle("pointing", Boolean(label));
    this.card.classList.toggle("shown", Boolean(label));
    if (!label) return false;
    label.node.classList.add("over");
    this.card.replaceChildren(
      h("strong", {}, label.name),
      h("div", { class: "than" }, label.count),
      ...label.reasons.map((text) => h("div", { class: "reason" }, text)),
      h("div", { class: "note" }, label.note),
    );
    const [w, hgt] = this.camera.size();
    const below = label.top + label.high + 6;
    Object.assign(this.card.style, {
      left: `${Math.max(6, Math.min(label.left, w - FACTS_WIDE))}px`,
      top: below > hgt - FACTS_HIGH ? "auto" : `${below}px`,
      bottom: below > hgt - FACTS_HIGH ? `${hgt - label.top + 6}px` : "auto",
    });
    return true;
  }

  choose(label, event) {
    const mode = event.shiftKey ? "add" : event.altKey ? "remove" : "replace";
    this.send({ type: "region", level: label.level, number: label.number, mode });
  }

  // Arrows go from name to name in reading order.
  walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const shown = this.labels
      .filter((label) => label.seen)
      .sort((a, b) => a.top - b.top || a.left - b.left);
    const next =
      shown[
        (shown.findIndex((label) => label.node === event.target) + step + shown.length) %
          shown.length
      ];
    if (next) next.node.focus({ preventScroll: true });
    event.preventDefault();
  }
}
