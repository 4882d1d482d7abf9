// Segments of one column: one metric in full, the verdicts of all. Only those in sight are asked
// for.

import { focusedIn, h } from "../../ui/dom.js";
import { isTyping } from "../../ui/keys.js";
import { observeFor } from "../../ui/lifetime.js";
import { formatCount } from "../../ui/number_format.js";
import { intervalTrack, verdictCell } from "./table.js";

const SEGMENT_ROW = 24;
const SEGMENT_SORTS = [
  ["size", "most units"],
  ["z", "strongest"],
  ["difference", "difference"],
  ["p", "p adjusted"],
  ["segment", "as in the column"],
];
const MOST_MINIS = 12;

export class SegmentTable {
  constructor(page) {
    this.page = page;
    this.sort = "size";
    this.tools = h("div", { class: "line tools" });
    this.words = h("p", { class: "note opened" });
    this.heads = h("div", { class: "segment head-row", role: "row" });
    this.inner = h("div", { class: "inner", role: "rowgroup" });
    this.list = h(
      "div",
      {
        class: "list",
        role: "table",
        tabIndex: 0,
        "aria-label": "Segments",
        onscroll: () => this.ask(),
        onkeydown: (event) => this.key(event),
      },
      this.heads,
      this.inner,
    );
    this.find = h("input", {
      type: "search",
      placeholder: "find a segment",
      "aria-label": "Find a segment",
      oninput: () => {
        this.list.scrollTop = 0;
        this.ask(true);
      },
    });
    this.order = h(
      "select",
      {
        "aria-label": "Order of segments",
        onchange: () => {
          this.sort = this.order.value;
          this.list.scrollTop = 0;
          this.ask(true);
        },
      },
      ...SEGMENT_SORTS.map(([value, words]) => h("option", { value }, words)),
    );
    this.node = h("section", { class: "segments" }, this.tools, this.words, this.list);
    this.asked = "";
    observeFor(page.lifetime, new ResizeObserver(() => this.ask()), this.list);
  }

  show() {
    const { segments, result } = this.page.model;
    const by = result.by || [];
    this.node.hidden = !by.length;
    // they are on their way
    if (!by.length || !by.includes(segments.by)) return void this.inner.replaceChildren();
    const column = (name) =>
      h(
        "button",
        {
          class: name === segments.by ? "on" : "",
          "aria-pressed": String(name === segments.by),
          onclick: () => {
            this.find.value = "";
            this.list.scrollTop = 0;
            this.page.send({ type: "look", by: name });
          },
        },
        this.page.model.setup.labels?.[name] || name,
      );
    const typing = focusedIn(this.node) === this.find;
    this.tools.replaceChildren(
      h("h3", {}, "By segment"),
      h("span", { class: "switch" }, ...by.map(column)),
      h("span", { class: "fill" }),
      this.find,
      this.order,
      h(
        "span",
        { class: "note" },
        segments.total === segments.of
          ? formatCount(segments.of)
          : `${formatCount(segments.total)} of ${formatCount(segments.of)}`,
      ),
    );
    if (typing) this.find.focus();
    this.order.value = segments.sort;
    this.words.replaceChildren(
      h("b", {}, `${segments.metric}${result.arms.length > 2 ? ` · ${segments.arm}` : ""}`),
      ` ${segments.words}`,
    );
    this.words.title = segments.words;
    this.words.classList.toggle("grey", !segments.opened);
    this.showHeads(result);
    this.inner.style.height = `${segments.total * SEGMENT_ROW}px`;
    const focused = focusedIn(this.node) === this.list;
    this.inner.replaceChildren(
      ...segments.lines.map((line, i) => this.line(line, segments.start + i, result)),
    );
    if (focused) this.list.focus({ preventScroll: true });
  }

