// A grid of experiments: one row each, a verdict for every metric and arm. Only rows in sight are
// asked for.

import { _ } from "../../core/gettext.js";
import { isolated } from "../../core/text_direction.js";
import { childrenOf, findFirst, h, saveFile } from "../../ui/dom.js";
import { saveButtons } from "../../ui/forms/save_buttons.js";
import { isTyping } from "../../ui/keys.js";
import { lifetimeOf } from "../../ui/lifetime.js";
import { WindowedList } from "../../ui/lists/windowed_list.js";
import { formatCount } from "../../ui/number_format.js";
import { CourseLine } from "../../ui/progress.js";
import { repeatedLine } from "../../ui/repeated_line.js";

const GRID_ROW = 26;
const GRID_FORMS = [
  ["csv", _("All cells as CSV")],
  ["parquet", _("All cells as Parquet")],
  ["json", _("Everything as JSON")],
];
const GRID_SORTS = [
  ["table", _("as in the table")],
  ["name", _("by name")],
  ["coloured", _("most coloured")],
  ["ratio", _("worst sample ratio")],
];
/** @type {{sort: string, metric: string | null, arm: string | null}} */
const AS_IN_TABLE = { sort: "table", metric: null, arm: null };
const LETTER = 7.5; // pixels of a digit, at most
const ROOMY = 168; // pixels of a column from which on an interval stands beside the effect
const NARROW = 66; // and below which there is room for the glyph alone

/**
 * The number of the column that an event is in; −1 in none.
 *
 * @param {{target: HTMLElement}} event
 */
function columnAt({ target }) {
  const cell = /** @type {HTMLElement | null} */ (target.closest("[data-column]"));
  return Number(cell?.dataset.column ?? -1);
}

/**
 * @typedef {import("../../ui/types/messages.js").GridViewParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").GridViewMessage} Message
 */

