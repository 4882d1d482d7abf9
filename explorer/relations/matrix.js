// Correlations of the ticked features: a heat map that keys walk, and the same as a table. Brown –
// grey – blue: ends of ColorBrewer's PuOr and RdBu (Brewer & Harrower), told apart with red-green
// blind eyes too.

import { _ } from "../core/gettext.js";
import { contextOf, h } from "../ui/dom.js";
import { formatCount } from "../ui/number_format.js";

const DIVERGING = {
  light: [
    [179, 88, 6],
    [244, 245, 246],
    [33, 102, 172],
  ],
  dark: [
    [224, 140, 50],
    [34, 42, 50],
    [88, 160, 222],
  ],
};
const LISTED_PAIRS = 200;

export class CorrelationMatrix {
  /** @type {HTMLElement} */
  pairs;

  /** @type {{left: number, size: number}} */
  grid;

  /** @param {import("./page.js").RelationsPage} page */
  constructor(page) {
    this.page = page;
    this.cell = null;
    this.canvas = h("canvas", {
      tabIndex: 0,
      role: "img",
      onmousemove: (event) => this.over(this.at(event)),
      onmouseleave: () => this.over(null),
      onclick: (event) => {
        this.page.page.focus({ preventScroll: true });
        this.take(this.at(event));
      },
      onkeydown: (event) => this.key(event),
    });
    this.said = h("p", { class: "said", "aria-live": "polite" });
  }

  show() {
    const matrix = this.page.model.matrix;
    const body = this.page.fresh("matrix", matrix);
    this.cell = null;
    if (!body) return;
    const legend = h("span", { class: "legend" }, "−1", h("i"), "1");
    this.bar = /** @type {HTMLElement} */ (legend.children[0]);
    this.pairs = h(
      "details",
      {
        ontoggle: (event) => {
          if (event.target.open) this.listPairs();
        },
      },
      h("summary", {}, _("As a table")),
    );
    body.replaceChildren(
      h("div", { class: "heat" }, this.canvas),
      h("div", { class: "line" }, legend, this.said),
      h(
        "p",
        { class: "note" },
        _("{words}; similar features are side by side; click for the pair", {
          words: matrix.words,
        }),
      ),
      this.pairs,
    );
    this.canvas.setAttribute(
      "aria-label",
      _("Correlations of {count} features; arrow keys move, Enter shows the pair", {
        count: matrix.names.length,
      }),
    );
    this.draw();
    this.over(null);
  }

  colour(r) {
    const [low, middle, high] =
      DIVERGING[document.documentElement.dataset.theme === "dark" ? "dark" : "light"];
    const end = r < 0 ? low : high;
    const share = Math.abs(r);
    return `rgb(${middle.map((value, k) => Math.round(value + (end[k] - value) * share)).join()})`;
  }

