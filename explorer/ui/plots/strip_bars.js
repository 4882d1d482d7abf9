// Bars that count the rows shown and, over them, the selected ones, and that filter: levels by a
// tick, numbers by a range. With Ctrl they select instead.

import { _ } from "../../core/gettext.js";
import { h } from "../dom.js";
import { modeOf } from "../keys.js";
import { latestWins } from "../latest_wins.js";
import { formatCount } from "../number_format.js";

/** @typedef {import("../types/messages.js").RowsPanelMessage} Message */

const selects = (/** @type {MouseEvent | KeyboardEvent} */ event) => event.ctrlKey || event.metaKey;

export class StripBars {
  /** @type {{key: string, node: HTMLElement} | null} the strip that is being brushed */
  held = null;

  /** @param {(message: Message) => void} send */
  constructor(send) {
    this.send = send;
    this.ranges = latestWins(send);
    // ends that the keys have moved and that are not sent yet
    this.moved = new Map();
  }

  // The server has counted what was asked for.
  done() {
    this.ranges.done();
  }

  /**
   * The strip under the hand stays the same node: its own range changes none of its counts.
   *
   * @param {any} strip a card of the server; `key` tells strips of one column apart
   * @param {() => HTMLElement} head
   * @returns {HTMLElement}
   */
  draw(strip, head) {
    if (this.held && this.held.key === keyOf(strip)) return this.held.node;
    return strip.kind === "levels" ? this.levels(strip, head) : this.histogram(strip, head);
  }

  levels(strip, head) {
    const most = Math.max(...strip.levels.map((level) => level.shown), 1);
    const counted = strip.levels.map((level) =>
      formatCount(strip.selecting ? level.selected : level.shown),
    );
    const width = Math.max(...counted.map((text) => text.length), 3);
    return h(
      "section",
      {},
      head(),
      h(
        "div",
        {
          class: strip.unfolded ? "bars unfolded" : "bars",
          role: "group",
          "aria-label": strip.label,
          "data-key": `bars ${strip.column}`,
          style: `--count:${width}ch`,
        },
        ...strip.levels.map((level, index) => this.level(strip, level, counted[index], most)),
        strip.beyond ? h("div", { class: "note" }, strip.beyond) : null,
      ),
      strip.fold
        ? h(
            "button",
            {
              class: "small note",
              "aria-expanded": String(strip.unfolded),
              "data-key": `fold ${strip.column}`,
              onclick: () => this.send({ type: "unfold", column: strip.column }),
            },
            strip.fold,
          )
        : null,
    );
  }

  level(strip, level, count, most) {
    const key = `${strip.column} ${level.value === null ? "" : `=${level.value}`}`;
    return h(
      "div",
      { class: level.on ? "bar" : "bar off" },
      h(
        "label",
        {
          title: _("Click to show or hide these rows; Ctrl+click selects them"),
          onclick: (event) => this.selectLevel(event, strip, level),
        },
        h("input", {
          type: "checkbox",
          checked: level.on,
          "data-key": `on ${key}`,
          "aria-label": `${level.label}: ${level.counts}`,
          onkeydown: (event) => {
            if (event.key === "Enter") this.selectLevel(event, strip, level);
          },
          onchange: (event) =>
            this.send({
              type: "levels",
              column: strip.column,
              level: level.value,
              on: event.target.checked,
            }),
        }),
        h("span", { class: "name", title: level.label }, level.label),
        h(
          "span",
          { class: "track" },
          h("i", { class: "all", style: `width:${(100 * level.shown) / most}%` }),
          h("i", { class: "in", style: `width:${(100 * level.selected) / most}%` }),
        ),
        h("span", { class: "count" }, count),
      ),
      h(
        "button",
        {
          class: "only",
          "aria-label": _("Only {label}", { label: level.label }),
          title: _("Keep this level alone"),
          "data-key": `only ${key}`,
          onclick: () => this.send({ type: "only", column: strip.column, level: level.value }),
        },
        _("only"),
      ),
    );
  }

  // With Ctrl: Shift adds, Alt removes, both keep what is in both.
  selectLevel(event, strip, level) {
    if (!selects(event)) return;
    event.preventDefault();
    event.stopPropagation();
    this.send({
      type: "select_level",
      column: strip.column,
      level: level.value,
      mode: modeOf(event),
    });
  }

  histogram(strip, head) {
    const bars = h(
      "div",
      {
        class: "histogram",
        title: _(
          "Drag to keep a range, with Ctrl to select it; ← → move its lower end, Shift+← → its upper end, Ctrl+Enter selects it, Esc clears it",
        ),
        tabIndex: 0,
        role: "group",
        "data-key": `range ${strip.column}`,
        "aria-label":
          strip.sentence ||
          (strip.range
            ? _("{label}: histogram from {low} to {high}, range {range}", strip)
            : _("{label}: histogram from {low} to {high}, no range", strip)),
      },
      ...(strip.kind === "line" ? drawLine(strip) : drawBars(strip)),
    );
    const brush = h("div", { class: "brush" });
    bars.append(brush);
    this.brush(bars, brush, strip);
    return h(
      "section",
      {},
      head(),
      bars,
      h(
        "div",
        { class: "ends" },
        h("span", {}, strip.low),
        strip.range ? h("span", { class: "range" }, strip.range) : null,
        h("span", {}, strip.high),
      ),
      strip.outside ? h("div", { class: "note", title: strip.where }, strip.outside) : null,
    );
  }

