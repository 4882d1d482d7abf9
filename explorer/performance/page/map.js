// Where one model beats another: the server paints regions by their verdicts, what is pointed at is
// drawn over it here.

import { _, ngettext } from "../../core/gettext.js";
import { EffectLattice } from "../../experiment/effect_map/effect_lattice.js";
import { contextOf, h } from "../../ui/dom.js";
import { modeOf } from "../../ui/keys.js";
import { observeFor, whenOver } from "../../ui/lifetime.js";
import { formatCount } from "../../ui/number_format.js";

export class PerformanceMap {
  /** @type {number | undefined} */
  resizing;
  /** @type {number} */
  hung;
  /** @type {ImageBitmap | undefined} */
  image;
  /** @type {import("../../ui/types/page.js").Data} */
  sight;
  /** @type {import("../../ui/types/page.js").Point} */
  pointer;

  /** @param {import("./page.js").PerformancePage} page */
  constructor(page) {
    this.page = page;
    this.lattice = new EffectLattice({});
    this.pointed = this.focused = -1;
    const choose = (name) => h("select", { "aria-label": name, onchange: () => this.ask() });
    this.a = choose(_("First model"));
    this.b = choose(_("Second model"));
    this.metric = choose(_("Figure on the map"));
    this.canvas = h("canvas", {});
    this.hover = h("div", { class: "hover" });
    this.stage = h(
      "div",
      { class: "mapstage", tabIndex: 0, role: "application" },
      this.canvas,
      this.hover,
    );
    this.key = h("div", { class: "key" });
    this.words = h("p", { class: "note", role: "status" });
    this.asked = h(
      "span",
      { class: "line" },
      this.b,
      h("span", { class: "note" }, _("minus")),
      this.a,
      this.metric,
    );
    this.node = h(
      "section",
      { class: "where", "aria-label": _("Where one model beats another") },
      h("div", { class: "line" }, h("h3", {}, _("Where one is better")), this.asked),
      this.stage,
      this.key,
      this.words,
    );
    this.stage.addEventListener("pointermove", (event) => this.point(this.at(event)));
    this.stage.addEventListener("pointerleave", () => this.point(-1));
    this.stage.addEventListener("click", (event) => this.take(this.at(event), event));
    this.stage.addEventListener("keydown", (event) => this.type(event));
    const size = new ResizeObserver(() => {
      clearTimeout(this.resizing);
      this.resizing = setTimeout(() => this.measure(), 120);
    });
    observeFor(page.lifetime, size, this.stage);
    whenOver(page.lifetime, () => clearTimeout(this.resizing));
  }

  ask() {
    this.page.send({
      type: "pair",
      a: this.a.value,
      b: this.b.value,
      metric: this.metric.value || null,
    });
  }

  measure() {
    const [width, height, ratio] = [
      this.stage.clientWidth,
      this.stage.clientHeight,
      Math.min(window.devicePixelRatio || 1, 2),
    ];
    const size = [width, height, ratio].join();
    if (width > 1 && height > 1 && size !== this.measured) {
      this.page.send({ type: "size", width, height, ratio });
    }
    this.measured = size;
    this.draw();
  }

  show() {
    const { where, result } = this.page.model;
    this.node.hidden = !result.rows;
    this.words.textContent = where.words || "";
    this.stage.hidden = this.asked.hidden = this.key.hidden = !where.ready;
    if (!where.ready) return;
    this.lattice = new EffectLattice(where.lattice);
    const fill = (select, values, chosen) =>
      select.replaceChildren(
        ...values.map((value) => h("option", { value, selected: value === chosen }, value)),
      );
    fill(this.a, where.models, where.a);
    fill(this.b, where.models, where.b);
    fill(this.metric, where.metrics, where.metric);
    this.stage.setAttribute(
      "aria-label",
      _(
        "Map of where {b} beats {a}: {words}. Arrow keys move between regions, Enter selects the rows of one.",
        { b: where.b, a: where.a, words: where.words },
      ),
    );
    this.key.replaceChildren(
      ...where.key.map((entry) =>
        h(
          "span",
          { class: "model" },
          h(
            "i",
            {
              class: `swatch${{ "·": " lined", "○": " hollow" }[entry.glyph] || ""}`,
              style: `background-color:${entry.colour}`,
            },
            entry.glyph === "○" ? "○" : "",
          ),
          entry.words,
        ),
      ),
    );
  }

