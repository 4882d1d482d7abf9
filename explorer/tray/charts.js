// The charts under the map: up to four, each chosen by its selects; they filter and follow.

import { _ } from "../core/gettext.js";
import { findAll, focusedIn, h, openDialog, saveFile } from "../ui/dom.js";
import { fillOptions } from "../ui/forms/choices.js";
import { howComputed } from "../ui/how_computed.js";
import { modeOf } from "../ui/keys.js";
import { lifetimeOf } from "../ui/lifetime.js";
import { formatCount, formatNumber } from "../ui/number_format.js";
import { StripBars } from "../ui/plots/strip_bars.js";

/**
 * @typedef {import("../ui/types/messages.js").ChartsParameters} Parameters
 * @typedef {import("../ui/types/messages.js").ChartsMessage} Message
 * @typedef {"histogram" | "bars" | "scatter" | "line"} Kind
 */

/** @type {[Kind, string][]} */
const KINDS = [
  ["histogram", _("▥ Histogram")],
  ["bars", _("▤ Bars")],
  ["scatter", _("∴ Scatter")],
  ["line", _("∿ Line")],
];
const NEEDS = { histogram: "numbers", bars: "levels", scatter: "numbers", line: "times" };
const LEAST_DRAG = 3; // pixels
const REST_MS = 200; // keys that are silent for so long have moved an edge to its place
const STEPS = 20; // of an edge, from one end of an axis to the other
// which edge of left, right, low, high a key moves, and where to; with Shift the one after it
/** @type {Record<string, [number, number]>} */
const BOX_KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [2, -1], ArrowUp: [2, 1] };
const SHORTCUTS = Object.keys(BOX_KEYS)
  .flatMap((key) => [key, `Shift+${key}`])
  .concat("Control+Enter", "Escape")
  .join(" ");

class TrayCharts {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   */
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.bars = new StripBars(/** @param {any} message */ (message) => this.send(message));
    /** @type {{place: number, box: number[]} | null} */
    this.moved = null; // a box that keys move, until it is sent
    this.boxing = false; // a hand is on a scatter: its node stays
    this.grid = h("div", { class: "charts" });
    this.more = h(
      "select",
      {
        "aria-label": _("Add a chart"),
        onchange: () => {
          const kind = /** @type {Kind} */ (this.more.value);
          this.more.value = "";
          this.send({ type: "add", chart: kind });
        },
      },
      h("option", { value: "" }, _("+ chart")),
      ...KINDS.map(([kind, name]) => h("option", { value: kind }, name)),
    );
    this.legend = h("span", { class: "note" });
    this.list = h("div", { class: "list", tabIndex: 0 });
    this.said = h("p", { class: "note", role: "status" });
    this.copied = h("button", { class: "pill", onclick: () => this.copy() }, _("Copy"));
    this.sheet = h(
      "dialog",
      { class: "sheet", "aria-label": _("Numbers of the chart") },
      h("h3", {}, _("Numbers of the chart")),
      this.said,
      this.list,
      h(
        "div",
        { class: "row" },
        this.copied,
        h(
          "button",
          {
            class: "pill",
            title: _(
              "All lines. In CSV, text that a spreadsheet would run as a formula gets an apostrophe before it.",
            ),
            onclick: () => this.save(),
          },
          _("CSV"),
        ),
        h("span", { class: "fill" }),
        h("button", { class: "primary", onclick: () => this.sheet.close() }, _("Close")),
      ),
    );
    root.append(
      h(
        "div",
        { class: "tray", role: "region", "aria-label": _("Charts") },
        h("div", { class: "head" }, this.legend, howComputed("charts", _("the charts")), this.more),
        this.grid,
        this.sheet,
      ),
    );
    this.show();
    model.on("charts", () => this.show());
    model.on("columns", () => this.show());
    model.on("numbers", () => this.tabulate());
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  show() {
    this.bars.done();
    const { cards = [], full } = this.model.charts;
    if (this.boxing) return;
    const selecting = cards.some(({ selecting: some }) => some);
    this.legend.replaceChildren(
      h("i", { class: "key all" }),
      `${_("rows shown")} `,
      ...(selecting ? [h("i", { class: "key in" }), "selected"] : []),
      ` · ${_("drag filters, Ctrl+drag selects")}`,
    );
    const none = !this.model.columns.numbers && _("no column for a chart");
    this.more.disabled = full || Boolean(none);
    this.more.options[0].textContent = full
      ? _("at most four charts: remove one first")
      : none || _("+ chart");
    const focused = focusedIn(this.root)?.dataset.key;
    this.grid.replaceChildren(...cards.map((card, place) => this.chart(card, place)));
    if (focused) {
      findAll(this.grid, "[data-key]")
        .find((node) => node.dataset.key === focused)
        ?.focus({ preventScroll: true });
    }
  }

