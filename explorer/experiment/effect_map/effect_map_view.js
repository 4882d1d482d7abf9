// The effect map: the server paints rows and regions as one picture; what is pointed at and chosen
// is drawn over it here.

import { _, ngettext } from "../../core/gettext.js";
import { introduce } from "../../ui/bokeh.js";
import { contextOf, h, saveFile, saveTitle } from "../../ui/dom.js";
import { howHeading } from "../../ui/how_computed.js";
import { modeOf } from "../../ui/keys.js";
import { lifetimeOf, observeFor, whenOver } from "../../ui/lifetime.js";
import { formatCount } from "../../ui/number_format.js";
import { EffectLattice } from "./effect_lattice.js";
import { EffectLegend } from "./effect_legend.js";
import { setUnavailable } from "../../ui/forms/unavailable.js";

const RESIZE_MS = 120;
const MOST_RATIO = 2; // above this the eye gains nothing and the bytes double
const HOVER_GAP = 14;
const FEWEST_HEXAGONS = 30;
const MOST_HEXAGONS = 1000;
const CLUSTER_WORDS = {
  "few clusters": _("named regions, few"),
  clusters: _("named regions"),
  "many clusters": _("named regions, many"),
};
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @typedef {import("../../ui/types/messages.js").EffectMapViewParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").EffectMapViewMessage} Message
 */

class EffectMap {
  /** @type {import("../../ui/types/page.js").Point} */
  pointer;

  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.root = root;
    this.lattice = new EffectLattice({});
    this.legend = new EffectLegend();
    this.pointed = this.focused = -1;
    const look = (name) =>
      h("select", {
        "aria-label": name,
        onchange: (event) => this.send({ type: "look", [name]: event.target.value }),
      });
    this.metric = look("metric");
    this.arm = look("arm");
    this.how = h("select", {
      "aria-label": _("Regions"),
      onchange: (event) =>
        this.send({
          type: "regions",
          regions: event.target.value === "hexagons" ? this.count() : event.target.value,
        }),
    });
    this.slider = h("input", {
      type: "range",
      min: 0,
      max: 100,
      "aria-label": _("Number of hexagons"),
      oninput: () => this.tellCount(),
      onchange: () => this.send({ type: "regions", regions: this.count() }),
    });
    this.number = h("output", {});
    this.enlarge = h(
      "button",
      { class: "small", "aria-pressed": "false", onclick: () => this.large(!this.isLarge) },
      _("Enlarge"),
    );
    this.save = h(
      "select",
      { class: "save", "aria-label": _("Save"), onchange: () => this.ask() },
      ...[
        ["", _("Save")],
        ["png 2", "PNG"],
        ["png 4", _("PNG, twice as sharp")],
        ["svg 2", "SVG"],
        ["pdf 2", "PDF"],
        ["csv 1", _("Regions as CSV")],
        ["json 1", _("Regions as JSON")],
      ].map(([value, text]) =>
        h("option", { value, title: saveTitle(value.split(" ")[0], text) }, text),
      ),
    );
    this.under = h("canvas", { class: "picture" });
    this.over = h("canvas", { class: "marks" });
    this.hover = h("div", { class: "hover" });
    this.message = h("div", { class: "message", role: "alert" });
    this.stage = h(
      "div",
      { class: "stage", tabIndex: 0, role: "application" },
      this.under,
      this.over,
      this.hover,
      this.message,
    );
    this.spoken = h("span", { class: "spoken", role: "status" });
    this.line = h("p", { class: "ledger" });
    this.notes = h("details", { class: "notes" });
    this.compare = h(
      "button",
      {
        class: "small",
        onclick: () => this.send({ type: "compare", number: this.focused }),
      },
      _("what distinguishes it"),
    );
    this.page = h(
      "section",
      { class: "effect", "aria-label": _("Effect on the map") },
      h(
        "header",
        {},
        ...howHeading("effect", _("Effect on the map")),
        h("span", { class: "fill" }),
        this.enlarge,
        this.save,
      ),
      h(
        "div",
        { class: "asked" },
        this.metric,
        this.arm,
        this.how,
        h("label", { class: "slider" }, this.slider, this.number),
      ),
      this.stage,
      this.legend.node,
      h("div", { class: "foot" }, this.line, h("div", { class: "acts" }, this.compare), this.notes),
      this.spoken,
    );
    this.root.append(this.page);
    this.listen();
    this.show();
    this.hang();
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  listen() {
    const { stage, model } = this;
    const size = new ResizeObserver(() => {
      clearTimeout(this.resizing);
      this.resizing = setTimeout(() => this.resize(), RESIZE_MS);
      this.draw();
    });
    observeFor(this.lifetime, size, stage);
    stage.addEventListener("pointermove", (event) => this.point(event));
    stage.addEventListener("pointerleave", () => this.pointAt(-1));
    stage.addEventListener("click", (event) => this.click(event));
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("blur", () => this.pointAt(-1));
    this.page.addEventListener("keydown", (event) => this.escape(event));
    model.on("card", () => this.show());
    model.on("sight", () => this.hang());
    model.on("chosen", () => this.mark());
    model.on("busy", () => this.busy());
    model.on("saved", () => this.receive());
    whenOver(this.lifetime, () => clearTimeout(this.resizing));
  }

  // ---- what there is to be seen

  show() {
    const { card } = this.model;
    const ready = card.status === "ready";
    const pointed = this.lattice.places.length;
    this.page.dataset.status = card.status || "";
    this.lattice = new EffectLattice(card.lattice || {});
    if (this.lattice.places.length !== pointed) this.focus(-1);
    const options = (select, values, chosen, labelOf = (value) => value) =>
      select.replaceChildren(
        ...values.map((value) =>
          h("option", { value, selected: value === chosen }, labelOf(value)),
        ),
      );
    if (ready) {
      options(this.metric, card.metrics, card.metric);
      options(this.arm, card.arms, card.arm, (arm) =>
        _("{arm} against {control}", { arm, control: card.control }),
      );
      const clusters = typeof card.regions === "string";
      options(
        this.how,
        ["hexagons", ...Object.keys(CLUSTER_WORDS)],
        clusters ? card.regions : "hexagons",
        (value) => CLUSTER_WORDS[value] || _("hexagons"),
      );
      if (!clusters) {
        this.slider.value = Math.round(
          (100 *
            Math.log(
              Math.min(Math.max(card.regions, FEWEST_HEXAGONS), MOST_HEXAGONS) / FEWEST_HEXAGONS,
            )) /
            Math.log(MOST_HEXAGONS / FEWEST_HEXAGONS),
        );
      }
      this.slider.parentNode.hidden = clusters;
      this.number.textContent = clusters ? "" : card.regions;
      const summary = _("Regions: {count}, {metric}, {arm} against {control}", {
        count: formatCount(card.cells.length),
        metric: card.metric,
        arm: card.arm,
        control: card.control,
      });
      this.stage.setAttribute(
        "aria-label",
        _(
          "Effect map: {summary}. Arrow keys move between regions, Enter selects the rows of one, Shift adds.",
          { summary },
        ),
      );
    }
    this.line.textContent = this.line.title = ready ? card.line : "";
    const notes = (ready && card.notes) || [];
    this.notes.replaceChildren(
      h("summary", {}, notes[0] || ""),
      ...notes.slice(1).map((text) => h("p", {}, text)),
    );
    this.legend.show(ready ? card : {});
    this.explain();
    this.mark();
    this.busy();
    this.resize();
  }

  // Why there is no effect map, and what can be done.
  explain() {
    const { card } = this.model;
    this.message.classList.toggle("shown", Boolean(card.status) && card.status !== "ready");
    if (card.status === "ready") return;
    const columns = card.columns || [];
    const unsaid = columns.filter((column) => !column.said).map((column) => column.name);
    const before = (names, text) =>
      h(
        "button",
        {
          class: "small",
          title: _(
            "Written to the catalogue of this table, permanently and for all users: confirm only what you know",
          ),
          onclick: () => this.send({ type: "before", names }),
        },
        text,
      );
    this.message.replaceChildren(
      h(
        "strong",
        {},
        columns.length ? _("Is this map from before the assignment?") : _("No effect map yet"),
      ),
      h("span", {}, `${(card.words || "").replace(/^./, (letter) => letter.toUpperCase())}.`),
      columns.length
        ? h(
            "div",
            { class: "columns" },
            ...columns.map((column) =>
              h(
                "div",
                {},
                h(
                  "button",
                  {
                    class: "name",
                    title: _("Show this feature"),
                    onclick: () => this.send({ type: "feature", name: column.name }),
                  },
                  column.label,
                ),
                h(
                  "span",
                  { class: "note" },
                  column.said === "after"
                    ? ` ${_("after the assignment")} `
                    : ` ${_("not known when")} `,
                ),
                before([column.name], _("was measured before")),
              ),
            ),
          )
        : "",
      unsaid.length > 1
        ? h(
            "p",
            {},
            before(unsaid, _("all {count} were measured before", { count: unsaid.length })),
          )
        : "",
      columns.length
        ? h(
            "p",
            { class: "note" },
            _("Your answer is written to the catalogue, and the effect map is computed at once."),
          )
        : "",
    );
  }

  busy() {
    this.page.setAttribute("aria-busy", String(this.model.busy));
  }

  resize() {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO);
    if (width < 2 || height < 2 || this.model.card.status !== "ready") return;
    const size = [width, height, ratio].join();
    if (size !== this.asked) this.send({ type: "size", width, height, ratio });
    this.asked = size;
    this.draw();
  }

  async hang() {
    const { picture, sight } = this.model;
    if (!picture) return;
    const bitmap = new Image();
    bitmap.src = picture;
    await bitmap.decode();
    if (this.hung > sight.turn) return;
    this.hung = sight.turn;
    this.image = bitmap;
    this.sight = sight;
    this.stage.dataset.turn = sight.turn;
    this.draw();
  }

  draw() {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO);
    for (const canvas of [this.under, this.over]) {
      [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    }
    if (!this.image || this.model.card.status !== "ready") return;
    const [x, y, w, hgt] = this.frame();
    contextOf(this.under).drawImage(this.image, x * ratio, y * ratio, w * ratio, hgt * ratio);
    this.mark();
  }

  // Where the picture lies on the stage, in CSS pixels: until the next one comes, the last is shown
  // as large as it fits.
  frame() {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const k = Math.min(width / this.sight.width, height / this.sight.height);
    return [
      (width - this.sight.width * k) / 2,
      (height - this.sight.height * k) / 2,
      this.sight.width * k,
      this.sight.height * k,
    ];
  }

  /**
   * @param {import("../../ui/types/page.js").Point} point
   * @returns {import("../../ui/types/page.js").Point}
   */
  toPixel([x, y]) {
    const [left, top, w, hgt] = this.frame();
    const {
      x_range: [x0, x1],
      y_range: [y0, y1],
    } = this.sight;
    return [left + ((x - x0) / (x1 - x0)) * w, top + (1 - (y - y0) / (y1 - y0)) * hgt];
  }

  /**
   * @param {import("../../ui/types/page.js").Point} place
   * @returns {import("../../ui/types/page.js").Point}
   */
  toData([px, py]) {
    const [left, top, w, hgt] = this.frame();
    const {
      x_range: [x0, x1],
      y_range: [y0, y1],
    } = this.sight;
    return [x0 + ((px - left) / w) * (x1 - x0), y0 + (1 - (py - top) / hgt) * (y1 - y0)];
  }

  // In ink, since colour is for the effect: the chosen regions, and the one that is pointed at.
  mark() {
    if (!this.sight) return;
    const context = contextOf(this.over);
    const ratio = this.over.width / Math.max(this.stage.clientWidth, 1);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.over.width, this.over.height);
    const style = getComputedStyle(this.page);
    const trace = (region, width, dash = []) => {
      const inks = { "--map": 2, "--ink": 0 };
      for (const [colour, extra] of Object.entries(inks)) {
        context.beginPath();
        for (const [from, to] of this.lattice.outline(region)) {
          context.moveTo(...this.toPixel(from));
          context.lineTo(...this.toPixel(to));
        }
        Object.assign(context, {
          strokeStyle: style.getPropertyValue(colour),
          lineWidth: width + extra,
          lineCap: "round",
        });
        context.setLineDash(extra ? [] : dash);
        context.stroke();
      }
    };
    for (const region of this.model.chosen) trace(region, 2);
    if (this.focused >= 0 && !this.model.chosen.includes(this.focused)) {
      trace(this.focused, 1.5, [4, 3]);
    }
    if (this.pointed >= 0) trace(this.pointed, 1.5);
  }

  // ---- what a person does

  at(event) {
    if (!this.sight || this.model.card.status !== "ready") return -1;
    const box = this.stage.getBoundingClientRect();
    this.pointer = [event.clientX - box.left, event.clientY - box.top];
    return this.lattice.at(...this.toData(this.pointer));
  }

  point(event) {
    if (!this.message.contains(event.composedPath()[0])) this.pointAt(this.at(event));
  }

  pointAt(region, place = this.pointer) {
    this.pointed = region;
    this.stage.classList.toggle("pointing", region >= 0);
    this.hover.classList.toggle("shown", region >= 0);
    if (region >= 0) this.tell(region, place);
    this.mark();
  }

  // The card of a region, beside the pointer and within the page.
  tell(region, [px, py]) {
    const cell = this.model.card.cells[region];
    this.hover.replaceChildren(
      h("strong", {}, cell.name),
      h(
        "div",
        { class: "note" },
        ngettext("{count} row", "{count} rows", cell.rows, { count: formatCount(cell.rows) }),
      ),
      ...cell.lines.map(([name, text]) =>
        h(
          "div",
          { class: name ? "field" : "verdict" },
          name
            ? h("span", {}, name)
            : h(
                "i",
                { style: `background:${cell.colour}`, class: `swatch kind-${cell.kind}` },
                cell.kind === 2 ? "○" : "",
              ),
          h("span", {}, text),
        ),
      ),
    );
    const stage = this.stage.getBoundingClientRect();
    const [width, height] = [this.hover.offsetWidth, this.hover.offsetHeight];
    const right = stage.left + px + HOVER_GAP + width > window.innerWidth;
    const below = stage.top + py + HOVER_GAP + height > window.innerHeight;
    this.hover.style.left = `${Math.max(right ? px - HOVER_GAP - width : px + HOVER_GAP, -stage.left)}px`;
    this.hover.style.top = `${Math.max(below ? py - HOVER_GAP - height : py + HOVER_GAP, -stage.top)}px`;
  }

  focus(region) {
    this.focused = region;
    const cell = region >= 0 && this.model.card.cells ? this.model.card.cells[region] : null;
    setUnavailable(
      this.compare,
      !cell && _("Click a region of the map first"),
      _(
        "Keep its rows as group A and compare them with the rest, feature by feature, by the unit of the experiment",
      ),
    );
    this.compare.textContent = cell
      ? _("what distinguishes {name}", { name: cell.name })
      : _("what distinguishes it");
    this.mark();
    return cell;
  }

  click(event) {
    const region = this.at(event);
    if (region < 0 || this.message.contains(event.composedPath()[0])) return;
    this.focus(region);
    this.pick(region, event);
  }

  pick(region, event) {
    this.send({ type: "pick", number: region, mode: modeOf(event) });
  }

  key(event) {
    const way = ARROWS[event.key];
    const enter = event.key === "Enter" && this.focused >= 0;
    if (
      (!way && !enter) ||
      event.ctrlKey ||
      event.metaKey ||
      event.composedPath()[0] !== this.stage
    ) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (enter) {
      this.pick(this.focused, event);
      return;
    }
    const region =
      this.focused < 0
        ? (this.lattice.regions.find((number) => number >= 0) ?? -1)
        : this.lattice.next(this.focused, way);
    if (region < 0) return;
    const cell = this.focus(region);
    const centre = this.lattice.centre(region);
    if (centre) this.pointAt(region, this.toPixel(centre));
    this.spoken.textContent = [
      cell.name,
      ngettext("{count} row", "{count} rows", cell.rows, { count: formatCount(cell.rows) }),
      ...cell.lines.map(([name, words]) => `${name} ${words}`),
    ].join(". ");
  }

  get isLarge() {
    return this.page.classList.contains("large");
  }

  // Over the whole page, and back: beside the table there is not much room.
  large(on) {
    this.page.classList.toggle("large", on);
    this.enlarge.setAttribute("aria-pressed", String(on));
    this.enlarge.textContent = on ? _("Back") : _("Enlarge");
  }

  // Escape makes it small again and does nothing else: the page would clear the selection with it.
  escape(event) {
    if (event.key !== "Escape" || !this.isLarge) return;
    event.preventDefault();
    event.stopPropagation();
    this.large(false);
    this.enlarge.focus();
  }

  count() {
    const nearest =
      FEWEST_HEXAGONS * (MOST_HEXAGONS / FEWEST_HEXAGONS) ** (Number(this.slider.value) / 100);
    return nearest > 200 ? 50 * Math.round(nearest / 50) : 10 * Math.round(nearest / 10);
  }

  tellCount() {
    this.number.textContent = this.count();
  }

  ask() {
    const [form, scale] = this.save.value.split(" ");
    this.save.value = "";
    if (form) this.send({ type: "save", form, scale: Number(scale) });
  }

  receive() {
    const { saved } = this.model;
    if (saved.data) saveFile(saved);
    this.spoken.textContent = saved.trouble || "";
    if (saved.trouble) this.line.textContent = saved.trouble;
  }
}

/** @param {import("../../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new EffectMap(model, el, lifetimeOf({ model, view }));
}
