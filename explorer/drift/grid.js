// Chunks across and features downwards: a tone for the score, a triangle for an alarm, hatching for
// what is not judged.

import { _, ngettext } from "../core/gettext.js";
import { contextOf, h } from "../ui/dom.js";
import { observeFor } from "../ui/lifetime.js";
import { formatCount, formatNumber } from "../ui/number_format.js";

const GRID_ROW = 17;
const GRID_NAMES = 148;
const GRID_HEAD = 18;

export class DriftGrid {
  /** @param {import("./page.js").DriftPage} page */
  constructor(page) {
    this.page = page;
    this.canvas = h("canvas", {
      tabIndex: 0,
      role: "img",
      onclick: (event) => this.click(event),
      onmousemove: (event) => this.hover(event),
      onmouseleave: () => {
        this.tip.hidden = true;
      },
      onkeydown: (event) => this.key(event),
    });
    this.tip = h("div", { class: "tip", hidden: true });
    this.said = h("span", { class: "said", "aria-live": "polite" });
    this.key_ = h("p", { class: "note key" });
    this.scroll = h("div", { class: "grid" }, this.canvas, this.tip);
    this.node = h("div", { class: "heat" }, this.scroll, this.key_, this.said);
    observeFor(page.lifetime, new ResizeObserver(() => this.draw()), this.scroll);
  }

  get cell() {
    const { chunks } = this.page.model.result;
    return Math.max(3, (this.scroll.clientWidth - GRID_NAMES - 14) / Math.max(chunks.length, 1));
  }

  show() {
    const { result } = this.page.model;
    if (!result.rows) return;
    this.key_.replaceChildren(
      h("i", { class: "step s1" }),
      ` ${_("far below the limit")} `,
      h("i", { class: "step s2" }),
      h("i", { class: "step s3" }),
      ` ${_("near the limit")} `,
      h("i", { class: "step alarm" }, "▲"),
      ` ${_("alarm")} `,
      ...(result.seasonal.length
        ? [h("i", { class: "step s3 season" }, "△"), ` ${_("may be a season")} `]
        : []),
      h("i", { class: "step reference" }),
      ` ${_("reference")} `,
      h("i", { class: "step none" }),
      ` ${_("not tested")}`,
      result.left
        ? ` · ${ngettext("{count} more feature is in the saved files", "{count} more features are in the saved files", result.left, { count: formatCount(result.left) })}`
        : "",
      result.left_out
        ? ` · ${ngettext("{count} column is not watched", "{count} columns are not watched", result.left_out, { count: formatCount(result.left_out) })}`
        : "",
    );
    this.draw();
  }

  draw() {
    const { result } = this.page.model;
    if (!result.rows || !this.scroll.clientWidth) return;
    const [ratio, cell, n] = [devicePixelRatio || 1, this.cell, result.chunks.length];
    const [width, height] = [
      GRID_NAMES + cell * n + 4,
      GRID_HEAD + GRID_ROW * result.rows.length + 2,
    ];
    Object.assign(this.canvas, {
      width: Math.round(width * ratio),
      height: Math.round(height * ratio),
    });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.canvas.setAttribute(
      "aria-label",
      _("{count} features by {n} chunks. {words}. Arrow keys move.", {
        count: result.rows.length,
        n,
        words: result.words,
      }),
    );
    const style = getComputedStyle(this.scroll);
    const ink = (name) => style.getPropertyValue(name).trim();
    const pen = contextOf(this.canvas);
    pen.scale(ratio, ratio);
    pen.font = `12px ${ink("--font") || "sans-serif"}`;
    pen.textBaseline = "middle";
    this.heads(pen, result, cell, ink);
    result.rows.forEach((row, i) => {
      const top = GRID_HEAD + GRID_ROW * i;
      const [alarms, seasonal] = [new Set(row.alarms), new Set(row.seasonal)];
      pen.fillStyle = ink("--ink");
      pen.textAlign = "left";
      pen.fillText(
        this.cut(
          pen,
          `${row.role === "feature" ? "" : `${row.role}: `}${row.label}`,
          GRID_NAMES - 10 - (alarms.size ? 24 : 0),
        ),
        0,
        top + GRID_ROW / 2,
      );
      if (alarms.size) {
        pen.textAlign = "right";
        pen.fillStyle = ink("--drift-alarm");
        pen.fillText(`▲${alarms.size}`, GRID_NAMES - 6, top + GRID_ROW / 2);
      }
      row.scores.forEach((score, j) =>
        this.paint(
          pen,
          GRID_NAMES + cell * j,
          top,
          cell,
          {
            score,
            alarm: alarms.has(j),
            seasonal: seasonal.has(j),
            way: result.chunks[j][2],
            empty: !result.chunks[j][1],
          },
          ink,
        ),
      );
    });
    const { feature, place } = this.page.at;
    const at = result.rows.findIndex((row) => row.feature === feature);
    if (at >= 0) {
      pen.strokeStyle = ink("--ink");
      pen.lineWidth = 1.5;
      pen.strokeRect(
        GRID_NAMES + cell * place - 0.5,
        GRID_HEAD + GRID_ROW * at + 0.5,
        cell,
        GRID_ROW - 1,
      );
    }
  }