  draw() {
    const { names, labels, spearman } = this.page.model.matrix;
    if (!names || !this.canvas.isConnected) return;
    const style = getComputedStyle(this.page.page);
    const ink = style.getPropertyValue("--ink");
    const faint = style.getPropertyValue("--ink-2");
    const wide = this.page.bodies.matrix.clientWidth;
    const left = Math.min(170, wide * 0.28);
    const size = Math.max(14, Math.min(34, Math.floor((wide - left - 4) / names.length)));
    this.grid = { left, size };
    const [width, height] = [left + size * names.length + 2, size * names.length + 2];
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this.canvas, {
      width: Math.round(width * ratio),
      height: Math.round(height * ratio),
    });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const pen = contextOf(this.canvas);
    pen.scale(ratio, ratio);
    pen.textBaseline = "middle";
    for (let i = 0; i < names.length; i += 1) {
      pen.font = `12px ${style.fontFamily}`;
      pen.fillStyle = ink;
      pen.textAlign = "right";
      pen.fillText(this.short(pen, labels[i], left - 8), left - 6, i * size + size / 2 + 1);
      for (let j = 0; j < names.length; j += 1) {
        this.drawCell(pen, spearman[i][j], i, j, ink, faint);
      }
    }
    if (this.cell) {
      pen.strokeStyle = ink;
      pen.lineWidth = 2;
      pen.strokeRect(left + this.cell[1] * size, this.cell[0] * size + 1, size, size);
    }
    if (this.bar) {
      this.bar.style.background = `linear-gradient(90deg, ${[-1, 0, 1].map((r) => this.colour(r)).join()})`;
    }
  }

  // Besides the colour a number where there is room for it, else a minus: the sign must not be told
  // by colour alone.
  drawCell(pen, r, i, j, ink, faint) {
    const { left, size } = this.grid;
    const [x, y] = [left + j * size, i * size + 1];
    if (r === null) {
      pen.strokeStyle = faint;
      pen.lineWidth = 0.5;
      pen.beginPath();
      pen.moveTo(x + 1, y + size - 2);
      pen.lineTo(x + size - 2, y + 1);
      pen.stroke();
      return;
    }
    pen.fillStyle = i === j ? faint : this.colour(r);
    pen.globalAlpha = i === j ? 0.35 : 1;
    pen.fillRect(x, y, size - (size > 12 ? 1 : 0), size - (size > 12 ? 1 : 0));
    pen.globalAlpha = 1;
    const label = size >= 30 ? this.written(r) : r <= -0.2 ? "−" : "";
    if (!label || (i === j && size >= 30)) return;
    const dark = document.documentElement.dataset.theme === "dark";
    pen.font = `12px ${getComputedStyle(this.page.page).fontFamily}`;
    pen.fillStyle =
      Math.abs(r) > 0.55 && !dark ? "#fff" : Math.abs(r) > 0.7 && dark ? "#10161c" : ink;
    pen.textAlign = "center";
    pen.fillText(label, x + size / 2, y + size / 2);
  }

  short(pen, text, room) {
    if (pen.measureText(text).width <= room) return text;
    let end = text.length;
    while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
    return `${text.slice(0, end)}…`;
  }

  written(r) {
    return r === null
      ? "undefined"
      : `${r < 0 ? "−" : ""}${Math.abs(r).toFixed(2).replace(/^0/, "")}`;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const { left, size } = this.grid;
    const [i, j] = [
      Math.floor((event.clientY - box.top - 1) / size),
      Math.floor((event.clientX - box.left - left) / size),
    ];
    const inside = (k) => k >= 0 && k < this.page.model.matrix.names.length;
    return inside(i) && inside(j) ? [i, j] : null;
  }

  over(cell) {
    const { labels, spearman, pearson, n } = this.page.model.matrix;
    if (String(cell) === String(this.cell) && this.said.textContent) return;
    this.cell = cell;
    this.draw();
    const [i, j] = cell || [0, 0];
    this.said.textContent = cell
      ? _("{row} · {column}: Spearman {spearman}, Pearson {pearson}, {n} rows", {
          row: labels[i],
          column: labels[j],
          spearman: this.written(spearman[i][j]),
          pearson: this.written(pearson[i][j]),
          n: formatCount(n[i][j]),
        })
      : "";
  }

  take(cell) {
    if (!cell || cell[0] === cell[1]) return;
    const { names } = this.page.model.matrix;
    this.page.look(names[cell[1]], names[cell[0]]);
  }

  key(event) {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[
      event.key
    ];
    const last = this.page.model.matrix.names.length - 1;
    const cell = this.cell || [0, 0];
    if (by) this.over(cell.map((at, k) => Math.min(last, Math.max(0, at + by[k]))));
    else if (event.key === "Enter") this.take(this.cell);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  listPairs() {
    const { names, labels, spearman, pearson, n } = this.page.model.matrix;
    const pairs = names
      .flatMap((name, i) => names.slice(i + 1).map((other, k) => [i, i + 1 + k]))
      .filter(([i, j]) => spearman[i][j] !== null);
    pairs.sort(([a, b], [c, d]) => Math.abs(spearman[c][d]) - Math.abs(spearman[a][b]));
    const lines = pairs
      .slice(0, LISTED_PAIRS)
      .map(([i, j]) =>
        h(
          "tr",
          {},
          h("td", {}, labels[i]),
          h("td", {}, labels[j]),
          h("td", { class: "number" }, this.written(spearman[i][j])),
          h("td", { class: "number note" }, this.written(pearson[i][j])),
          h("td", { class: "number note" }, formatCount(n[i][j])),
          h(
            "td",
            {},
            h(
              "button",
              { class: "small", onclick: () => this.page.look(names[i], names[j]) },
              _("pair"),
            ),
          ),
        ),
      );
    const cut =
      pairs.length > LISTED_PAIRS
        ? h(
            "p",
            { class: "note" },
            _("the {LISTED_PAIRS} strongest of {count} pairs", {
              LISTED_PAIRS,
              count: formatCount(pairs.length),
            }),
          )
        : "";
    this.pairs.replaceChildren(
      this.pairs.firstChild ?? "",
      this.page.table(["", "", _("Spearman"), _("Pearson"), _("rows"), ""], lines),
      cut,
    );
  }
}