  chart(card, place) {
    const head = () => this.head(card, place);
    if (card.error) {
      return h("section", {}, head(), h("p", { class: "fault", role: "alert" }, card.error));
    }
    if (card.kind === "scatter") return this.scatter(card, place, head);
    const node = this.bars.draw(card, head);
    if (card.kind === "line" && !node.querySelector(".up")) {
      node
        .querySelector(".histogram")
        ?.append(
          h("span", { class: "up high" }, `${card.ends[1]} ${card.what}`),
          h("span", { class: "up low" }, card.ends[0]),
        );
    }
    node.querySelector(".bars")?.setAttribute("aria-label", card.sentence);
    return node;
  }

  head(card, place) {
    const change = (/** @type {object} */ to) =>
      this.send({
        type: "change",
        place,
        chart: card.chart,
        x: card.x,
        y: card.y ?? null,
        ...to,
      });
    const kind = h(
      "select",
      {
        class: "kind", // so narrow that its sign alone is seen
        title: _("Kind of chart"),
        "aria-label": _("Kind of chart {place}", { place: place + 1 }),
        "data-key": `kind ${place}`,
        onchange: (event) => change({ chart: /** @type {any} */ (event.target).value }),
      },
      ...KINDS.map(([name, label]) =>
        h("option", { value: name, selected: name === card.chart }, label),
      ),
    );
    const columns = [
      this.column(place, "x", card.x, this.model.columns[NEEDS[card.chart]], (x) => change({ x })),
    ];
    if (card.chart === "scatter" || card.chart === "line") {
      const numbers = this.model.columns.numbers || [];
      const offered = card.chart === "line" ? [["", "rows"], ...numbers] : numbers;
      columns.unshift(
        this.column(place, "y", card.y ?? "", offered, (y) => change({ y: y || null })),
      );
    }
    const button = (text, label, /** @type {Message & {place: number}} */ message) =>
      h(
        "button",
        {
          class: "take",
          title: label,
          "aria-label": _("{label}: chart {place}", { label, place: place + 1 }),
          "data-key": `${message.type} ${place}`,
          onclick: () => this.send(message),
        },
        text,
      );
    return h(
      "div",
      { class: "title" },
      kind,
      ...columns,
      button("#", _("Numbers of this chart"), { type: "numbers", place }),
      button("×", _("Remove this chart"), { type: "remove", place }),
    );
  }

  column(place, axis, value, offered, choose) {
    const labels = {
      x: _("Column of chart {place}", { place: place + 1 }),
      y: _("Vertical column of chart {place}", { place: place + 1 }),
    };
    const known = offered || [];
    const options = known.some(([name]) => name === value) ? known : [[value, value], ...known];
    const select = h("select", {
      "aria-label": labels[axis],
      title: labels[axis],
      "data-key": `${axis} ${place}`,
      onchange: (event) => choose(event.target.value),
    });
    fillOptions(select, [[null, options]], value);
    return select;
  }

  scatter(card, place, head) {
    const { x, y, src, words } = card.plot;
    const brush = h("div", { class: "brush", hidden: true });
    const plot = h(
      "div",
      {
        class: "plot",
        tabIndex: 0,
        role: "group",
        title: _(
          "Drag a box to keep its rows, with Ctrl to select them. Arrow keys move its left and lower edge, with Shift its right and upper edge; Ctrl+Enter selects its rows; Esc clears it",
        ),
        "aria-label": card.sentence,
        "aria-keyshortcuts": SHORTCUTS,
        "data-key": `plot ${place}`,
        onpointerdown: (event) => this.drag(event, plot, brush, card, place),
        onkeydown: (event) => this.boxKey(event, brush, card, place),
      },
      h("img", { src, alt: "", draggable: false }),
      ...outer(y).map(([at, text]) =>
        h("span", { class: "up tick", style: `bottom:calc(${100 * at}% - 8px)` }, text),
      ),
      brush,
    );
    if (card.box) placeBox(brush, card.box);
    return h(
      "section",
      {},
      head(),
      plot,
      h(
        "div",
        { class: "ticks" },
        ...outer(x).map(([at, text]) => h("span", { style: `left:${100 * at}%` }, text)),
      ),
      h("div", { class: "note", title: words }, words),
    );
  }

  // Moves an edge of the box; sent when the keys rest, as one step to undo.
  boxKey(event, brush, card, place) {
    const way = BOX_KEYS[event.key];
    const { place: at, box: between } = this.moved || {};
    const box = at === place ? between : card.box;
    const command = event.ctrlKey || event.metaKey;
    const select = event.key === "Enter" && command && box;
    if (event.key !== "Escape" && !select && (!way || command || event.altKey)) return;
    event.stopPropagation(); // the map and the selection have these keys too
    event.preventDefault();
    clearTimeout(this.resting);
    if (select) return this.sendBox(place, card, box, modeOf(event));
    if (!way) {
      this.moved = null;
      card.box = null; // a key that comes before the answer begins anew
      brush.hidden = true;
      return this.send({ type: "box", place, x: null, y: null });
    }
    const [edge, step] = way;
    const moved = moveEdge(box || [0, 1, 0, 1], event.shiftKey ? edge + 1 : edge, step);
    this.moved = { place, box: moved };
    placeBox(brush, moved);
    this.resting = setTimeout(() => {
      this.moved = null;
      card.box = moved;
      this.sendBox(place, card, moved, null);
    }, REST_MS);
  }