  async hang() {
    const { picture, sight } = this.page.model;
    if (!picture || !picture.byteLength) return;
    const image = await createImageBitmap(new Blob([picture]));
    if (this.hung > sight.turn) return;
    this.hung = sight.turn;
    this.image = image;
    this.sight = sight;
    this.stage.dataset.turn = sight.turn;
    this.draw();
  }

  // Pixels of the page from data units, and back.
  get frame() {
    const { x_range, y_range } = this.sight;
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const scale = Math.min(width / (x_range[1] - x_range[0]), height / (y_range[1] - y_range[0]));
    const [w, hgt] = [scale * (x_range[1] - x_range[0]), scale * (y_range[1] - y_range[0])];
    return { scale, left: (width - w) / 2, top: (height - hgt) / 2, w, hgt };
  }

  /**
   * @param {import("../../ui/types/page.js").Point} point
   * @returns {import("../../ui/types/page.js").Point}
   */
  pixel([x, y]) {
    const { scale, left, top, hgt } = this.frame;
    return [
      left + (x - this.sight.x_range[0]) * scale,
      top + hgt - (y - this.sight.y_range[0]) * scale,
    ];
  }

  draw() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    [this.canvas.width, this.canvas.height] = [
      Math.round(this.stage.clientWidth * ratio),
      Math.round(this.stage.clientHeight * ratio),
    ];
    if (!this.image) return;
    const context = contextOf(this.canvas);
    const { left, top, w, hgt } = this.frame;
    context.scale(ratio, ratio);
    context.drawImage(this.image, left, top, w, hgt);
    const style = getComputedStyle(this.stage);
    for (const region of new Set([this.focused, this.pointed])) {
      if (region < 0) continue;
      const inks = { "--map": 3.5, "--ink": 1.5 };
      for (const [colour, width] of Object.entries(inks)) {
        context.beginPath();
        for (const [from, to] of this.lattice.outline(region)) {
          context.moveTo(...this.pixel(from));
          context.lineTo(...this.pixel(to));
        }
        Object.assign(context, { strokeStyle: style.getPropertyValue(colour), lineWidth: width });
        context.stroke();
      }
    }
  }

  at(event) {
    if (!this.sight) return -1;
    const box = this.stage.getBoundingClientRect();
    const { scale, left, top, hgt } = this.frame;
    this.pointer = [event.clientX - box.left, event.clientY - box.top];
    return this.lattice.at(
      this.sight.x_range[0] + (this.pointer[0] - left) / scale,
      this.sight.y_range[0] + (top + hgt - this.pointer[1]) / scale,
    );
  }

  point(region, [x, y] = this.pointer || [0, 0]) {
    this.pointed = region;
    this.hover.hidden = region < 0;
    if (region >= 0) {
      const cell = this.page.model.where.cells[region];
      this.hover.replaceChildren(
        h("strong", {}, cell.name),
        h(
          "div",
          { class: "note" },
          ngettext("{count} row compared", "{count} rows compared", cell.rows, {
            count: formatCount(cell.rows),
          }),
        ),
        ...cell.lines.map(([name, text]) =>
          h("div", {}, name ? h("span", { class: "note" }, `${name} `) : "", text),
        ),
      );
      this.hover.style.left = `${Math.min(x + 14, this.stage.clientWidth - this.hover.offsetWidth - 4)}px`;
      this.hover.style.top = `${Math.min(y + 14, this.stage.clientHeight - this.hover.offsetHeight - 4)}px`;
    }
    this.draw();
  }

  take(region, event) {
    if (region < 0) return;
    this.focused = region;
    this.page.send({ type: "region", number: region, mode: modeOf(event) });
    this.draw();
  }

  type(event) {
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[
      event.key
    ];
    if (!way && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (!way) return void this.take(this.focused, event);
    this.focused = this.focused < 0 ? 0 : this.lattice.next(this.focused, way);
    const centre = this.lattice.centre(this.focused);
    if (centre) this.point(this.focused, this.pixel(centre));
  }
}
