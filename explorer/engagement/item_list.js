// Items beside each other, the surest first: raw, shrunk, and under another policy. Only those in
// sight are asked for.

import { focusedIn, h } from "../ui/dom.js";
import { isTyping, modeOf } from "../ui/keys.js";
import { observeFor } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";

const ITEM_ROW = 26;
const ITEM_SORTS = [
  ["low", "surest first (lower end)"],
  ["corrected", "surest when always shown"],
  ["shrunk", "shrunk"],
  ["mean", "raw"],
  ["n", "most rows"],
  ["item", "name"],
];

// Intervals on one scale: raw as a circle with its whisker, shrunk as a diamond, corrected as a
// square with its own.
function itemTrack(drawn, ends, share) {
  const [low, high] = ends;
  const place = (value) => Math.min(Math.max((100 * (value - low)) / (high - low || 1), 0), 100);
  const bar = (a, b, name) =>
    drawn[a] === undefined || drawn[b] === undefined
      ? ""
      : h("i", {
          class: name,
          style: `left:${place(drawn[a])}%;width:${Math.max(place(drawn[b]) - place(drawn[a]), 0)}%`,
        });
  const mark = (key, name) =>
    drawn[key] === undefined ? "" : h("i", { class: name, style: `left:${place(drawn[key])}%` });
  const words = share
    ? "Raw rate as a circle with its interval, shrunk as a diamond, corrected as a square"
    : "Quantiles as a box, mean as a circle with its interval, shrunk as a diamond";
  return h(
    "span",
    { class: "track", role: "img", "aria-label": words },
    share
      ? h("i", { class: "stem", style: `width:${place(drawn.mean ?? low)}%` })
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
  constructor(page) {
    this.page = page;
    this.sort = "low";
    this.tools = h("div", { class: "line tools" });
    this.heads = h("div", { class: "item head-row", role: "row" });
    this.inner = h("div", { class: "inner", role: "rowgroup" });
    this.list = h(
      "div",
      {
        class: "list",
        role: "table",
        tabIndex: 0,
        "aria-label": "Items",
        onscroll: () => this.ask(),
        onkeydown: (event) => this.key(event),
      },
      this.heads,
      this.inner,
    );
    this.find = h("input", {
      type: "search",
      placeholder: "find an item",
      "aria-label": "Find an item",
      oninput: () => this.again(),
    });
    this.order = h("select", {
      "aria-label": "Order of items",
      onchange: () => {
        this.sort = this.order.value;
        this.again();
      },
    });
    this.node = h("section", { class: "items" }, this.tools, this.list);
    this.asked = "";
    this.wanted = undefined; // what was chosen here and is not yet answered
    observeFor(page.lifetime, new ResizeObserver(() => this.ask()), this.list);
  }

  again() {
    this.list.scrollTop = 0;
    this.ask(true);
  }

  show() {
    const { items, result } = this.page.model;
    if (!result.tiles || items.lines === undefined) return;
    const typing = focusedIn(this.node);
    const segment = (words, value, title) =>
      h(
        "button",
        {
          class: items.segment === value ? "on" : "",
          "aria-pressed": String(items.segment === value),
          title: title || "",
          onclick: () => {
            this.list.scrollTop = 0;
            this.page.send({ type: "segment", segment: value });
          },
        },
        words,
      );
    const by =
      result.by === null
        ? ""
        : h(
            "span",
            { class: "switch", role: "group", "aria-label": "Segments" },
            segment("all", null),
            ...result.segments.map((one) =>
              segment(one.segment, one.segment, `${one.n} rows: ${one.mean} (${one.interval})`),
            ),
          );
    this.order.replaceChildren(
      ...ITEM_SORTS.filter(([key]) => key !== "corrected" || result.propensity).map(
        ([value, words]) => h("option", { value }, words),
      ),
    );
    this.order.value = items.sort;
    this.tools.replaceChildren(
      h("h3", {}, "Items"),
      by,
      h("span", { class: "fill" }),
      this.find,
      this.order,
      h(
        "span",
        { class: "note" },
        items.total === items.of
          ? formatCount(items.of)
          : `${formatCount(items.total)} of ${formatCount(items.of)}`,
      ),
    );
    if (typing === this.find) this.find.focus();
    this.list.classList.toggle("weighted", Boolean(result.propensity));
    this.showHeads(result);
    this.inner.style.height = `${items.total * ITEM_ROW}px`;
    const focused = typing === this.list;
    this.inner.replaceChildren(
      ...items.lines.map((line, i) => this.line(line, items.start + i, result, items.ends)),
    );
    if (focused) this.list.focus({ preventScroll: true });
  }

  showHeads(result) {
    const cell = (words, name, title) =>
      h("span", { role: "columnheader", class: name || "number", title: title || "" }, words);
    const key = h(
      "span",
      { role: "columnheader", class: "axis" },
      h("i", { class: "dot" }),
      result.share ? "raw " : "mean ",
      h("i", { class: "diamond" }),
      "shrunk ",
      result.propensity
        ? [h("i", { class: "square" }), "corrected"]
        : result.share
          ? ""
          : [h("i", { class: "box" }), "middle half"],
    );
    this.heads.replaceChildren(
      cell("item", "name"),
      cell("rows"),
      cell(result.share ? "rate" : "mean"),
      cell("95 %", "number ends"),
      key,
      cell("shrunk", "number", "Drawn towards all items by as much as they differ beyond chance"),
      ...(result.share
        ? []
        : [
            cell("median", "number wide"),
            cell("95 % ≤", "number wide", "95 % of the rows are at most this"),
          ]),
      ...(result.propensity
        ? [
            cell("SNIPS", "number", "If this item were always shown"),
            cell("95 %", "number ends wide"),
            cell(
              "eff. rows",
              "number",
              "Effective rows: rows of equal weight that would say as much",
            ),
            cell("largest", "number wide", "Share of all weight that one row has"),
            cell(
              "order",
              "number",
              "Place by the lower end of SNIPS; none where too few rows are effective",
            ),
          ]
        : []),
    );
  }

  line(line, place, result, ends) {
    const on = line.item === this.page.model.chosen.item;
    const cell = (words, name = "number") => h("span", { role: "cell", class: name }, words);
    return h(
      "div",
      {
        class: `item row${on ? " on" : ""}${line.ranked ? "" : " weak"}`,
        role: "row",
        "aria-selected": String(on),
        "data-item": line.item,
        style: `top:${place * ITEM_ROW}px`,
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
            cell(line.ranked ? line.rank : "! none", `number${line.ranked ? "" : " why"}`),
          ]
        : []),
    );
  }

  choose(item, mode = "replace") {
    this.wanted = item;
    this.page.send({ type: "choose", item, mode });
  }

  // What is in sight, and as much above and below.
  ask(anew = false) {
    const { items } = this.page.model;
    if (items.lines === undefined) return;
    const rows = Math.max(Math.ceil(this.list.clientHeight / ITEM_ROW), 20);
    const top = Math.floor(this.list.scrollTop / ITEM_ROW);
    const first = Math.max(top - rows, 0);
    const [stop, sort, search] = [first + 3 * rows, this.sort, this.find.value];
    const held =
      items.start <= top && items.start + items.lines.length >= Math.min(top + rows, items.total);
    const key = JSON.stringify([first, stop, sort, search]);
    if ((held || key === this.asked) && !anew) return;
    this.asked = key;
    this.page.send({ type: "window", start: first, stop, sort, search });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (isTyping(event) || (!step && event.key !== "Escape")) return;
    const { items, chosen } = this.page.model;
    const from = this.wanted ?? chosen.item; // keys may come faster than answers
    const at = items.lines.findIndex((line) => line.item === from);
    if (event.key === "Escape") this.choose(null);
    else {
      const next = items.lines[at < 0 ? 0 : at + step];
      if (!next) return;
      this.choose(next.item);
      const place = (items.start + items.lines.indexOf(next)) * ITEM_ROW;
      if (
        place < this.list.scrollTop ||
        place > this.list.scrollTop + this.list.clientHeight - 2 * ITEM_ROW
      ) {
        this.list.scrollTop = Math.max(place - ITEM_ROW, 0);
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
