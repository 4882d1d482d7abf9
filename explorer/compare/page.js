// The Compare tab: every feature, rows A against rows B. What had no part in making the groups is
// tested, the rest described.

import { _ } from "../core/gettext.js";
import { isolatedQuotes } from "../core/text_direction.js";
import { introduce } from "../ui/bokeh.js";
import { findAll, findFirst, h, keepFocus } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";
import { fillOptions, switchButtons } from "../ui/forms/choices.js";
import { methodsButton, saveButtons } from "../ui/forms/save_buttons.js";
import { isTyping } from "../ui/keys.js";
import { inBlocks } from "../ui/lists/in_blocks.js";
import { formatCount } from "../ui/number_format.js";
import { repeatedLine } from "../ui/repeated_line.js";
import { unavailable } from "../ui/forms/unavailable.js";

const SIGNIFICANT = 0.05;
const NOTHING_DIFFERS = _("No independent feature differs detectably");
const FIRST_LINES = 120; // lines of a list before the rest is asked for
/** @type {[string, string][]} */
const VIEWS = [
  ["list", _("bars")],
  ["volcano", _("volcano")],
];
const SAVED_FORMS = ["csv", "parquet", "json"].map((form) => [
  form,
  _("Save all figures: {form}", { form }),
]);
/** @type {[string, string, (row: any) => any][]} */
const COLUMNS = [
  ["label", _("by feature"), (row) => row.label.toLowerCase()],
  ["order", _("by effect"), (row) => -(row.order ?? -1)],
  ["value", _("by direction"), (row) => row.value ?? 9],
  ["p", _("by p adj."), (row) => row.p ?? 9],
  ["missing", _("by missing values"), (row) => -row.missing_effect],
];

/**
 * @typedef {import("../ui/types/messages.js").ComparePageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").ComparePageMessage} Message
 */

/** The row with the largest lower end of an effect. */
const largest = (rows) =>
  rows.reduce((best, row) => (row.order > (best?.order ?? 0) ? row : best), null);

/** Whether tests were made, and none of them shows a difference. */
function nothingDiffers(rows) {
  const tests = rows.flatMap((row) => [row.p, row.missing_p]).filter((p) => p !== null);
  return tests.length > 0 && tests.every((p) => p > SIGNIFICANT);
}

/** The answer of a comparison: its largest difference, and the largest that was tested. */
function answer(rows) {
  const top = largest(rows);
  const tested = rows.filter((row) => !row.seen);
  if (!top) return [nothingDiffers(tested) ? `${NOTHING_DIFFERS}.` : _("No difference is clear.")];
  const say = (lead, row) => [
    `${lead}: `,
    h("b", {}, row.label),
    ` ${row.words} (${row.interval}), `,
    row.seen
      ? `${_("used to define the group (not tested).")} `
      : row.p_words
        ? `${_("independent (tested), adjusted p {p}.", { p: row.p_words })} `
        : `${_("independent (tested).")} `,
  ];
  const next = top.seen && !nothingDiffers(tested) ? largest(tested) : null;
  return [
    ...say(_("Largest difference"), top),
    ...(next ? say(_("Largest tested difference"), next) : []),
    ...(tested.length && nothingDiffers(tested) ? [`${NOTHING_DIFFERS}.`] : []),
  ];
}

