// Segments of one column: one metric in full, the verdicts of all. Only those in sight are asked
// for.

import { _ } from "../../core/gettext.js";
import { isolated } from "../../core/text_direction.js";
import { h } from "../../ui/dom.js";
import { switchButtons } from "../../ui/forms/choices.js";
import { WindowedList } from "../../ui/lists/windowed_list.js";
import { formatCount } from "../../ui/number_format.js";
import { intervalTrack, verdictCell } from "./table.js";

const SEGMENT_ROW = 24;
const SEGMENT_SORTS = [
  ["size", _("most units")],
  ["z", _("strongest")],
  ["difference", _("difference")],
  ["p", _("p adjusted")],
  ["segment", _("as in the column")],
];
const MOST_MINIS = 12;

export class SegmentTable {
  /** @param {import("./page.js").ExperimentPage} page */
  constructor(page) {
    this.page = page;
    this.rows = new WindowedList({
      lifetime: page.lifetime,
      one: _("a segment"),
      many: _("segments"),
      rowHeight: SEGMENT_ROW,
      headClass: "segment head-row",
      sorting: { sort: "size" },
      sortingOf: (sort) => ({ sort }),
      shown: () => page.model.segments,
      ask: (range) =>
        page.send({ type: "window", ...range, sort: /** @type {any} */ (range.sort) }),
      nameOf: (line) => line.segment,
      chosen: () => page.model.segments.chosen,
      choose: (segment) => {
        if (segment === null && !page.model.segments.chosen) return false;
        this.look(segment);
      },
    });
    this.columns = h("span", { class: "switch" });
    this.text = h("p", { class: "note opened" });
    this.node = h(
      "section",
      { class: "segments" },
      h(
        "div",
        { class: "line tools" },
        h("h3", {}, _("By segment")),
        this.columns,
        h("span", { class: "fill" }),
        this.rows.search,
        this.rows.order,
        this.rows.count,
      ),
      this.text,
      this.rows.node,
    );
  }

  show() {
    const { segments, result } = this.page.model;
    const by = result.by || [];
    this.node.hidden = !by.length;
    // they are on their way
    if (!by.length || !by.includes(segments.by)) return void this.rows.inner.replaceChildren();
    const columns = by.map((name) => [name, this.page.model.setup.labels?.[name] || name]);
    this.columns.replaceChildren(
      ...switchButtons(columns, segments.by, (name) => {
        this.rows.search.value = "";
        this.rows.node.scrollTop = 0;
        this.page.send({ type: "look", by: name });
      }),
    );
    this.rows.offerOrders(SEGMENT_SORTS, segments.sort);
    this.rows.follow({ sort: segments.sort });
    this.text.replaceChildren(
      h("b", {}, `${segments.metric}${result.arms.length > 2 ? ` · ${segments.arm}` : ""}`),
      ` ${segments.words}`,
    );
    this.text.title = segments.words;
    this.text.classList.toggle("grey", !segments.opened);
    this.showHeads(result);
    this.rows.show((line, place) => this.line(line, place, result));
  }

  showHeads(result) {
    const cell = (text, name, title) =>
      h("span", { role: "columnheader", class: name || "number", title: title || "" }, text);
    const metrics = result.metrics.slice(0, MOST_MINIS);
    const more =
      result.metrics.length > metrics.length
        ? _(", the first {MOST_MINIS} of {count}", { MOST_MINIS, count: result.metrics.length })
        : "";
    this.rows.head.replaceChildren(
      cell(_("segment"), "name"),
      cell(_("units")),
      cell(_("difference")),
      cell("95 %", "number ends"),
      cell("0", "axis"),
      cell(_("lift"), "number wide"),
      cell(_("p adj.")),
      cell(_("verdict"), "name"),
      metrics.length > 1
        ? h(
            "span",
            {
              role: "columnheader",
              class: "minis",
              title: _("Verdicts of all metrics{more}: {metrics}", {
                more,
                metrics: metrics.map(isolated).join(", "),
              }),
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
        style: this.rows.style(place),
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
}
