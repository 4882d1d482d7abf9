// The page, row by row: what was played where. A cell has its figure in it, so that colour says
// nothing alone.

import { _ } from "../core/gettext.js";
import { isolated } from "../core/text_direction.js";
import { h } from "../ui/dom.js";
import { switchButtons } from "../ui/forms/choices.js";
import { modeOf } from "../ui/keys.js";
import { formatCount } from "../ui/number_format.js";

const PAGE_FIGURES = [
  ["rate", _("rate"), _("Share of titles shown here that were played")],
  ["share", _("of all plays"), _("Where the played title was: of all plays, those that were here")],
  [
    "recall",
    _("recall"),
    _("Of all plays, those in this row or above and in this column or to the left"),
  ],
  ["shown", _("shown"), _("How often a title was shown here")],
];

export class PageHeat {
  /** @param {import("./page.js").RankingPage} page */
  constructor(page) {
    this.page = page;
    this.figure = 0;
    this.tools = h("div", { class: "line" });
    this.grid = h("div", { class: "grid", role: "table", "aria-label": _("Page, row by column") });
    this.note = h("p", { class: "note" });
    this.node = h("section", { class: "heat" }, this.tools, this.grid, this.note);
  }

  show() {
    const { result } = this.page.model;
    const { page } = result;
    this.node.hidden = !page?.cells;
    if (!page?.cells) return;
    /** @type {[number, string, string][]} */
    const figures = PAGE_FIGURES.map(([, text, title], i) => [i, text, title]);
    this.tools.replaceChildren(
      h("h3", {}, _("The page")),
      h(
        "span",
        { class: "switch", role: "group", "aria-label": _("Figure") },
        ...switchButtons(figures, this.figure, (figure) => {
          this.figure = figure;
          this.show();
        }),
      ),
      h("span", { class: "fill" }),
      h("span", { class: "note" }, PAGE_FIGURES[this.figure][2]),
    );
    const values = page.cells
      .map((cell) => cell.values[this.figure])
      .filter((value) => value !== null);
    const top = Math.max(...values, 0) || 1;
    this.grid.style.gridTemplateColumns = `30px repeat(${page.columns}, minmax(46px, 1fr))`;
    const held = new Map(page.cells.map((cell) => [`${cell.row},${cell.column}`, cell]));
    const heads = [
      h("span", { class: "corner", role: "cell" }),
      ...Array.from({ length: page.columns }, (unused, i) =>
        h("span", { class: "place", role: "columnheader" }, i + 1),
      ),
    ];
    const rows = Array.from({ length: page.rows }, (unused, i) => [
      h("span", { class: "place", role: "rowheader" }, i + 1),
      ...Array.from({ length: page.columns }, (empty, j) =>
        this.cell(held.get(`${i + 1},${j + 1}`), top),
      ),
    ]);
    this.grid.replaceChildren(
      ...[heads, ...rows].map((cells) =>
        h("div", { class: "line-of-page", role: "row" }, ...cells),
      ),
    );
    this.note.textContent = _(
      "Rows down, columns across. Below each figure: plays of what was shown. Click a place to select its rows. {cut}",
      { cut: page.cut },
    );
  }

  cell(cell, top) {
    if (!cell) {
      return h(
        "span",
        { class: "cell none", role: "cell", title: _("nothing was shown here") },
        "–",
      );
    }
    const value = cell.values[this.figure];
    const depth = value === null ? 0 : value / top;
    const button = h(
      "button",
      {
        class: "cell",
        // not the full colour, on which neither a dark nor a light text could be read well
        style: `--depth:${(70 * depth).toFixed(0)}%`,
        title: _("row {row}, column {column}: {hits} plays of {n} shown; rate 95 %: {interval}", {
          row: cell.row,
          column: cell.column,
          hits: formatCount(cell.hits),
          n: formatCount(cell.n),
          interval: cell.interval,
        }),
        onclick: (event) =>
          this.page.send({
            type: "place",
            row: cell.row,
            column: cell.column,
            mode: modeOf(event),
          }),
      },
      h("b", {}, cell.shown[this.figure]),
      h("small", {}, `${formatCount(cell.hits)} / ${formatCount(cell.n)}`),
    );
    return h("div", { class: "of-page", role: "cell" }, button);
  }
}

// Lists by segment, and the verdicts where segments can be compared as arms.
export class SegmentFigures {
  /** @param {import("./page.js").RankingPage} page */
  constructor(page) {
    this.page = page;
    this.node = h("section", { class: "compared" });
  }

  show() {
    const { result, setup } = this.page.model;
    this.node.hidden = !result.by;
    if (!result.by) return;
    const label = setup.labels?.[result.by] || result.by;
    const line = (segment) =>
      h(
        "tr",
        {},
        h("td", {}, segment.segment),
        h("td", { class: "number" }, segment.lists),
        h("td", { class: "number" }, segment.without),
        ...segment.figures.map(([value, interval]) =>
          h("td", { class: "number", title: `95 %: ${interval}` }, value, h("small", {}, interval)),
        ),
      );
    this.node.replaceChildren(
      h("h3", {}, _("By {label}", { label })),
      h(
        "div",
        { class: "scroll", tabIndex: 0, role: "group", "aria-label": _("Figures by segment") },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ...[label, "lists", _("no hit"), ...result.heads].map((text, i) =>
                h("th", { class: i ? "number" : "" }, text),
              ),
            ),
          ),
          h("tbody", {}, ...result.segments.map(line)),
        ),
      ),
      ...this.verdicts(result),
    );
  }

  verdicts(result) {
    const { comparison } = result;
    const minded = result.comparison_words
      ? [h("p", { class: "note" }, comparison ? h("b", {}, "! ") : "", result.comparison_words)]
      : [];
    if (!comparison) return minded;
    const several = comparison.arms.length > 2;
    const badge = (verdict) =>
      h(
        "span",
        {
          class: `verdict${verdict.hatched ? " hatched" : ""}`,
          style: `background-color:${verdict.colour};color:${verdict.ink}`,
          title: verdict.words,
        },
        h("b", {}, verdict.glyph),
        h("span", {}, verdict.short),
      );
    const line = (row) =>
      h(
        "tr",
        {},
        h("td", {}, row.metric),
        several ? h("td", {}, row.arm) : "",
        ...[row.control, row.treatment, row.difference, row.interval, row.p].map((text) =>
          h("td", { class: "number" }, text),
        ),
        h("td", {}, badge(row.verdict)),
      );
    const heads = [
      _("figure"),
      ...(several ? [_("arm")] : []),
      comparison.control,
      several ? _("arm") : comparison.arms[1],
      _("difference"),
      "95 %",
      _("p adj."),
      _("verdict"),
    ];
    return [
      h(
        "h3",
        {},
        _("{arms} against {control}, on {lists}", {
          arms: comparison.arms.slice(1).map(isolated).join(", "),
          control: comparison.control,
          lists: result.compared_on,
        }),
        result.no_hit === "drop" ? `; ${_("“any play” on all lists")}` : "",
      ),
      ...minded,
      h("p", { class: "note" }, comparison.ledger, ...comparison.notes.map((note) => ` · ${note}`)),
      h(
        "div",
        { class: "scroll", tabIndex: 0, role: "group", "aria-label": _("Comparison") },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ...heads.map((text, i) =>
                h("th", { class: i && i < heads.length - 1 ? "number" : "" }, text),
              ),
            ),
          ),
          h("tbody", {}, ...comparison.lines.map(line)),
        ),
      ),
    ];
  }
}