class ExperimentGrid {
  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.at = { place: -1, column: -1 }; // where the keys are: nowhere yet, a row, or a cell of it
    this.top = 0;
    this.ledger = h("div", { class: "ledger" });
    this.notes = h("p", { class: "note notes" });
    this.rows = new WindowedList({
      lifetime,
      one: _("an experiment"),
      many: _("experiments"),
      rowHeight: GRID_ROW,
      headClass: "head-row",
      sorting: AS_IN_TABLE,
      sortingOf: (value) => JSON.parse(value),
      shown: () => model.window,
      ask: (range) => this.send({ type: "window", ...range }),
      restarted: () => this.restarted(),
      resized: () => this.resized(),
      attributes: {
        role: "grid",
        onscroll: () => this.scrolled(),
        onkeydown: (event) => this.key(event),
        onfocus: () => this.mark(),
        onblur: () => this.mark(),
      },
    });
    this.palette = h("span", { class: "palette" });
    this.told = h("p", { class: "told", role: "status" });
    this.fault = h("p", { class: "fault", role: "alert" });
    this.course = new CourseLine(this);
    this.tools = h(
      "div",
      { class: "line tools" },
      this.rows.search,
      h("label", {}, `${_("order")} `, this.rows.order),
      this.rows.count,
      h("span", { class: "fill" }),
      this.palette,
    );
    this.node = h(
      "div",
      { class: "grid", role: "region", "aria-label": _("Grid of experiments") },
      this.fault,
      this.course.node,
      this.ledger,
      this.notes,
      this.tools,
      this.rows.node,
      this.told,
    );
    root.append(this.node);
    model.on(["card", "error"], () => this.show());
    model.on("window", () => this.showRows());
    model.on("saved", () => saveFile(model.saved));
    this.show();
  }

  show() {
    const { card, error } = this.model;
    this.fault.textContent = error;
    this.node.classList.toggle("stale", Boolean(card.stale));
    for (const element of [this.ledger, this.notes, this.tools, this.rows.node, this.told]) {
      element.hidden = !card.columns;
    }
    if (!card.columns) return void (this.told.textContent = "");
    this.ledger.replaceChildren(
      repeatedLine((message) => this.send(message), card.repeated),
      h(
        "span",
        { title: _("{what}, at {levels}", { what: card.what, levels: card.levels }) },
        card.ledger,
      ),
      card.wrong ? h("span", { class: "flag hatched" }, `! ${card.wrong}`) : "",
      card.checked
        ? ""
        : h("span", { class: "note" }, _("SRM not checked: no allocation was declared")),
      h("span", { class: "fill" }),
      h(
        "span",
        { class: "note", role: "status" },
        card.stale ? _("figures from before the last change") : "",
      ),
      ...saveButtons(GRID_FORMS, (form) => this.send({ type: "save", form })),
    );
    this.notes.textContent = [
      _("{what}, at {levels}", { what: card.what, levels: card.levels }),
      ...card.notes,
    ].join(" · ");
    this.palette.replaceChildren(
      ...card.seen
        .map((number) => card.palette[number])
        .map((look) =>
          h(
            "span",
            {
              class: `key${look.hatched ? " hatched" : ""}`,
              style: `background-color:${look.colour};color:${look.ink}`,
            },
            h("b", {}, look.glyph),
            ` ${look.words}`,
          ),
        ),
    );
    this.showOrders(card);
    this.resized();
    this.showRows();
  }

  showOrders(card) {
    this.rows.offerOrders(
      [
        ...GRID_SORTS.map(([sort, text]) => [JSON.stringify({ ...AS_IN_TABLE, sort }), text]),
        ...card.columns.map(({ metric, arm }) => [
          JSON.stringify({ sort: "z", metric, arm }),
          _("largest |z| of {named}", { named: this.named(metric, arm) }),
        ]),
      ],
      JSON.stringify(this.rows.sorting),
    );
    if (!this.rows.order.value) this.rows.sort(AS_IN_TABLE); // the metric is gone
  }

  named(metric, arm) {
    return this.model.card.arms.length > 2 ? `${metric} · ${arm}` : metric;
  }

  showHeads() {
    const { card } = this.model;
    const current = this.rows.sorting;
    const sorts = (text, sort, metric = null, arm = null) =>
      h(
        "button",
        {
          class:
            current.sort === sort && current.metric === metric && current.arm === arm
              ? "sorted"
              : "",
          tabIndex: -1,
          onclick: () => this.rows.sort({ sort, metric, arm }),
        },
        text,
      );
    const shown = (column) =>
      column.shown.map(([glyph, count, text]) =>
        h("span", { title: `${count} ${text}` }, `${glyph}${formatCount(count)} `),
      );
    this.rows.head.replaceChildren(
      h("span", { role: "columnheader", class: "name" }, sorts(_("experiment"), "name")),
      h(
        "span",
        {
          role: "columnheader",
          class: "number",
          title: _("Units of {arms}", { arms: card.arms.map(isolated).join(", ") }),
        },
        card.arms.length > 3
          ? _("units of each arm")
          : _("units: {arms}", { arms: card.arms.map(isolated).join(" · ") }),
      ),
      h(
        "span",
        {
          role: "columnheader",
          class: "ratio",
          title: _("Whether the arms have the sizes that were declared"),
        },
        sorts(_("sample ratio"), "ratio"),
      ),
      ...card.columns.map((column) =>
        h(
          "span",
          {
            role: "columnheader",
            class: "head",
            title: _("{named}: {kind}; sort by |z|", {
              named: this.named(column.metric, column.arm),
              kind: column.kind,
            }),
          },
          sorts(
            h(
              "span",
              { class: column.primary ? "primary-metric" : "" },
              `${this.named(column.metric, column.arm)} ${column.arrow}`,
            ),
            "z",
            column.metric,
            column.arm,
          ),
          h("small", {}, ...shown(column)),
        ),
      ),
    );
  }

  showRows() {
    const { card, window: sight } = this.model;
    if (!card.columns || !sight.lines) return void this.rows.inner.replaceChildren();
    this.showHeads();
    this.rows.node.setAttribute("aria-rowcount", sight.total);
    if (this.at.place >= sight.total) this.at = { place: -1, column: -1 };
    this.rows.show((line, place) => this.row(line, place));
    this.mark();
    this.rows.ask();
  }

  row(line, place) {
    const { card } = this.model;
    const cell = (arm, i) => {
      const look = card.palette[arm.look];
      return h(
        "span",
        {
          role: "gridcell",
          id: `cell-${place}-${i}`,
          class: `verdict${look.hatched ? " hatched" : ""}`,
          "data-column": i,
          style: `background-color:${look.colour};color:${look.ink}`,
          "aria-label": this.words(line, arm, i),
          title: this.words(line, arm, i),
        },
        h("b", {}, look.glyph),
        h("span", { class: "effect" }, arm.effect),
        h("span", { class: "ends" }, arm.interval),
      );
    };
    return h(
      "div",
      {
        class: "row",
        id: `row-${place}`,
        role: "row",
        "aria-rowindex": place + 1,
        "data-place": place,
        "data-name": line.name,
        style: this.rows.style(place),
        onclick: (event) => {
          if (!String(getSelection())) {
            this.open(place, columnAt(event));
          }
        },
        onpointerover: (event) => this.tell(place, columnAt(event)),
        onpointerleave: () => this.mark(),
      },
      h(
        "span",
        {
          role: "rowheader",
          class: "name",
          title: _("{name}: open this experiment alone", { name: line.name }),
        },
        line.name,
      ),
      h(
        "span",
        { role: "gridcell", class: "number" },
        line.n.map((n) => formatCount(n)).join(" · "),
      ),
      h(
        "span",
        {
          role: "gridcell",
          class: `ratio ${line.flag}${line.flag === "wrong" ? " hatched" : ""}`,
          title: line.ratio_words,
        },
        line.flag === "wrong" ? h("b", {}, "! ") : "",
        line.ratio,
      ),
      ...line.cells.map(cell),
    );
  }

  // Everything that a cell says, for who points at it and who cannot see it.
  words(line, cell, i) {
    const { card } = this.model;
    const { metric, arm } = card.columns[i];
    const interval = cell.interval ? ` (${cell.interval})` : "";
    return [
      `${line.name} · ${metric}: ${card.control} ${cell.values[0]}, ${arm} ${cell.values[1]}`,
      `${cell.effect}${interval}`,
      cell.lift ? _("lift {lift}", { lift: cell.lift }) : "",
      _("adjusted p {p}, unadjusted {p_raw}", { p: cell.p, p_raw: cell.p_raw }),
      cell.words || card.palette[cell.look].words,
    ]
      .filter(Boolean)
      .join("; ");
  }

  lineAt(place) {
    const { window: sight } = this.model;
    return sight.lines?.[place - sight.start];
  }

  tell(place, column) {
    const line = this.lineAt(place);
    if (!line) return;
    this.told.textContent =
      column >= 0
        ? this.words(line, line.cells[column], column)
        : `${line.name} · ${line.ratio_words}`;
  }

  open(place, column) {
    const line = this.lineAt(place);
    if (!line) return;
    this.at = { place, column };
    this.mark();
    this.opened = this.rows.node.matches(":focus");
    const pair = this.model.card.columns[column];
    this.send({
      type: "open",
      name: line.name,
      ...(pair ? { metric: pair.metric, arm: pair.arm } : {}),
    });
  }

  restarted() {
    this.at = { place: -1, column: this.at.column };
    this.rows.order.value = JSON.stringify(this.rows.sorting);
    this.showHeads();
  }

  // A hidden list forgets how far it was scrolled.
  scrolled() {
    if (this.rows.node.clientHeight) this.top = this.rows.node.scrollTop;
    this.rows.ask();
  }

  resized() {
    const columns = this.model.card.columns?.length || 1;
    if (!this.rows.node.clientHeight) return;
    if (this.rows.node.scrollTop !== this.top) this.rows.node.scrollTop = this.top;
    // back from one experiment, the keys go on
    if (this.opened) this.rows.node.focus({ preventScroll: true });
    this.opened = false;
    const letters = (this.model.card.largest || []).map((n) => formatCount(n)).join(" · ").length;
    const units = Math.min(Math.max(104, LETTER * letters + 16), 240);
    const columnWidth = (this.rows.node.clientWidth - 286 - units) / columns;
    this.rows.node.style.setProperty("--units", `${units}px`);
    this.rows.node.classList.toggle("roomy", columnWidth >= ROOMY);
    this.rows.node.classList.toggle("bare", columnWidth < NARROW);
    this.rows.node.style.setProperty("--columns", columns);
    this.rows.ask();
  }

  mark() {
    const on = this.rows.node.matches(":focus");
    for (const row of childrenOf(this.rows.inner)) {
      const current = Number(row.dataset.place) === this.at.place;
      row.classList.toggle("on", current);
      findFirst(row, ".at")?.classList.remove("at");
      if (current && on && this.at.column >= 0) {
        findFirst(row, `[data-column="${this.at.column}"]`)?.classList.add("at");
      }
    }
    if (this.at.place < 0) this.rows.node.removeAttribute("aria-activedescendant");
    else {
      this.rows.node.setAttribute(
        "aria-activedescendant",
        this.at.column >= 0 ? `cell-${this.at.place}-${this.at.column}` : `row-${this.at.place}`,
      );
    }
    if (on && this.at.place >= 0) this.tell(this.at.place, this.at.column);
    else {
      this.told.textContent = _(
        "Point at a cell to read it; a click or Enter opens that experiment.",
      );
    }
  }

  key(event) {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { card, window: sight } = this.model;
    const page = Math.max(Math.floor(this.rows.node.clientHeight / GRID_ROW) - 2, 1);
    const step = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -sight.total,
      End: sight.total,
    }[event.key];
    const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) this.at.place = Math.min(Math.max(this.at.place + step, 0), sight.total - 1);
    else if (side && this.at.place < 0) this.at.place = 0;
    else if (side) {
      this.at.column = Math.min(Math.max(this.at.column + side, -1), card.columns.length - 1);
    } else if (event.key === "Enter" || event.key === " ") this.open(this.at.place, this.at.column);
    else return;
    this.rows.reveal(this.at.place);
    this.mark();
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }
}

/** @param {import("../../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  new ExperimentGrid(model, el, lifetimeOf({ model, view }));
}
