// The map: paints the server's frames, moves the last one at once while the next is on its way.

import { _ } from "../../core/gettext.js";
import { h } from "../../ui/dom.js";
import { isTyping, modeOf } from "../../ui/keys.js";
import { latestWins } from "../../ui/latest_wins.js";
import { lifetimeOf, observeFor, whenOver } from "../../ui/lifetime.js";
import { MapBadge } from "../map_badge.js";
import { SecondMapCard } from "../second_map_card.js";
import { MapChooser } from "../map_chooser.js";
import { MapExplanation } from "../map_explanation.js";
import { MapHover } from "../map_hover.js";
import { MapLabels } from "../map_labels.js";
import { MapLegend } from "../map_legend.js";
import { MapMessage } from "../map_message.js";
import { MapPictures } from "../map_pictures.js";
import { MapSave } from "../map_save.js";
import { MapTools } from "../map_tools.js";
import { RegionTable } from "../region_table.js";
import { MapCamera } from "./map_camera.js";
import { MapDrawing } from "./map_drawing.js";
import { Frames, Line, MapPixels } from "./map_frame.js";

const OVERSCAN = 0.15; // share of the width drawn beyond each edge, so that a drag shows no blank
// silence after which the view counts as resting and is drawn at full resolution
const REST_MS = 110;
const MAX_PIXEL_RATIO = 1.5; // above this the eye gains nothing and the bytes double
const MOVING_RATIO = 0.5;
const INSIST_MS = 4000; // without an answer for so long a request is taken for lost
const CLICK_REACH = 4; // CSS pixels a hand may slip while it clicks
const TOUCH_REACH = 12; // and a finger
const HOLD_MS = 450; // a finger that rests for so long begins a lasso
const STEP = 60; // CSS pixels an arrow key moves the map
const FLY_MS = 420;
const FLY_CLOSER = 14; // times closer than the whole map, where one row is told from the next
const CARD_WIDTH = 312; // of the row's card, which must not lie on the row
const LASSO_STEP = 3; // CSS pixels between two vertices: finer than a hand, and a link stays short

/**
 * @typedef {import("../../ui/types/messages.js").MapCanvasParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").MapCanvasMessage} Message
 */

/**
 * @typedef {import("../../ui/types/page.js").Point} Point
 * @typedef {import("../../ui/types/page.js").Mode} Mode
 *
 * @typedef {object} Outline a selection while it is drawn
 * @property {"box" | "lasso"} tool
 * @property {Point[]} data
 * @property {Point} start
 * @property {Mode} mode
 * @property {Point} last in CSS pixels
 * @property {number} pane
 */