  heads(pen, result, cell, ink) {
    pen.fillStyle = ink("--ink-2");
    pen.textAlign = "left";
    let free = 0;
    result.chunks.forEach(([label], j) => {
      const x = GRID_NAMES + cell * j;
      const width = pen.measureText(label).width;
      if (x < free || x + width > GRID_NAMES + cell * result.chunks.length + 2) return;
      pen.fillText(label, x, GRID_HEAD / 2 - 1);
      free = x + width + 14;
    });
  }

  paint(pen, x, top, cell, { score, alarm, seasonal, way, empty }, ink) {
    const [width, height] = [Math.max(cell - (cell > 6 ? 1 : 0.4), 1), GRID_ROW - 2];
    if (way === 2 || (score === null && way !== 1)) {
      pen.strokeStyle = ink("--line");
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, top + 1.5, width - 1, height - 1);
      if (!empty && width > 5) {
        pen.beginPath();
        pen.moveTo(x + 1, top + height);
        pen.lineTo(x + width - 1, top + 2);
        pen.stroke();
      }
      return;
    }
    if (way === 1) {
      pen.fillStyle = ink("--line-2");
      pen.fillRect(x, top + 1, width, height);
      pen.fillStyle = ink("--line");
      pen.fillRect(x + width / 2 - 1, top + height / 2, 2, 2);
      return;
    }
    if (alarm) {
      pen.fillStyle = ink("--drift-alarm");
      pen.fillRect(x, top + 1, width, height);
      const [half, middle] = [Math.min(width / 2 - 1, 4), top + 1 + height / 2];
      if (half < 1.2) return;
      pen.fillStyle = ink("--surface");
      pen.beginPath();
      pen.moveTo(x + width / 2, middle - half);
      pen.lineTo(x + width / 2 + half, middle + half);
      pen.lineTo(x + width / 2 - half, middle + half);
      pen.fill();
      return;
    }
    pen.globalAlpha = 1;
    pen.fillStyle = ink("--drift-0");
    pen.fillRect(x, top + 1, width, height);
    pen.globalAlpha = Math.min(Math.max(score, 0), 1) ** 1.3 * 0.85;
    pen.fillStyle = ink("--drift-1");
    pen.fillRect(x, top + 1, width, height);
    pen.globalAlpha = 1;
    const [half, middle] = [Math.min(width / 2 - 1, 4), top + 1 + height / 2];
    if (!seasonal || half < 1.2) return;
    pen.strokeStyle = ink("--surface");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x + width / 2, middle - half);
    pen.lineTo(x + width / 2 + half, middle + half);
    pen.lineTo(x + width / 2 - half, middle + half);
    pen.closePath();
    pen.stroke();
  }

  cut(pen, text, width) {
    if (pen.measureText(text).width <= width) return text;
    let cut = text;
    while (cut.length > 1 && pen.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
    return `${cut}…`;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const { result } = this.page.model;
    const [row, place] = [
      Math.floor((event.clientY - box.top - GRID_HEAD) / GRID_ROW),
      Math.floor((event.clientX - box.left - GRID_NAMES) / this.cell),
    ];
    return row >= 0 && row < result.rows.length && place < result.chunks.length
      ? [row, place]
      : null;
  }

  click(event) {
    const place = this.at(event);
    if (!place) return;
    const { result } = this.page.model;
    this.page.look(
      result.rows[place[0]].feature,
      place[1] >= 0 ? place[1] : (this.page.at.place ?? result.chunks.length - 1),
    );
  }

  hover(event) {
    const place = this.at(event);
    this.tip.hidden = !place || place[1] < 0;
    if (!place || this.tip.hidden) return;
    this.tip.textContent = this.words(place[0], place[1]);
    const box = this.scroll.getBoundingClientRect();
    const left = event.clientX - box.left + this.scroll.scrollLeft;
    Object.assign(this.tip.style, {
      left: `${Math.min(left + 12, this.scroll.scrollLeft + box.width - 230)}px`,
      top: `${event.clientY - box.top + this.scroll.scrollTop + 14}px`,
    });
  }

  words(row, place) {
    const { result } = this.page.model;
    const [label, rows, way, note] = result.chunks[place];
    const { scores, alarms, label: name } = result.rows[row];
    const how = way === 1 ? _("reference") : note || (alarms.includes(place) ? _("▲ alarm") : "");
    const score = scores[place];
    return [
      name,
      label,
      ngettext("{count} row", "{count} rows", rows, { count: formatCount(rows) }),
      score === null ? "" : _("score {score} (1 is the limit)", { score: formatNumber(score) }),
      how,
    ]
      .filter(Boolean)
      .join(" · ");
  }

  key(event) {
    const { result } = this.page.model;
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
      event.key
    ];
    if (!by || !result.rows) return;
    event.preventDefault();
    event.stopPropagation();
    const within = (value, size) => Math.min(Math.max(value, 0), size - 1);
    const at = this.page.at;
    const row = within(
      result.rows.findIndex(({ feature }) => feature === at.feature) + by[0],
      result.rows.length,
    );
    const place = within((at.place ?? 0) + by[1], result.chunks.length);
    this.said.textContent = this.words(row, place);
    this.page.look(result.rows[row].feature, place);
  }
}