class ComparePage {
  /** @type {string[]} */
  shown;
  /** @type {number} */
  reach;

  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   */
  constructor(model, root) {
    this.model = model;
    this.search = "";
    this.open = new Set();
    this.current = null;
    this.head = h("div", { class: "head" });
    this.fault = h("p", { class: "fault", role: "alert" });
    this.lists = h("div", {
      class: "lists",
      tabIndex: 0,
      role: "group",
      "aria-label": _("Features by effect"),
      onkeydown: (event) => this.key(event),
    });
    this.detail = h("aside", { class: "detail", "aria-live": "polite" });
    this.tools = h("div", { class: "tools" });
    this.page = h(
      "div",
      { class: "page", role: "region", "aria-label": _("Compare") },
      this.head,
      this.fault,
      this.tools,
      h("div", { class: "body" }, this.lists, this.detail),
    );
    root.append(this.page);
    model.on(["groups", "asked", "kept"], () => this.showHead());
    model.on("groups", () => {
      if (!model.result.rows) this.showResult();
    });
    model.on("busy", () => this.showBusy());
    model.on("error", () => this.showHead());
    model.on(["result", "view"], () => this.showResult());
    model.on("detail", () => this.showDetail());
    model.on("saved", () => {
      if (model.saved.data) h("a", { href: model.saved.data, download: model.saved.name }).click();
    });
    this.showHead();
    this.showResult();
    this.showDetail();
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  // --- what is compared, and how

  // The button to cancel stays the same one while it says how far it is: a press must find it
  // again.
  showBusy() {
    if (this.model.busy.total !== undefined && this.cancel?.isConnected) {
      this.cancel.textContent = this.cancelling();
      return;
    }
    this.showHead();
    if (!this.model.result.rows) this.showResult();
  }

  cancelling() {
    const { words, done, total } = this.model.busy;
    const count = _("{done} of {total}", { done, total });
    return `${_("Cancel")} · ${words ? `${words} ` : ""}${count}`;
  }

  showHead() {
    const { groups, asked, busy, kept, error } = this.model;
    const running = busy.total !== undefined;
    this.fault.textContent = error || "";
    const describe = (which) => {
      const group = groups[which];
      const name = which.toUpperCase();
      if (!group) {
        return h(
          "span",
          { class: "group" },
          h("i", { class: `swatch ${which}` }),
          h("b", {}, name),
          h("span", { class: "note" }, which === "a" ? _("the selection") : _("the rest")),
        );
      }
      return h(
        "span",
        { class: "group", title: group.moved || group.name },
        h("i", { class: `swatch ${which}` }),
        h("b", {}, name),
        ` ${formatCount(group.count)}`,
        h("span", { class: "note" }, ` ${group.name}${group.moved ? ` · ${group.moved}` : ""}`),
      );
    };
    const choose = (name, text, options) => {
      const node = h("select", {
        "aria-label": text,
        title: text,
        onchange: (event) => this.send({ type: "set", [name]: event.target.value || null }),
      });
      fillOptions(node, [[null, options || []]], asked[name], text);
      return node;
    };
    const margin = h("input", {
      type: "number",
      min: 0,
      max: 0.99,
      step: 0.01,
      value: asked.margin ?? 0.05,
      "aria-label": _("Smallest effect of interest"),
      title: _("δ₀: tested is whether |δ| or V is larger; 0.05 is a convention"),
      onchange: (event) => this.send({ type: "set", margin: Number(event.target.value) }),
    });
    const earlier = h(
      "select",
      {
        "aria-label": _("Earlier comparisons"),
        onchange: (event) => {
          if (event.target.value) this.send({ type: "open", key: event.target.value });
        },
      },
      h(
        "option",
        { value: "" },
        kept.length
          ? _("earlier comparisons ({count})", { count: kept.length })
          : _("no earlier comparison"),
      ),
      ...kept.map((comparison) =>
        h(
          "option",
          { value: comparison.key },
          `${comparison.name} · ${formatCount(comparison.n_a)} / ${formatCount(comparison.n_b)} · ${comparison.ago}`,
        ),
      ),
    );
    earlier.value = "";
    earlier.disabled = !kept.length;
    this.cancel = running
      ? h(
          "button",
          { class: "primary", onclick: () => this.send({ type: "cancel" }) },
          this.cancelling(),
        )
      : null;
    const button = running
      ? this.cancel
      : h(
          "button",
          {
            class: "primary",
            ...unavailable(!groups.compare && groups.why_not),
            onclick: () => this.send({ type: "compare" }),
          },
          groups.compare || _("Compare"),
        );
    const lines = [
      h(
        "div",
        { class: "line" },
        h("h2", {}, _("Compare")),
        howComputed("compare", _("a comparison")),
        describe("a"),
        describe("b"),
        h("span", { class: "fill" }),
        earlier,
      ),
      h(
        "div",
        { class: "line" },
        button,
        h("label", {}, "|δ| > ", margin),
        choose("unit", _("unit: each row"), asked.units),
        choose("adjust", _("not adjusted"), asked.strata),
        groups.why_not && !this.model.result.key
          ? h("span", { class: "note" }, groups.why_not)
          : "",
        ...(groups.notes || []).map((text) => h("span", { class: "note" }, text)),
      ),
    ];
    keepFocus(this.head, () => this.head.replaceChildren(...lines));
  }

  // --- the lists

  /** @returns {string} what happens or what to do where there is no result */
  hint() {
    const { busy, groups } = this.model;
    if (busy.total !== undefined) {
      return _(
        "Comparing. In a large table, features are first ordered by a random sample of rows; exact figures of all rows follow.",
      );
    }
    if (groups.compare) {
      return _("Press {button} to see how these rows differ.", { button: groups.compare });
    }
    return _(
      "Select rows on the map, in a histogram or by an expression, and compare them with the rest. Keys 1 and 2 store a selection as group A or B.",
    );
  }

  showResult() {
    const { result } = this.model;
    // more of the same comparison: who looks at a feature goes on
    if (result.run !== this.run) this.current = null;
    this.run = result.run;
    if (!result.rows) {
      this.tools.replaceChildren();
      this.lists.replaceChildren(h("p", { class: "note" }, this.hint()));
      return;
    }
    const find = h("input", {
      type: "search",
      placeholder: _("find a feature"),
      value: this.search,
      "aria-label": _("Find a feature"),
      oninput: (event) => {
        this.search = event.target.value;
        this.showLists();
      },
    });
    const order = h(
      "select",
      {
        "aria-label": _("Order"),
        onchange: (event) => {
          this.send({ type: "order", name: /** @type {any} */ (event.target.value) });
        },
      },
      ...COLUMNS.map(([key, words]) => h("option", { value: key }, words)),
    );
    order.value = this.model.view.order;
    const notes = result.notes.map((text) =>
      h("span", { class: result.sampled ? "" : "note" }, text),
    );
    const views = h(
      "span",
      { class: "switch" },
      ...switchButtons(VIEWS, this.model.view.layout, (name) =>
        this.send({ type: "layout", name }),
      ),
    );
    const tools = [
      h("p", { class: "answer" }, ...answer(result.rows)),
      repeatedLine((message) => this.send(message), result.repeated),
      h(
        "div",
        { class: "line" },
        h("b", {}, isolatedQuotes(result.name)),
        h(
          "span",
          { class: "note" },
          [
            result.words,
            result.unit ? _("unit: {unit}", { unit: result.unit }) : "",
            result.seconds,
          ]
            .filter(Boolean)
            .join(" · "),
        ),
        ...(result.sampled ? [] : notes),
        h("span", { class: "fill" }),
        find,
        order,
        views,
        ...saveButtons(SAVED_FORMS, (form) => this.send({ type: "save", form })),
        methodsButton(result.method),
      ),
      result.sampled
        ? h(
            "div",
            { class: "line of-sample" },
            ...notes,
            result.sampled < result.rows.length
              ? h("span", { class: "note" }, _("paler bars: of the sample"))
              : "",
          )
        : "",
    ];
    keepFocus(this.tools, () => this.tools.replaceChildren(...tools));
    this.showLists();
  }

  sorted(rows) {
    const query = this.search.trim().toLowerCase();
    const by = /** @type {((row: any) => any) | undefined} */ (
      COLUMNS.find(([key]) => key === this.model.view.order)?.[2]
    );
    const matches = query
      ? rows.filter(
          (row) =>
            row.label.toLowerCase().includes(query) || row.name.toLowerCase().includes(query),
        )
      : [...rows];
    return matches
      .map((row, place) => [by?.(row), place, row])
      .sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j))
      .map(([, , row]) => row);
  }

  showLists() {
    const { rows, margin } = this.model.result;
    if (this.model.view.layout === "volcano") {
      this.lists.replaceChildren(
        this.volcano(rows.filter((row) => !row.seen && row.p !== null && row.value !== null)),
      );
      return;
    }
    const untested = rows.filter((row) => row.seen);
    const tested = rows.filter((row) => !row.seen);
    const none = tested.length > 0 && nothingDiffers(tested);
    const parts = [
      [
        "unseen",
        _("Independent features (tested)"),
        none
          ? NOTHING_DIFFERS
          : _(
              "Tested: is |δ| or V larger than {margin}? p adj. controls the false discovery rate over this list. Features that depend in part on those that defined the groups are marked: a difference is then expected",
              { margin },
            ),
        tested,
      ],
      [
        "seen",
        _("Used to define the group (not tested)"),
        _(
          "These features defined the groups, or depend on features that did (R² ≥ .5). They are described only: a difference is no finding",
        ),
        untested,
      ],
    ];
    // the list that holds the largest effect comes first
    if (largest(rows)?.seen) parts.reverse();
    // the same scale for all lines, wide enough for the longest bar
    const most = Math.max(...rows.map((row) => Math.abs(row.value ?? 0)), 0.05);
    this.reach = [0.1, 0.2, 0.5, 1].find((reach) => most <= reach) || 1;
    this.shown = [];
    this.lists.replaceChildren(
      ...parts
        .filter(([, , , all]) => all.length)
        .map(([key, title, text, all]) => {
          const sorted = this.sorted(all);
          const folded = key === "unseen" && none && !this.search.trim();
          const first = folded ? 0 : FIRST_LINES;
          const entries = inBlocks(/** @type {any[]} */ (sorted));
          const shown = this.open.has(key) ? entries : entries.slice(0, first);
          const opened = ({ block }) => !block || this.open.has(`${key}\n${block}`);
          const listed = shown.map((entry) =>
            opened(entry) ? entry.members : entry.members.slice(0, 1),
          );
          this.shown.push(...listed.flat().map((row) => row.name));
          const left = entries.slice(shown.length).flatMap(({ members }) => members).length;
          return h(
            "section",
            {},
            h(
              "div",
              { class: "title" },
              h("h3", {}, `${title} · ${formatCount(all.length)}`),
              h("span", { class: "note" }, text),
            ),
            h(
              "div",
              { class: "line-head", hidden: !shown.length },
              h("span", {}, _("feature")),
              h(
                "span",
                { class: "axis" },
                h("i", { title: _("larger in B") }, "◂ B"),
                h("i", { title: _("The scale of the bars") }, `± ${this.reach}`),
                h("i", { title: _("larger in A") }, "A ▸"),
              ),
              h("span", {}, _("effect")),
              h("span", {}, "95 %"),
              h("span", { class: "wide", title: _("Medians; shares of yes") }, "A"),
              h("span", { class: "wide", title: _("Medians; shares of yes") }, "B"),
              h("span", { class: "wide", title: _("Share missing in A / in B") }, _("missing")),
              h("span", {}, key === "unseen" ? _("p adj.") : ""),
            ),
            ...shown.flatMap((entry, at) => [
              entry.block ? this.blockLine(key, entry) : "",
              ...listed[at].map((row) => this.line(row)),
            ]),
            left
              ? h(
                  "button",
                  {
                    class: "small",
                    onclick: () => {
                      this.open.add(key);
                      this.showLists();
                    },
                  },
                  shown.length
                    ? _("+ {count} more", { count: formatCount(left) })
                    : _("Show the tested features ({count})", {
                        count: formatCount(sorted.length),
                      }),
                )
              : "",
          );
        }),
    );
  }

  // Above the first column of a family in this order: all of them at a click.
  /**
   * @param {string} list
   * @param {{block: string, members: any[]}} entry
   */
  blockLine(list, { block, members }) {
    const key = `${list}\n${block}`;
    const open = this.open.has(key);
    const toggle = () => {
      if (!this.open.delete(key)) this.open.add(key);
      this.showLists();
      findFirst(this.lists, `[data-block="${CSS.escape(key)}"]`)?.focus();
    };
    const values = { block, count: formatCount(members.length) };
    return h(
      "button",
      { class: "family", "aria-expanded": String(open), "data-block": key, onclick: toggle },
      open
        ? _("▾ {block}: {count} columns", values)
        : _("▸ {block}: the first of {count} columns in this order", values),
    );
  }

  // V of categories has no direction: an outline instead of a filled bar.
  line(row) {
    const place = (value) => Math.min(Math.max(50 + (50 * value) / this.reach, 0), 100);
    const bar =
      row.value === null
        ? []
        : [
            h("i", {
              class: row.symbol === "V" ? "bar v" : "bar",
              style: `left:${Math.min(50, place(row.value))}%;width:${Math.abs(place(row.value) - 50)}%`,
            }),
            row.low === null
              ? ""
              : h("i", {
                  class: "whisker",
                  style: `left:${place(row.low)}%;width:${place(row.high) - place(row.low)}%`,
                }),
          ];
    const clear = row.p !== null && row.p <= SIGNIFICANT;
    const gap = row.missing_p !== null && row.missing_p <= SIGNIFICANT;
    return h(
      "button",
      {
        class: `row${row.name === this.current ? " on" : ""}${row.sampled ? " sampled" : ""}`,
        "aria-current": String(row.name === this.current),
        tabIndex: -1,
        "data-name": row.name,
        title: [row.name, row.seen, row.follows, row.note].filter(Boolean).join(" · "),
        onclick: () => this.look(row.name),
      },
      h(
        "span",
        { class: "label" },
        row.label,
        row.unit ? h("span", { class: "note" }, ` ${row.unit}`) : "",
      ),
      h("span", { class: "track" }, ...bar),
      h(
        "span",
        { class: "number" },
        row.words,
        row.exact ? "" : h("span", { class: "note", title: row.note }, " ≈"),
      ),
      h("span", { class: "number note" }, row.interval),
      h("span", { class: "number wide" }, row.a),
      h("span", { class: "number wide" }, row.b),
      h(
        "span",
        {
          class: `number wide${gap ? " strong" : ""}`,
          title: gap
            ? _("The share of missing values differs too, p adj. {missing_p}", {
                missing_p: row.missing_p.toPrecision(2),
              })
            : "",
        },
        row.missing_words,
        gap ? " ◆" : "",
      ),
      h("span", { class: `number${clear ? " strong" : ""}` }, row.p_words, clear ? " ●" : ""),
      row.seen || row.follows ? h("span", { class: "why note" }, row.seen || row.follows) : "",
    );
  }

  look(name) {
    this.current = name;
    for (const node of findAll(this.lists, ".row")) {
      const on = node.dataset.name === name;
      node.classList.toggle("on", on);
      node.setAttribute("aria-current", String(on));
    }
    this.send({ type: "look", name });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || isTyping(event) || !this.shown?.length) return;
    event.preventDefault();
    const at = this.shown.indexOf(this.current);
    const name = this.shown[Math.min(Math.max(at + step, 0), this.shown.length - 1)];
    this.look(name);
    findFirst(this.lists, `[data-name="${CSS.escape(name)}"]`)?.focus();
  }

  // Effect across, evidence up: a name for each of the strongest, a dot for each of the others.
  volcano(rows) {
    const [width, height, edge] = [760, 420, 40];
    const svg = (tag, attributes, ...children) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      node.append(...children);
      return node;
    };
    const reach =
      [0.1, 0.2, 0.5, 1].find((end) => rows.every((row) => Math.abs(row.value) <= end)) || 1;
    const depth = (p) => Math.sqrt(-Math.log10(Math.max(p, 1e-300)));
    const most = Math.max(...rows.map((row) => depth(row.p)), depth(1e-4));
    const x = (value) => edge + ((value / reach + 1) / 2) * (width - 2 * edge);
    const y = (p) => height - edge - (depth(p) / most) * (height - 2 * edge);
    const picture = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      class: "volcano",
      role: "img",
      "aria-label": _("Effect of each tested feature against its adjusted p-value"),
    });
    for (const value of [-1, -0.5, 0, 0.5, 1].map((share) => share * reach)) {
      picture.append(
        svg("line", { x1: x(value), x2: x(value), y1: edge, y2: height - edge, class: "grid" }),
        svg("text", { x: x(value), y: height - edge + 16, "text-anchor": "middle" }, String(value)),
      );
    }
    for (const p of [1, 0.05, 1e-4, 1e-16, 1e-64, 1e-300].filter(
      (node) => depth(node) <= most + 1e-9,
    )) {
      picture.append(
        svg("line", { x1: edge, x2: width - edge, y1: y(p), y2: y(p), class: "grid" }),
        svg(
          "text",
          { x: edge - 5, y: y(p) + 4, "text-anchor": "end" },
          p >= 0.01 ? String(p) : `1e−${Math.round(-Math.log10(p))}`,
        ),
      );
    }
    picture.append(
      svg(
        "text",
        { x: width / 2, y: height - 6, "text-anchor": "middle" },
        _("δ of numbers, V of categories"),
      ),
    );
    const placed = [];
    // a name where none is near
    const free = (left, top) => {
      const clear = placed.every(([a, b]) => Math.abs(a - left) > 130 || Math.abs(b - top) > 13);
      if (clear) placed.push([left, top]);
      return clear;
    };
    for (const row of [...rows].sort((a, b) => b.order - a.order)) {
      const dot = svg(
        "circle",
        { cx: x(row.value), cy: y(row.p), r: 4, class: row.p <= 0.05 ? "clear" : "" },
        svg(
          "title",
          {},
          _("{label}: {text}, p adj. {p}", {
            label: row.label,
            text: row.words,
            p: row.p_words,
          }),
        ),
      );
      dot.addEventListener("click", () => this.look(row.name));
      picture.append(dot);
      if (
        placed.length < 20 &&
        row.p <= 0.05 &&
        free(x(row.value) + (row.value < 0 ? -65 : 65), y(row.p))
      ) {
        picture.append(
          svg(
            "text",
            {
              x: x(row.value) + (row.value < 0 ? -7 : 7),
              y: y(row.p) + 4,
              "text-anchor": row.value < 0 ? "end" : "start",
              class: "named",
            },
            row.label,
          ),
        );
      }
    }
    return h(
      "div",
      {},
      picture,
      h(
        "p",
        { class: "note" },
        _(
          "{count} tested features; filled circles: adjusted p ≤ .05. Vertical scale: square root of −log10 p",
          { count: formatCount(rows.length) },
        ),
      ),
    );
  }

  // --- one feature

  showDetail() {
    const { detail } = this.model;
    if (!detail.name || !this.model.result.rows) {
      this.detail.replaceChildren();
      return;
    }
    this.current = this.current || detail.name;
    for (const node of findAll(this.lists, ".row")) {
      node.classList.toggle("on", node.dataset.name === this.current);
    }
    const [a, b] = detail.sides;
    const sides = [
      ["rows", "n"],
      ["missing", "missing"],
      ["mean", "mean"],
      ["sd", "sd"],
      ["median", "median"],
    ].filter(([, key]) => a[key] || b[key]);
    this.detail.replaceChildren(
      h("h2", {}, detail.label, detail.unit ? h("span", { class: "note" }, ` ${detail.unit}`) : ""),
      detail.description ? h("p", { class: "note" }, detail.description) : "",
      detail.seen
        ? h("p", { class: "seen" }, _("{seen}: described, not tested", { seen: detail.seen }))
        : "",
      detail.note ? h("p", { class: "note" }, detail.note) : "",
      this.bars(detail.bars),
      this.levels(detail),
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td", {}),
            h("th", {}, h("i", { class: "swatch a" }), "A"),
            h("th", {}, h("i", { class: "swatch b" }), "B"),
          ),
        ),
        h(
          "tbody",
          {},
          ...sides.map(([text, key]) =>
            h("tr", {}, h("td", {}, text), h("td", {}, a[key] || "–"), h("td", {}, b[key] || "–")),
          ),
        ),
      ),
      h(
        "table",
        {},
        h(
          "tbody",
          {},
          ...detail.figures.map(([symbol, text, value, interval]) =>
            h(
              "tr",
              { title: text },
              h("td", {}, symbol),
              h("td", { class: "number" }, value),
              h("td", { class: "number note" }, interval),
            ),
          ),
        ),
      ),
      h(
        "div",
        { class: "line" },
        h(
          "button",
          { class: "small", onclick: () => this.send({ type: "feature", name: detail.name }) },
          _("open in tab Feature"),
        ),
        detail.seen
          ? h(
              "button",
              {
                class: "small",
                title: _(
                  "Make a map without this feature and its near-duplicates; select the group again there, then the feature can be tested",
                ),
                onclick: () => this.send({ type: "without", name: detail.name }),
              },
              _("map without it"),
            )
          : "",
      ),
    );
  }

  // Filled bars for A, an outline for B: told apart without colour.
  bars(bars) {
    if (bars.error) return h("p", { class: "note" }, bars.error);
    if (!bars.a) return "";
    const n =
      Math.max(
        bars.a.findLastIndex((value) => value > 0),
        bars.b.findLastIndex((value) => value > 0),
      ) + 1;
    if (n <= 0) return "";
    const svg = (tag, attributes) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      return node;
    };
    const picture = svg("svg", {
      viewBox: `0 0 ${10 * n} 130`,
      preserveAspectRatio: "none",
      class: "bars",
      role: "img",
      "aria-label": _("Distribution in A, filled, and in B, outlined"),
    });
    for (let i = 0; i < n; i++) {
      picture.append(
        svg("rect", {
          x: 10 * i + 1,
          y: 128 - bars.a[i] / 2,
          width: 8,
          height: bars.a[i] / 2,
          class: "a",
        }),
      );
    }
    let path = "M0 128";
    for (let i = 0; i < n; i++) {
      path += `L${10 * i} ${128 - bars.b[i] / 2}L${10 * (i + 1)} ${128 - bars.b[i] / 2}`;
    }
    picture.append(
      svg("path", {
        d: `${path}L${10 * n} 128`,
        class: "b",
        "vector-effect": "non-scaling-stroke",
      }),
    );
    return h(
      "div",
      {},
      picture,
      h(
        "div",
        { class: "ends" },
        h("span", {}, bars.low),
        h(
          "span",
          { class: "note", title: _("The highest bar, as a share of its group") },
          _("highest bar {most}", { most: bars.most }),
        ),
        h("span", {}, bars.high),
      ),
    );
  }

  levels(detail) {
    if (!detail.levels.length) return "";
    const most = Math.max(...detail.levels.flatMap((level) => [level.a || 0, level.b || 0]), 1e-9);
    return h(
      "div",
      { class: "levels" },
      ...detail.levels.map((level) =>
        h(
          "div",
          {
            class: "level",
            title: _(
              "{level}: {rows_a} rows of A, {rows_b} of B; standardised residual {residual}",
              {
                level: level.level,
                rows_a: formatCount(level.rows[0]),
                rows_b: formatCount(level.rows[1]),
                residual: level.residual,
              },
            ),
          },
          h("span", { class: "label" }, level.level),
          h(
            "span",
            { class: "pair" },
            h("i", { class: "a", style: `width:${(100 * (level.a || 0)) / most}%` }),
            h("i", { class: "b", style: `width:${(100 * (level.b || 0)) / most}%` }),
          ),
          h("span", { class: "number" }, level.words.join(" / ")),
          h("span", { class: "number note" }, level.residual),
        ),
      ),
      h(
        "p",
        { class: "note" },
        detail.more_levels
          ? _(
              "Share of A / of B, and standardised residual; largest first. {more_levels} more are in the saved files.",
              { more_levels: detail.more_levels },
            )
          : _("Share of A / of B, and standardised residual; largest first."),
      ),
    );
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new ComparePage(model, el);
}