class MapView {
  /** @type {Outline | null} */
  path;
  /** @type {number | undefined} */
  hold;
  /** @type {Point | null} */
  pressed;

  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.root = root;
    this.pointers = new Map();
    this.path = null;
    this.sequence = 0;
    this.shown = 0;
    /** @type {ReturnType<MapCamera["ranges"]> | null} */
    this.looked = null; // the ranges that were chosen; null: the whole map
    this.resting = true;
    /** @type {(message: Message) => void} */
    this.send = (message) => model.send_msg(message);
    this.line = new Line();
    this.frames = new Frames();
    this.requests = latestWins((/** @type {Message & {seq: number}} */ message) => {
      this.line.ask(message.seq);
      this.send(message);
    });
    this.caption = h("p", { class: "caption" });
    this.bar = new MapTools(this.send, {
      tool: (name) => this.tool(name, true),
      whole: () => this.whole(),
      hasSecondMap: () => Boolean(this.model.second_map.on),
    });
    this.tools = this.bar.node;
    this.chooser = new MapChooser(this.send);
    this.legend = new MapLegend(this.send);
    this.thumbnail = h("button", {
      class: "card thumbnail",
      onclick: () => this.choose(this.model.overlay.thumbnail.key),
    });
    this.explanation = new MapExplanation(this.send);
    this.hover = new MapHover(this.send);
    this.secondMap = new SecondMapCard(this.send);
    this.message = new MapMessage(this.send);
    this.stage = h("div", { class: "stage", tabIndex: 0, role: "application" });
    this.camera = new MapCamera(this.stage);
    this.pixels = new MapPixels(this.camera);
    this.drawing = new MapDrawing(this.camera);
    this.badge = new MapBadge(this.camera);
    this.labels = new MapLabels(this.camera, this.send);
    this.pictures = new MapPictures(this.camera);
    this.regions = new RegionTable(this.send);
    this.pane = 0; // the one under the pointer
    this.stage.append(
      this.pixels.node,
      this.drawing.node,
      this.pictures.node,
      this.labels.node,
      this.secondMap.node,
      this.badge.node,
      h(
        "div",
        { class: "top" },
        h(
          "div",
          { class: "corner" },
          this.caption,
          this.labels.note,
          this.pictures.note,
          this.regions.node,
          this.thumbnail,
        ),
        this.tools,
      ),
      h("div", { class: "bottom" }, this.chooser.node, this.legend.node, this.explanation.node),
      this.hover.node,
      this.labels.card,
      this.message.node,
    );
    this.root.append(this.stage);
    this.save = new MapSave(this.send, () => this.camera.size(), this.lifetime);
    this.tools.append(this.labels.button, this.save.button);
    if (model.has_pictures) this.labels.button.after(this.pictures.button);
    this.tools.after(this.save.node);
    this.listen();
    this.overlay();
    this.showSecondMap();
    this.badge.show(this.model.trusted);
    this.explanation.show(this.model.explanation);
    this.showRegions();
    this.pictures.show(this.model.pictures);
    this.tool(this.model.tool);
    if (this.model.frame_info.id) this.receive();
  }

  listen() {
    const stage = this.stage;
    observeFor(this.lifetime, new ResizeObserver(() => this.resize()), stage);
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.up(event));
    stage.addEventListener("pointercancel", (event) => {
      this.path = null;
      this.up(event);
      this.outline();
    });
    stage.addEventListener("pointerleave", () => {
      this.hover.hide();
      this.labels.point(null);
      if (this.camera.panes > 1) this.outline();
    });
    // a long press begins a lasso
    stage.addEventListener("contextmenu", (event) => this.hold && event.preventDefault());
    stage.addEventListener("dblclick", (event) => {
      if (this.onMap(event) && !this.labels.at(this.position(event))) this.clear();
    });
    // on the document, so that + − 0 work wherever the focus is; arrows move the map only when it
    // has the focus
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.lifetime });
    this.model.on("frame_info", () => this.receive());
    this.model.on("home", () => this.restore());
    this.model.on("overlay", () => this.overlay());
    this.model.on("second_map", () => this.showSecondMap());
    this.model.on("trusted", () => {
      this.badge.show(this.model.trusted);
      this.outline();
    });
    this.model.on("explanation", () => this.explanation.show(this.model.explanation));
    this.model.on("regions", () => this.showRegions());
    this.model.on("pictures", () => this.pictures.show(this.model.pictures));
    this.model.on("making", () =>
      this.chooser.fill(this.model.making, this.model.overlay.embedding),
    );
    this.model.on("found_levels", () => this.legend.found(this.model.found_levels));
    this.model.on("hover", () => {
      this.hover.show(this.model.hover, [this.stage.clientWidth, this.stage.clientHeight]);
      if (this.camera.panes > 1) this.outline();
    });
    this.model.on("mark", () => this.outline());
    this.model.on("tool", () => this.tool(this.model.tool));
    this.model.on("fly", () => this.fly());
    this.model.on("picture", () => this.save.receive(this.model.picture, this.model.file));
    const insisting = setInterval(() => this.insist(), INSIST_MS);
    whenOver(this.lifetime, () => {
      clearInterval(insisting);
      clearTimeout(this.rest);
    });
  }

  // ---- the view

  fit() {
    const extent = this.model.home.extent;
    if (!extent) return;
    this.looked = null;
    this.camera.containWhole(extent);
    this.changed(false, false);
  }

  whole() {
    this.fit();
    this.send({ type: "whole" });
  }

  restore() {
    const { extent, view, keep } = this.model.home;
    const same = JSON.stringify(view) === JSON.stringify(this.looked);
    this.looked = view; // also while another tab is open
    if (same && keep && !this.resting) return; // the extent alone is another: the hand goes on
    this.resting = true;
    if (!extent || !this.camera.size()[0]) return;
    if (!keep) this.pixels.forget();
    this.reframe();
  }

  // The stage has another size: what was looked at fills it again, as for whoever opens a link.
  reframe() {
    if (!this.resting) return this.changed(false); // it was moved elsewhere a moment ago
    if (!this.looked) return this.fit();
    this.camera.contain(this.looked.x, this.looked.y);
    this.changed(false, false);
  }

  resize() {
    const [w, hgt] = this.camera.size();
    if (!w || !hgt) return;
    for (const canvas of [this.pixels.node, this.drawing.node]) {
      const ratio = Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO);
      canvas.width = Math.round(w * this.camera.panes * ratio);
      canvas.height = Math.round(hgt * ratio);
    }
    if (this.camera.view) this.reframe();
    else this.restore();
  }

  // ---- from a change of view to a request, from a reply to a painted frame

  changed(moving, keep = true) {
    this.paint();
    clearTimeout(this.rest);
    this.resting = !moving;
    this.request(moving, keep);
    if (moving) this.rest = setTimeout(() => this.changed(false), REST_MS);
  }

  request(moving, keep, anew = false) {
    const [w, hgt] = this.camera.size();
    const ratio =
      Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO) * (moving ? MOVING_RATIO : 1);
    const drawn = this.camera.ranges(OVERSCAN);
    const sight = this.camera.ranges();
    if (keep && !moving) this.looked = sight;
    this.requests.offer({
      type: "view",
      seq: ++this.sequence,
      moving,
      keep,
      anew,
      packed: this.line.slow,
      x_range: drawn.x,
      y_range: drawn.y,
      x_view: sight.x,
      y_view: sight.y,
      width: Math.max(1, Math.round(w * (1 + 2 * OVERSCAN) * ratio)),
      height: Math.max(1, Math.round(hgt * (1 + 2 * OVERSCAN) * ratio)),
    });
  }

  // What got lost on the way is asked for again: a map without its picture helps nobody.
  insist() {
    if (document.documentElement.dataset.lost) return;
    if (!this.camera.view) this.send({ type: "ready" });
    else if (this.received !== this.sequence && this.overdue === this.sequence) {
      this.request(false, false);
    }
    this.overdue = this.sequence;
  }

  async receive() {
    const info = this.model.frame_info;
    this.requests.done();
    this.received = info.seq;
    this.line.came(info, info.again || !this.model.frame ? 0 : this.model.frame.byteLength);
    const pending = this.frames.read(info, this.model);
    if (!pending) return this.request(false, false, true);
    const [pixels, others] = await pending;
    // unpacking one frame may take longer than the next
    if (!pixels || info.id < this.shown) return;
    this.shown = info.id;
    this.pixels.take(0, info, pixels);
    this.pixels.take(1, info.second, others);
    this.pixels.paint(); // what lies over them was placed as the view changed
    document.getElementById("first")?.remove(); // the picture that came with the page
    this.stage.dataset.frame = info.id;
    this.stage.dataset.moving = info.moving;
    if (!info.moving) {
      this.legend.painted(info.ends);
      this.pictures.settle();
    }
    this.account();
  }

  account() {
    const { account } = this.model.frame_info;
    if (!account) return;
    this.chooser.count(account);
    const nothing = account.in_view === 0 && this.model.overlay.caption;
    this.caption.textContent = nothing
      ? account.outside
        ? _("Nothing is in view: press 0 for the whole map.")
        : _("Nothing is in view: the filters hide every row.")
      : this.model.overlay.caption || "";
  }

  paint() {
    this.pixels.paint();
    this.outline();
    this.labels.place(this.model.home.extent);
    this.pictures.place();
  }

  outline() {
    const { overlay, second_map, mark } = this.model;
    const places = mark.places || [];
    const over = (this.hover.at && this.model.hover.places) || [];
    const pane = (which, shape) => ({
      place: places[which],
      over: over[which],
      shape: this.path && this.path.pane === which ? this.path.data : shape,
      tracing: this.path?.pane === which,
    });
    this.drawing.draw([pane(0, overlay.outline), pane(1, second_map.outline)]);
    this.badge.place(overlay.outline);
  }

  // A second map comes or goes: the panes have another size.
  showSecondMap() {
    const panes = this.model.second_map.on ? 2 : 1;
    this.bar.press(this.bar.two, panes === 2);
    this.stage.dataset.panes = String(panes);
    this.secondMap.show(this.model.second_map);
    if (panes !== this.camera.panes) {
      this.camera.panes = panes;
      this.pixels.forget();
      if (this.camera.view) this.reframe();
      else this.restore();
    } else this.outline();
  }

  // Moves the view to a row; without coming closer only where the row is out of sight.
  fly() {
    const { x, y, zoom } = this.model.fly;
    const { extent } = this.model.home;
    if (x === undefined || !this.camera.view) return;
    const [w, hgt] = this.camera.size();
    const covered = w > 2 * CARD_WIDTH ? CARD_WIDTH : 0;
    const [px, py] = this.camera.toPixel(x, y);
    if (!zoom && px > 30 && px < w - covered - 30 && py > 30 && py < hgt - 30) return;
    const from = { ...this.camera.view };
    const scale = zoom
      ? Math.min(from.scale, this.camera.scaleOf(extent[0], extent[1]) / FLY_CLOSER)
      : from.scale;
    const to = { cx: x + (covered / 2) * scale, cy: y, scale };
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const start = performance.now();
    const turn = (this.flight = (this.flight || 0) + 1);
    const step = (now) => {
      if (turn !== this.flight) return;
      const share = still ? 1 : Math.min(Math.max((now - start) / FLY_MS, 0), 1);
      const eased = share * share * (3 - 2 * share);
      const k = from.scale * (to.scale / from.scale) ** eased;
      // the way over the map shrinks with the scale, so that the row comes in on a straight line
      const way = to.scale === from.scale ? eased : (from.scale - k) / (from.scale - to.scale);
      this.camera.view = {
        cx: from.cx + (to.cx - from.cx) * way,
        cy: from.cy + (to.cy - from.cy) * way,
        scale: k,
      };
      this.changed(true);
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  // ---- what a person does

  onMap(event) {
    const target = event.composedPath()[0];
    return target === this.drawing.node || target === this.pixels.node || target === this.stage;
  }

  /**
   * Where on its pane; a gesture stays on the pane where it began.
   *
   * @param {MouseEvent} event
   * @returns {Point}
   */
  position(event) {
    const box = this.stage.getBoundingClientRect();
    const [w] = this.camera.size();
    const px = event.clientX - box.left;
    if (!this.pointers.size) this.pane = this.camera.panes > 1 && px >= w ? 1 : 0;
    return [px - this.pane * w, event.clientY - box.top];
  }

  wheel(event) {
    if (!this.camera.view || !this.onMap(event)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 20 : 1;
    this.zoom(Math.exp(event.deltaY * lines * 0.0018), ...this.position(event));
  }

  zoom(factor, px, py) {
    this.flight = (this.flight || 0) + 1;
    this.camera.zoom(factor, px, py, this.model.home.extent);
    this.changed(true);
  }

  down(event) {
    if (!this.camera.view || !this.onMap(event) || event.button > 1) return;
    this.stage.setPointerCapture(event.pointerId);
    this.stage.focus({ preventScroll: true });
    this.pointers.set(event.pointerId, this.position(event));
    this.pressed = event.button === 0 && this.pointers.size === 1 ? this.position(event) : null;
    this.flight = (this.flight || 0) + 1;
    this.hover.hide();
    clearTimeout(this.hold);
    if (this.pointers.size > 1) this.path = null;
    else if (this.mode !== "pan" && event.button === 0) this.begin(this.mode, event);
    else if (event.pointerType === "touch") {
      this.hold = setTimeout(() => this.pressed && this.begin("lasso", event), HOLD_MS);
    }
  }

  // An outline begins where the pointer went down.
  begin(tool, event) {
    const last = this.position(event);
    const start = this.camera.toData(...last);
    // as the hand began: a key let go a moment before the button must not replace the selection
    this.path = { tool, data: [start], start, mode: modeOf(event), last, pane: this.pane };
    this.outline();
  }

  move(event) {
    if (!this.camera.view) return;
    const now = this.position(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (this.onMap(event) && !(this.pane === 0 && this.labels.point(this.labels.at(now)))) {
        this.hover.ask(
          [now[0] + this.pane * this.camera.size()[0], now[1]],
          this.camera.toData(...now),
          this.camera.view.scale,
          this.pane,
        );
      } else this.hover.hide();
      return;
    }
    const reach = event.pointerType === "touch" ? TOUCH_REACH : CLICK_REACH;
    if (this.pressed && Math.hypot(now[0] - this.pressed[0], now[1] - this.pressed[1]) > reach) {
      this.pressed = null;
    }
    if (this.pointers.size === 2) this.pinch(event.pointerId, before, now);
    else if (this.path) this.trace(now);
    else {
      this.camera.move(now[0] - before[0], now[1] - before[1]);
      this.changed(true);
    }
    this.pointers.set(event.pointerId, now);
  }

  pinch(id, before, now) {
    const [, other] = [...this.pointers].filter(([key]) => key !== id)[0];
    const span = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
    this.zoom(
      span(before, other) / span(now, other),
      (now[0] + other[0]) / 2,
      (now[1] + other[1]) / 2,
    );
    // the map follows the middle of the two fingers
    this.camera.move((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  }

  /** @param {Point} now */
  trace(now) {
    const { path } = this;
    if (!path) return;
    const [x, y] = this.camera.toData(...now);
    if (path.tool === "box") {
      const [x0, y0] = path.start;
      path.data = [path.start, [x, y0], [x, y], [x0, y]];
    } else if (Math.hypot(now[0] - path.last[0], now[1] - path.last[1]) >= LASSO_STEP) {
      path.data.push([Number(x.toPrecision(6)), Number(y.toPrecision(6))]);
      path.last = now;
    }
    this.outline();
  }

  up(event) {
    clearTimeout(this.hold);
    this.pointers.delete(event.pointerId);
    if (this.pressed && event.type === "pointerup") {
      const [x, y] = this.camera.toData(...this.pressed);
      const label = this.pane === 0 && this.labels.at(this.pressed);
      if (label) this.labels.choose(label, event);
      else this.send({ type: "click", x, y, radius: 8 * this.camera.now.scale, pane: this.pane });
      this.path = null;
    }
    this.pressed = null;
    if (!this.path) return;
    const { tool, data, mode, pane } = this.path;
    this.path = null;
    if (data.length > 2) this.send({ type: tool, polygon: data, mode, pane });
    this.outline();
  }

  clear() {
    this.send({ type: "clear" });
  }

  key(event) {
    if (
      isTyping(event) ||
      !this.camera.view ||
      event.ctrlKey ||
      event.metaKey ||
      document.documentElement.dataset.tab !== "Map"
    ) {
      return;
    }
    const [w, hgt] = this.camera.size();
    /** @type {Record<string, Point>} */
    const moves = {
      ArrowLeft: [STEP, 0],
      ArrowRight: [-STEP, 0],
      ArrowUp: [0, STEP],
      ArrowDown: [0, -STEP],
    };
    if (moves[event.key] && event.composedPath()[0] === this.stage) {
      this.camera.move(...moves[event.key]);
      this.changed(true);
    } else if (event.key === "+" || event.key === "=") this.zoom(0.7, w / 2, hgt / 2);
    else if (event.key === "-") this.zoom(1 / 0.7, w / 2, hgt / 2);
    else if (event.key === "0") this.whole();
    else if (event.key.toLowerCase() === "n") this.labels.toggle();
    else return;
    event.preventDefault();
  }

  showRegions() {
    this.labels.show(this.model.regions);
    this.regions.show(this.model.regions);
  }

  tool(name, tell = false) {
    this.mode = name;
    this.stage.dataset.tool = name;
    this.bar.choose(name);
    if (tell) this.model.tool = name;
  }

  choose(key) {
    this.send({ type: "embedding", key });
  }

  // ---- what stands on the map

  overlay() {
    const { caption, thumbnail, message, label } = this.model.overlay;
    this.stage.setAttribute("aria-label", label || _("Map"));
    this.caption.textContent = caption || "";
    this.message.show(message);
    this.paintThumbnail(thumbnail);
    this.chooser.show(this.model.overlay, this.model.making);
    this.account();
    this.legend.show(this.model.overlay.legend);
    const none = this.bar.layers(this.model.overlay.layers);
    this.labels.allow(none);
    this.save.allow(none);
    this.outline();
  }

  paintThumbnail(thumbnail) {
    this.thumbnail.classList.toggle("shown", Boolean(thumbnail));
    if (!thumbnail) return;
    this.thumbnail.title = thumbnail.title;
    this.thumbnail.replaceChildren(
      h("span", {}, thumbnail.label),
      h("img", { src: thumbnail.src, alt: thumbnail.title }),
    );
  }
}

/** @param {import("../../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  new MapView(model, el, lifetimeOf({ model, view }));
}
