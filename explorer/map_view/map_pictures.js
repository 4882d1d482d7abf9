// Pictures of the few rows in sight, each with a line to its point.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { rowPicture } from "../ui/plots/row_picture.js";
import { formatCount } from "../ui/number_format.js";
import { placePictures } from "./picture_layout.js";

const SVG = "http://www.w3.org/2000/svg";
const HIDDEN = "explorer-pictures-hidden"; // remembered by the browser

/**
 * @typedef {object} Placed
 * @property {number} x of its row on the map
 * @property {number} y
 * @property {HTMLElement} image
 * @property {SVGLineElement} line
 * @property {[number, number]} shift of its corner from its point, in CSS pixels
 */

export class MapPictures {
  /** @param {import("./canvas/map_camera.js").MapCamera} camera */
  constructor(camera) {
    this.camera = camera;
    /** @type {Placed[]} */
    this.placed = [];
    /** @type {{size?: [number, number], items?: [number, number, number, string][]}} */
    this.offered = {};
    /** @type {[number, number]} */
    this.size = [0, 0];
    this.waits = false; // until the map has a view
    this.hidden = localStorage.getItem(HIDDEN) === "1";
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("aria-hidden", "true");
    this.images = h("div", {});
    this.note = h("p", { class: "pictures-note", role: "status" });
    this.node = h("div", {
      class: "pictures",
      role: "group",
      "aria-label": _("Images of the rows in view"),
    });
    this.node.append(this.lines, this.images);
    this.button = h(
      "button",
      {
        title: _("Images of rows, where few rows are in view"),
        onclick: () => this.toggle(),
      },
      _("Images"),
    );
  }

  toggle() {
    this.hidden = !this.hidden;
    localStorage.setItem(HIDDEN, this.hidden ? "1" : "");
    this.show(this.offered);
  }

  /** @param {{size?: [number, number], items?: [number, number, number, string][]}} offered */
  show(offered) {
    this.offered = offered;
    this.button.setAttribute("aria-pressed", String(!this.hidden));
    this.waits = !this.camera.view;
    if (this.waits) return;
    this.placed = [];
    this.size = offered.size || [0, 0];
    const { size } = this;
    const [width, height] = this.camera.size();
    const items = (this.hidden ? [] : offered.items || []).filter(([, x, y]) => {
      const [px, py] = this.camera.toPixel(x, y);
      return px >= 0 && py >= 0 && px <= width && py <= height;
    });
    const points = items.map(([, x, y]) => this.camera.toPixel(x, y));
    const places = placePictures(points, size, [width, height]);
    items.forEach(([row, x, y, address], index) => {
      const place = places[index];
      if (!place) return;
      const image = rowPicture(address, _("row {row}", { row: formatCount(row) }));
      Object.assign(image.style, { width: `${size[0]}px`, height: `${size[1]}px` });
      const line = document.createElementNS(SVG, "line");
      const [px, py] = points[index];
      this.placed.push({ x, y, image, line, shift: [place.left - px, place.top - py] });
    });
    this.images.replaceChildren(...this.placed.map(({ image }) => image));
    this.lines.replaceChildren(...this.placed.map(({ line }) => line));
    const missed = items.length - this.placed.length;
    this.note.textContent = missed
      ? _("{count} of {total} images fit: zoom in for all", {
          count: formatCount(this.placed.length),
          total: formatCount(items.length),
        })
      : "";
    this.place();
  }

  // The view rests: the pictures are laid out anew.
  settle() {
    this.show(this.offered);
  }

  // While the view moves the pictures go with their points.
  place() {
    if (!this.camera.view) return;
    if (this.waits) return this.show(this.offered);
    const [width, height] = this.size;
    for (const { x, y, image, line, shift } of this.placed) {
      const [px, py] = this.camera.toPixel(x, y);
      const [left, top] = [Math.round(px + shift[0]), Math.round(py + shift[1])];
      image.style.transform = `translate(${left}px,${top}px)`;
      const ends = {
        x1: px,
        y1: py,
        x2: Math.min(Math.max(px, left), left + width),
        y2: Math.min(Math.max(py, top), top + height),
      };
      for (const [name, value] of Object.entries(ends)) line.setAttribute(name, String(value));
    }
  }
}