  showHeads(result) {
    const cell = (words, name, title) =>
      h("span", { role: "columnheader", class: name || "number", title: title || "" }, words);
    const metrics = result.metrics.slice(0, MOST_MINIS);
    const more =
      result.metrics.length > metrics.length
        ? `, the first ${MOST_MINIS} of ${result.metrics.length}`
        : "";
    this.heads.replaceChildren(
      cell("segment", "name"),
      cell("units"),
      cell("difference"),
      cell("95 %", "number ends"),
      cell("0", "axis"),
      cell("lift", "number wide"),
      cell("p adj."),
      cell("verdict", "name"),
      metrics.length > 1
        ? h(
            "span",
            {
              role: "columnheader",
              class: "minis",
              title: `Verdicts of all metrics${more}: ${metrics.join(", ")}`,
            },
            ...metrics.map((name) => h("i", { title: name }, name.slice(0, 2))),
          )
        : "",
    );
  }

  line(line, place, result) {
    const { segments } = this.page.model;
    const on = line.segment === segments.chosen;
    const mini = (number, i) => {
      const look = result.palette[number];
      return h(
        "button",
        {
          class: `mini${look.hatched ? " hatched" : ""}`,
          tabIndex: -1,
          style: `background-color:${look.colour};color:${look.ink}`,
          title: `${result.metrics[i]}: ${look.words}`,
          onclick: (event) => {
            event.stopPropagation();
            this.page.send({ type: "look", metric: result.metrics[i], segment: line.segment });
          },
        },
        look.glyph[0],
      );
    };
    return h(
      "div",
      {
        class: `segment row${on ? " on" : ""}${line.grey ? " grey" : ""}`,
        role: "row",
        "aria-selected": String(on),
        "data-segment": line.segment,
        "data-place": place,
        style: `top:${place * SEGMENT_ROW}px`,
        onclick: () => {
          if (!String(getSelection())) this.look(on ? null : line.segment);
        },
      },
      h("span", { role: "cell", class: "name label", title: line.segment }, line.segment),
      h("span", { role: "cell", class: "number" }, formatCount(line.n[0] + line.n[1])),
      h("span", { role: "cell", class: "number" }, line.difference),
      h("span", { role: "cell", class: "number ends note" }, line.interval),
      h("span", { role: "cell" }, intervalTrack(line.drawn, segments.reach, line.verdict.colour)),
      h("span", { role: "cell", class: "number wide" }, line.lift || "–"),
      h("span", { role: "cell", class: "number" }, line.p),
      h("span", { role: "cell" }, verdictCell(line.verdict)),
      result.metrics.length > 1
        ? h(
            "span",
            { role: "cell", class: "minis" },
            ...line.verdicts.slice(0, Math.min(MOST_MINIS, result.metrics.length)).map(mini),
          )
        : "",
    );
  }

  look(segment) {
    this.page.send({ type: "look", segment });
  }

  // What is in sight, and as much above and below.
  ask(anew = false) {
    const { segments } = this.page.model;
    if (segments.by === undefined) return;
    const rows = Math.max(Math.ceil(this.list.clientHeight / SEGMENT_ROW), 20);
    const first = Math.max(Math.floor(this.list.scrollTop / SEGMENT_ROW) - rows, 0);
    const wanted = {
      start: first,
      stop: first + 3 * rows,
      sort: this.sort,
      search: this.find.value,
    };
    const top = Math.floor(this.list.scrollTop / SEGMENT_ROW);
    const held =
      segments.start <= top &&
      segments.start + segments.lines.length >= Math.min(top + rows, segments.total);
    const key = JSON.stringify(wanted);
    if ((held && !anew) || key === this.asked) return;
    this.asked = key;
    this.page.send({ type: "window", ...wanted });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (isTyping(event) || (!step && event.key !== "Escape")) return;
    const { segments } = this.page.model;
    if (event.key === "Escape") {
      if (!segments.chosen) return;
      this.look(null);
    } else {
      const at = segments.lines.findIndex((line) => line.segment === segments.chosen);
      const next = segments.lines[at < 0 ? 0 : at + step];
      if (next) {
        this.look(next.segment);
        const place = (segments.start + segments.lines.indexOf(next)) * SEGMENT_ROW;
        if (
          place < this.list.scrollTop ||
          place > this.list.scrollTop + this.list.clientHeight - 2 * SEGMENT_ROW
        ) {
          this.list.scrollTop = Math.max(place - SEGMENT_ROW, 0);
        }
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