  sendBox(place, { plot: { x, y } }, box, mode) {
    const [left, right, low, high] = box;
    const value = (axis, share) => axis.low + share * (axis.high - axis.low);
    this.send({
      type: "box",
      place,
      x: [value(x, left), value(x, right)],
      y: [value(y, low), value(y, high)],
      mode,
    });
  }

  drag(event, plot, brush, card, place) {
    if (event.button) return;
    const room = plot.getBoundingClientRect();
    const clamp = (share) => Math.min(Math.max(share, 0), 1);
    const at = (move) => [
      clamp((move.clientX - room.left) / room.width),
      clamp(1 - (move.clientY - room.top) / room.height),
    ];
    const start = at(event);
    const mode = event.ctrlKey || event.metaKey ? modeOf(event) : null;
    const boxTo = (move) => {
      const [across, up] = at(move);
      return [
        Math.min(start[0], across),
        Math.max(start[0], across),
        Math.min(start[1], up),
        Math.max(start[1], up),
      ];
    };
    const finish = (last) => {
      plot.removeEventListener("pointermove", follow);
      plot.removeEventListener("pointerup", finish);
      plot.removeEventListener("pointercancel", finish);
      this.boxing = false;
      const [left, right, low, high] = boxTo(last);
      const small =
        (right - left) * room.width < LEAST_DRAG || (high - low) * room.height < LEAST_DRAG;
      if (last.type !== "pointercancel" && !(small && mode)) {
        if (small) this.send({ type: "box", place, x: null, y: null });
        else this.sendBox(place, card, [left, right, low, high], mode);
      }
      this.show();
    };
    const follow = (move) => placeBox(brush, boxTo(move));
    this.boxing = true;
    plot.setPointerCapture(event.pointerId);
    plot.addEventListener("pointermove", follow);
    plot.addEventListener("pointerup", finish);
    plot.addEventListener("pointercancel", finish);
    plot.focus({ preventScroll: true });
    event.preventDefault();
  }

  // ---- numbers

  tabulate() {
    const { numbers } = this.model;
    if (!numbers.heads && !numbers.error) return;
    this.said.textContent = numbers.error || numbers.words;
    const cell = (value) =>
      typeof value === "number"
        ? Number.isInteger(value)
          ? formatCount(value)
          : formatNumber(value)
        : (value ?? "");
    this.list.replaceChildren(
      ...(numbers.error
        ? []
        : [
            h(
              "table",
              {},
              h(
                "thead",
                {},
                h("tr", {}, ...numbers.heads.map((text) => h("th", { scope: "col" }, text))),
              ),
              h(
                "tbody",
                {},
                ...numbers.lines.map((line) =>
                  h("tr", {}, ...line.map((value) => h("td", {}, cell(value)))),
                ),
              ),
            ),
          ]),
    );
    if (!this.sheet.open) openDialog(this.sheet);
  }

  save() {
    const { name, csv } = this.model.numbers;
    if (csv) saveFile({ name, data: `data:text/csv;charset=utf-8,${encodeURIComponent(csv)}` });
  }

  copy() {
    const { csv } = this.model.numbers;
    if (!csv || !navigator.clipboard) return;
    navigator.clipboard.writeText(csv).then(() => {
      this.copied.textContent = _("Copied");
      setTimeout(() => {
        this.copied.textContent = _("Copy");
      }, 1500);
    });
  }
}

/**
 * @param {HTMLElement} brush
 * @param {number[]} box shares of the picture: left, right, low, high
 */
function placeBox(brush, [left, right, low, high]) {
  brush.hidden = false;
  Object.assign(brush.style, {
    left: `${100 * left}%`,
    width: `${100 * (right - left)}%`,
    top: `${100 * (1 - high)}%`,
    height: `${100 * (high - low)}%`,
    bottom: "auto",
  });
}

/**
 * The box with one edge a step further; the two edges of an axis stay a step apart.
 *
 * @param {number[]} box shares of the picture: left, right, low, high
 * @param {number} edge
 * @param {number} step
 */
export function moveEdge(box, edge, step) {
  const upper = edge % 2 === 1;
  const to = (Math.round(box[edge] * STEPS) + step) / STEPS;
  const [least, most] = upper ? [box[edge - 1] + 1 / STEPS, 1] : [0, box[edge + 1] - 1 / STEPS];
  return box.map((share, at) => (at === edge ? Math.max(least, Math.min(to, most)) : share));
}

// The first and the last tick of an axis: a small chart has no room for more.
function outer({ ticks }) {
  return ticks.length > 1 ? [ticks[0], ticks[ticks.length - 1]] : ticks;
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  lifetimeOf({ model, view });
  new TrayCharts(model, el);
}