  brush(bars, brush, strip) {
    const share = (event) => {
      const box = bars.getBoundingClientRect();
      return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    };
    const place = (a, b) => {
      brush.hidden = false;
      brush.style.left = `${100 * Math.min(a, b)}%`;
      brush.style.width = `${100 * Math.abs(b - a)}%`;
    };
    const [first, last] = [strip.edges[0], strip.edges[strip.edges.length - 1]];
    const shares = (ends) =>
      ends.map((value) => Math.min(Math.max((value - first) / (last - first), 0), 1));
    const held = this.moved.get(keyOf(strip))?.map((bin) => strip.edges[bin]) || strip.brushed;
    brush.hidden = !held;
    if (held) place(...shares(held));
    bars.addEventListener("keydown", (event) => {
      const ends = this.rangeKey(event, strip);
      if (ends) place(...shares(ends.map((bin) => strip.edges[bin])));
    });
    /** @type {number | null} */
    let from = null;
    /** @type {import("../types/page.js").Mode | null} how what is brushed is selected */
    let mode = null;
    const valueAt = (fraction) => first + fraction * (last - first);
    /** @type {(to: number, start?: number) => [number, number] | null} */
    const range = (to, start = from ?? to) =>
      Math.abs(to - start) < 0.01
        ? null
        : [valueAt(Math.min(start, to)), valueAt(Math.max(start, to))];
    bars.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      from = share(event);
      mode = selects(event) ? modeOf(event) : null;
      bars.setPointerCapture(event.pointerId);
      this.held = { key: keyOf(strip), node: /** @type {HTMLElement} */ (bars.parentNode) };
      place(from, from);
    });
    // everything else follows while the hand moves; all of it is one step to undo
    bars.addEventListener("pointermove", (event) => {
      if (from === null) return;
      place(from, share(event));
      const ends = range(share(event));
      if (ends && !mode) this.ranges.offer({ type: "range", column: strip.column, ends });
    });
    const end = (ends) => {
      from = this.held = null;
      this.ranges.drop();
      if (!mode) this.send({ type: "range", column: strip.column, ends });
      else {
        brush.hidden = !strip.brushed;
        if (strip.brushed) place(...shares(strip.brushed));
        if (ends) this.send({ type: "select_range", column: strip.column, ends, mode });
      }
    };
    bars.addEventListener("pointerup", (event) => {
      if (from !== null) end(range(share(event)));
    });
    bars.addEventListener("pointercancel", () => {
      if (from !== null) end(strip.brushed);
    });
  }

  // Moves an end by one bin and returns both as numbers of edges; sent when the keys rest, as one
  // step to undo.
  rangeKey(event, strip) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter" && selects(event) && strip.brushed) {
      event.preventDefault();
      event.stopPropagation();
      this.send({
        type: "select_range",
        column: strip.column,
        ends: strip.brushed,
        mode: modeOf(event),
      });
      return null;
    }
    if (event.key !== "Escape" && (!step || event.ctrlKey || event.metaKey || event.altKey)) {
      return null;
    }
    // the map and the selection have these keys too
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(this.resting);
    const bins = strip.edges.length - 1;
    if (event.key === "Escape") {
      this.moved.delete(keyOf(strip));
      this.send({ type: "range", column: strip.column, ends: null });
      return null;
    }
    const nearest = (value) =>
      strip.edges.reduce(
        (best, edge, bin) =>
          Math.abs(edge - value) < Math.abs(strip.edges[best] - value) ? bin : best,
        0,
      );
    const [low, high] =
      this.moved.get(keyOf(strip)) || (strip.brushed ? strip.brushed.map(nearest) : [0, bins]);
    const ends = event.shiftKey
      ? [low, Math.min(Math.max(high + step, low + 1), bins)]
      : [Math.max(Math.min(low + step, high - 1), 0), high];
    this.moved.set(keyOf(strip), ends);
    this.resting = setTimeout(() => this.sendMoved(strip), 200);
    return ends;
  }

  sendMoved(strip) {
    const [low, high] = this.moved.get(keyOf(strip));
    this.moved.delete(keyOf(strip));
    const all = low === 0 && high === strip.edges.length - 1;
    this.send({
      type: "range",
      column: strip.column,
      ends: all ? null : [strip.edges[low], strip.edges[high]],
    });
  }
}

const keyOf = (/** @type {any} */ strip) => strip.key ?? strip.column;

function drawBars(strip) {
  const most = Math.max(...strip.shown, 1);
  return strip.shown.map((count, index) =>
    h(
      "span",
      {},
      h("i", { class: "all", style: `height:${(100 * count) / most}%` }),
      h("i", { class: "in", style: `height:${(100 * strip.selected[index]) / most}%` }),
    ),
  );
}

const SVG = "http://www.w3.org/2000/svg";

// Values of the bins at their middles; a bin without rows interrupts the line.
function drawLine(strip) {
  const svg = document.createElementNS(SVG, "svg");
  const [first, last] = [strip.edges[0], strip.edges[strip.edges.length - 1]];
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const [bottom, top] = strip.span;
  for (const [name, values] of [
    ["all", strip.values],
    ["in", strip.selected_values],
  ]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", pathOf(strip.edges, values, first, last, bottom, top));
    svg.append(path);
  }
  return [svg];
}

function pathOf(edges, values, first, last, bottom, top) {
  const steps = [];
  let drawing = false;
  values.forEach((value, bin) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const across = (at) => ((100 * (at - first)) / (last - first)).toFixed(2);
    const up = (96 - (92 * (value - bottom)) / (top - bottom || 1)).toFixed(2);
    const middle = (edges[bin] + edges[bin + 1]) / 2;
    const alone = !drawing && (values[bin + 1] ?? null) === null;
    steps.push(
      alone
        ? `M${across(edges[bin])} ${up}H${across(edges[bin + 1])}`
        : `${drawing ? "L" : "M"}${across(middle)} ${up}`,
    );
    drawing = true;
  });
  return steps.join("");
}
