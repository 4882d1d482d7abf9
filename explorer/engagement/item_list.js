// Items beside each other, the surest first: raw, shrunk, and under another policy. Only those in
// sight are asked for.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { switchButtons } from "../ui/forms/choices.js";
import { modeOf } from "../ui/keys.js";
import { WindowedList } from "../ui/lists/windowed_list.js";

const ITEM_ROW = 26;
const ITEM_SORTS = [
  ["low", _("by lower confidence limit")],
  ["corrected", _("by lower confidence limit, always shown")],
  ["shrunk", _("shrunk")],
  ["mean", _("raw")],
  ["n", _("most rows")],
  ["item", _("name")],
];

// Intervals on one scale: raw as a circle with its whisker, shrunk as a diamond, corrected as a
// square with its own.
function itemTrack(item, ends, share) {
  const [low, high] = ends;
  const place = (value) => Math.min(Math.max((100 * (value - low)) / (high - low || 1), 0), 100);
  const bar = (a, b, name) =>
    item[a] === undefined || item[b] === undefined
      ? ""
      : h("i", {
          class: name,
          style: `left:${place(item[a])}%;width:${Math.max(place(item[b]) - place(item[a]), 0)}%`,
        });
  const mark = (key, name) =>
    item[key] === undefined ? "" : h("i", { class: name, style: `left:${place(item[key])}%` });
  const label = share
    ? _("Raw rate as a circle with its interval, shrunk as a diamond, corrected as a square")
    : _("Quantiles as a box, mean as a circle with its interval, shrunk as a diamond");
  return h(
    "span",
    { class: "track", role: "img", "aria-label": label },
    share
      ? h("i", { class: "stem", style: `width:${place(item.mean ?? low)}%` })
      : bar("q25", "q75", "box"),
    share ? "" : mark("median", "median"),
    bar("low", "high", "whisker"),
    bar("snips_low", "snips_high", "whisker under"),
    mark("mean", "dot"),
    mark("shrunk", "diamond"),
    mark("snips", "square"),
  );
}

export class ItemList {
  /** @param {import("./page.js").EngagementPage} page */
  constructor(page) {
    this.page = page;
    this.wanted = undefined; // what was chosen here and is not yet answered
    this.rows = new WindowedList({
      lifetime: page.lifetime,
      one: _("an item"),
      many: _("items"),
      rowHeight: ITEM_ROW,
      headClass: "item head-row",
      sorting: { sort: "low" },
      sortingOf: (sort) => ({ sort }),
      shown: () => page.model.items,
      ask: ({ start, stop, sort, search }) =>
        page.send({ type: "window", start, stop, sort: /** @type {any} */ (sort), search }),
      nameOf: (line) => line.item,
      chosen: () => this.wanted ?? page.model.chosen.item, // keys may come faster than answers
      choose: (item) => this.choose(item),
    });
    this.segments = h("span", { class: "switch", role: "group", "aria-label": _("Segments") });
    this.node = h(
      "section",
      { class: "items" },
      h(
        "div",
        { class: "line tools" },
        h("h3", {}, _("Items")),
        this.segments,
        h("span", { class: "fill" }),
        this.rows.search,
        this.rows.order,
        this.rows.count,
      ),
      this.rows.node,
    );
  }

  show() {
    const { items, result } = this.page.model;
    if (!result.tiles || items.lines === undefined) return;
    this.showSegments(items, result);
    this.rows.offerOrders(
      ITEM_SORTS.filter(([key]) => key !== "corrected" || result.propensity),
      items.sort,
    );
    this.rows.follow({ sort: items.sort });
    this.rows.node.classList.toggle("weighted", Boolean(result.propensity));
    this.showHeads(result);
    this.rows.show((line, place) => this.line(line, place, result, items.ends));
  }

  showSegments(items, result) {
    const segments = (result.segments ?? []).map(({ segment, n, mean, interval }) => [
      segment,
      segment,
      _("{n} rows: {mean} ({interval})", { n, mean, interval }),
    ]);
    this.segments.hidden = result.by === null;
    this.segments.replaceChildren(
      ...switchButtons([[null, "all"], ...segments], items.segment, (segment) => {
        this.rows.node.scrollTop = 0;
        this.page.send({ type: "segment", segment });
      }),
    );
  }

  showHeads(result) {
    const cell = (text, name, title) =>
      h("span", { role: "columnheader", class: name || "number", title: title || "" }, text);
    const key = h(
      "span",
      { role: "columnheader", class: "axis" },
      h("i", { class: "dot" }),
      result.share ? `${_("raw")} ` : `${_("mean")} `,
      h("i", { class: "diamond" }),
      `${_("shrunk")} `,
      result.propensity
        ? [h("i", { class: "square" }), _("corrected")]
        : result.share
          ? ""
          : [h("i", { class: "box" }), _("middle half")],
    );
    this.rows.head.replaceChildren(
      cell(_("item"), "name"),
      cell(_("rows")),
      cell(result.share ? _("rate") : _("mean")),
      cell("95 %", "number ends"),
      key,
      cell(
        _("shrunk"),
        "number",
        _("Shrunk towards the mean of all items; the less items differ beyond chance, the more"),
      ),
      ...(result.share
        ? []
        : [
            cell(_("median"), "number wide"),
            cell("95 % ≤", "number wide", _("95 % of the rows are at most this")),
          ]),
      ...(result.propensity
        ? [
            cell(_("SNIPS"), "number", _("If this item were always shown")),
            cell("95 %", "number ends wide"),
            cell(
              _("eff. rows"),
              "number",
              _("Effective sample size: number of rows of equal weight with the same information"),
            ),
            cell(_("largest"), "number wide", _("Share of all weight that one row has")),
            cell(
              _("order"),
              "number",
              _(
                "Rank by the lower confidence limit of SNIPS; none where the effective sample size is too small",
              ),
            ),
          ]
        : []),
    );
  }

  line(line, place, result, ends) {
    const on = line.item === this.page.model.chosen.item;
    const cell = (text, name = "number") => h("span", { role: "cell", class: name }, text);
    return h(
      "div",
      {
        class: `item row${on ? " on" : ""}${line.ranked ? "" : " weak"}`,
        role: "row",
        "aria-selected": String(on),
        "data-item": line.item,
        style: this.rows.style(place),
        title: line.words,
        onclick: (event) => {
          if (!String(getSelection())) {
            this.choose(on && modeOf(event) === "replace" ? null : line.item, modeOf(event));
          }
        },
      },
      h("span", { role: "cell", class: "name label", title: line.item }, line.item),
      cell(line.n),
      cell(line.mean),
      cell(line.interval, "number ends note"),
      h("span", { role: "cell" }, itemTrack(line.drawn, ends, result.share)),
      cell(line.shrunk),
      ...(result.share ? [] : [cell(line.median, "number wide"), cell(line.q95, "number wide")]),
      ...(result.propensity
        ? [
            cell(line.snips),
            cell(line.snips_interval, "number ends note wide"),
            cell(line.ess),
            cell(line.largest, "number wide"),
            cell(line.ranked ? line.rank : _("! none"), `number${line.ranked ? "" : " why"}`),
          ]
        : []),
    );
  }

  /**
   * @param {string | null} item
   * @param {import("../ui/types/page.js").Mode} [mode]
   */
  choose(item, mode = "replace") {
    this.wanted = item;
    this.page.send({ type: "choose", item, mode });
  }
}
