// Metrics × arms: what each arm does, with interval and verdict. A verdict is a colour, a glyph and
// words.

import { _ } from "../../core/gettext.js";
import { findAll, findFirst, focusedIn, h } from "../../ui/dom.js";
import { isTyping } from "../../ui/keys.js";
import { formatCount } from "../../ui/number_format.js";

const TABLE_SORTS = {
  metric: null,
  difference: (row) => -Math.abs(row.order[0] ?? -1),
  lift: (row) => -Math.abs(row.order[1] ?? -1),
  p: (row) => row.order[2] ?? 9,
};

export function verdictCell(verdict, attributes = {}) {
  return h(
    "span",
    {
      class: `verdict${verdict.hatched ? " hatched" : ""}`,
      style: `background-color:${verdict.colour};color:${verdict.ink}`,
      title: verdict.words,
      ...attributes,
    },
    h("b", {}, verdict.glyph),
    h("span", {}, verdict.short || verdict.words),
  );
}

// An interval on a scale with 0 in the middle: wings, interval, effect.
export function intervalTrack(interval, reach, colour) {
  const [value, low, high, lowAlways, highAlways] = interval;
  const place = (end) => Math.min(Math.max(50 + (50 * end) / (reach || 1), 0), 100);
  const bar = (a, b, name) =>
    a === null || b === null || a === undefined
      ? ""
      : h("i", {
          class: name,
          style: `left:${place(a)}%;width:${Math.max(place(b) - place(a), 0)}%`,
        });
  return h(
    "span",
    {
      class: "track",
      role: "img",
      "aria-label": _("Difference and its interval, 0 in the middle"),
    },
    bar(lowAlways, highAlways, "wings"),
    bar(low, high, "whisker"),
    value === null
      ? ""
      : h("i", { class: "dot", style: `left:${place(value)}%;background:${colour}` }),
  );
}

export class ExperimentTable {
  /** @param {import("./page.js").ExperimentPage} page */
  constructor(page) {
    this.page = page;
    this.sort = "metric";
    this.node = h("div", {
      class: "cells",
      role: "table",
      "aria-label": _("Metrics and arms"),
      onkeydown: (event) => this.key(event),
    });
  }

  show() {
    const { result } = this.page.model;
    const focused = this.node.contains(focusedIn(this.node));
    if (!result.rows) return void this.node.replaceChildren();
    const by = TABLE_SORTS[this.sort];
    const rows = by ? [...result.rows].sort((a, b) => by(a) - by(b)) : result.rows;
    // every metric has a scale of its own, that of its widest arm
    const reach = {};
    for (const row of rows) {
      reach[row.metric] = Math.max(
        reach[row.metric] || 0,
        ...row.drawn.filter((value) => value !== null).map(Math.abs),
      );
    }
    this.several = result.arms.length > 2;
    this.node.replaceChildren(
      this.head(result),
      ...rows.map((row) => this.line(row, reach[row.metric])),
    );
    this.mark();
    if (focused) findFirst(this.node, ".row.on")?.focus({ preventScroll: true });
  }

  head(result) {
    const cell = (text, key, name, title) =>
      h(
        "span",
        {
          role: "columnheader",
          class: name || "number",
          title: title || "",
          "aria-sort": key && this.sort === key && key !== "metric" ? "descending" : null,
        },
        key
          ? h(
              "button",
              {
                class: this.sort === key ? "sorted" : "",
                title: _("Sort by {text}", { text }),
                onclick: () => {
                  this.sort = key;
                  this.show();
                },
              },
              text,
            )
          : text,
      );
    return h(
      "div",
      { class: "head-row", role: "row" },
      cell(this.several ? _("metric · arm") : _("metric"), "metric", "name"),
      cell(result.control, null, "number", _("The control")),
      cell(this.several ? _("arm") : result.arms[1], null, "number", _("The treatment")),
      cell(
        _("difference"),
        "difference",
        "number",
        _("Treatment minus control, with 95 % confidence interval"),
      ),
      h("span", { role: "columnheader", class: "axis" }, "0"),
      cell(
        _("lift"),
        "lift",
        "number",
        _("Treatment / control − 1, with 95 % confidence interval"),
      ),
      cell(_("p adj."), "p", "number", _("Adjusted within its family; below: unadjusted p")),
      cell(
        _("FCR interval"),
        null,
        "number fcr",
        _("Interval with false coverage rate controlled over the coloured cells of a family"),
      ),
      cell(
        _("detectable"),
        null,
        "number wide",
        _("Smallest effect that is detected with power .8 at level .05"),
      ),
      cell(_("verdict"), null, "name"),
    );
  }

  line(row, reach) {
    const two = (above, below, name) =>
      h("span", { role: "cell", class: `number ${name || ""}` }, above, h("small", {}, below));
    return h(
      "div",
      {
        class: `row${row.primary ? " primary-metric" : ""}`,
        role: "row",
        tabIndex: -1,
        "data-key": `${row.metric}\n${row.arm}`,
        onclick: (event) => {
          if (!String(getSelection()) || event.detail === 0) this.look(row);
        },
      },
      h(
        "span",
        { role: "cell", class: "name", title: `${row.metric}: ${row.kind}` },
        h("span", { class: "label" }, row.metric, row.arrow ? ` ${row.arrow}` : ""),
        h(
          "small",
          {},
          this.several ? `${row.arm} · ${row.kind}` : row.kind,
          row.primary ? ` · ${_("primary")}` : "",
        ),
      ),
      two(row.control, formatCount(row.n[0])),
      two(row.treatment, formatCount(row.n[1])),
      two(row.difference, row.interval),
      h("span", { role: "cell" }, intervalTrack(row.drawn, reach, row.verdict.colour)),
      two(row.lift || "–", row.lift_interval || (row.lift || !row.interval ? "" : "unbounded")),
      two(row.p, row.p_raw),
      two(row.fcr || "–", "", "fcr"),
      two(row.detectable, "", "wide"),
      h("span", { role: "cell" }, verdictCell(row.verdict)),
    );
  }

  look(row) {
    this.page.send({ type: "look", metric: row.metric, arm: row.arm, segment: null });
  }

  mark() {
    const { detail } = this.page.model;
    const key = detail.metric ? `${detail.metric}\n${detail.arm}` : null;
    const rows = findAll(this.node, ".row");
    for (const row of rows) {
      const on = row.dataset.key === key;
      row.classList.toggle("on", on);
      row.setAttribute("aria-selected", String(on));
      row.tabIndex = on ? 0 : -1;
    }
    if (rows.length && !rows.some((row) => row.tabIndex === 0)) rows[0].tabIndex = 0;
  }

  key(event) {
    const rows = findAll(this.node, ".row");
    const at = rows.indexOf(event.composedPath().find((node) => node.classList?.contains("row")));
    if (at < 0 || isTyping(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length }[event.key];
    if (step) rows[Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
    else if (event.key === "Enter" || event.key === " ") {
      const [metric, arm] = (rows[at].dataset.key || "").split("\n");
      this.look({ metric, arm });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
