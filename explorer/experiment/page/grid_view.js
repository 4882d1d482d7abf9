// A wall of experiments: one row each, a verdict for every metric and arm. Only rows in sight are
// asked for.

import { childrenOf, findFirst, h, saveFile, saveTitle } from "../../ui/dom.js";
import { isTyping } from "../../ui/keys.js";
import { lifetimeOf, observeFor } from "../../ui/lifetime.js";
import { formatCount } from "../../ui/number_format.js";
import { CourseLine } from "../../ui/progress.js";
import { repeatedLine } from "../../ui/repeated_line.js";

const WALL_ROW = 26;
const WALL_FORMS = [
  ["csv", "All cells as CSV"],
  ["parquet", "All cells as Parquet"],
  ["json", "Everything as JSON"],
];
const WALL_SORTS = [
  ["table", "as in the table"],
  ["name", "by name"],
  ["coloured", "most coloured"],
  ["ratio", "worst sample ratio"],
];
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

class ExperimentWall {
  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.asked = "";
    this.sort = { sort: "table", metric: null, arm: null };
    this.at = { place: -1, column: -1 }; // where the keys are: nowhere yet, a row, or a cell of it
    this.top = 0;
    this.ledger = h("div", { class: "ledger" });
    this.notes = h("p", { class: "note notes" });
    this.find = h("input", {
      type: "search",
      placeholder: "find an experiment",
      "aria-label": "Find an experiment",
      oninput: () => this.anew(),
    });
    this.order = h("select", {
      "aria-label": "Order of experiments",
      onchange: () => this.sortBy(...JSON.parse(this.order.value)),
    });
    this.count = h("span", { class: "note" });
    this.key_ = h("span", { class: "palette" });
    this.heads = h("div", { class: "head-row", role: "row" });
    this.inner = h("div", { class: "inner", role: "rowgroup" });
    this.list = h(
      "div",
      {
        class: "list",
        role: "grid",
        tabIndex: 0,
        "aria-label": "Experiments",
        onscroll: () => this.scrolled(),
        onkeydown: (event) => this.key(event),
        onfocus: () => this.mark(),
        onblur: () => this.mark(),
      },
      this.heads,
      this.inner,
    );
    this.told = h("p", { class: "told", role: "status" });
    this.fault = h("p", { class: "fault", role: "alert" });
    this.course = new CourseLine(this);
    this.node = h(
      "div",
      { class: "wall", role: "region", "aria-label": "Wall of experiments" },
      this.fault,
      this.course.node,
      this.ledger,
      this.notes,
      h(
        "div",
        { class: "line tools" },
        this.find,
        h("label", {}, "order ", this.order),
        this.count,
        h("span", { class: "fill" }),
        this.key_,
      ),
      this.list,
      this.told,
    );
    root.append(this.node);
    model.on(["card", "error"], () => this.show());
    model.on("window", () => this.showRows());
    model.on("saved", () => saveFile(model.saved));
    observeFor(lifetime, new ResizeObserver(() => this.resized()), this.list);
    this.show();
  }

  show() {
    const { card, error } = this.model;
    this.fault.textContent = error;
    this.node.classList.toggle("stale", Boolean(card.stale));
    const heads = /** @type {HTMLElement} */ (this.list.previousSibling);
    for (const part of [this.ledger, this.notes, this.list, this.told, heads]) {
      part.hidden = !card.columns;
    }
    if (!card.columns) return void (this.told.textContent = "");
    this.ledger.replaceChildren(
      repeatedLine((message) => this.send(message), card.repeated),
      h("span", { title: `${card.what}, at ${card.levels}` }, card.ledger),
      card.wrong ? h("span", { class: "flag hatched" }, `! ${card.wrong}`) : "",
      card.checked
        ? ""
        : h("span", { class: "note" }, "SRM not checked: no allocation was declared"),
      h("span", { class: "fill" }),
      h(
        "span",
        { class: "note", role: "status" },
        card.stale ? "figures of before the change" : "",
      ),
      ...WALL_FORMS.map(([form, title]) =>
        h(
          "button",
          {
            class: "small",
            title: saveTitle(form, title),
            onclick: () => this.send({ type: "save", form }),
          },
          form,
        ),
      ),
    );
    this.notes.textContent = [`${card.what}, at ${card.levels}`, ...card.notes].join(" · ");
    this.key_.replaceChildren(
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
    const option = (sort, metric, arm, words) =>
      h("option", { value: JSON.stringify([sort, metric, arm]) }, words);
    this.order.replaceChildren(
      ...WALL_SORTS.map(([sort, words]) => option(sort, null, null, words)),
      ...card.columns.map(({ metric, arm }) =>
        option("z", metric, arm, `largest |z| of ${this.named(metric, arm)}`),
      ),
    );
    this.order.value = JSON.stringify([this.sort.sort, this.sort.metric, this.sort.arm]);
    if (!this.order.value) this.sortBy("table", null, null); // the metric is gone
  }

  named(metric, arm) {
    return this.model.card.arms.length > 2 ? `${metric} · ${arm}` : metric;
  }

  showHeads() {
    const { card } = this.model;
    const sorts = (words, sort, metric = null, arm = null) =>
      h(
        "button",
        {
          class:
            this.sort.sort === sort && this.sort.metric === metric && this.sort.arm === arm
              ? "sorted"
              : "",
          tabIndex: -1,
          onclick: () => this.sortBy(sort, metric, arm),
        },
        words,
      );
    const shown = (one) =>
      one.shown.map(([glyph, count, words]) =>
        h("span", { title: `${count} ${words}` }, `${glyph}${formatCount(count)} `),
      );
    this.heads.replaceChildren(
      h("span", { role: "columnheader", class: "name" }, sorts("experiment", "name")),
      h(
        "span",
        { role: "columnheader", class: "number", title: `Units of ${card.arms.join(", ")}` },
        `units ${card.arms.length > 3 ? "of each arm" : card.arms.join(" · ")}`,
      ),
      h(
        "span",
        {
          role: "columnheader",
          class: "ratio",
          title: "Whether the arms have the sizes that were declared",
        },
        sorts("sample ratio", "ratio"),
      ),
      ...card.columns.map((one) =>
        h(
          "span",
          {
            role: "columnheader",
            class: "head",
            title: `${this.named(one.metric, one.arm)}: ${one.kind}; sort by |z|`,
          },
          sorts(
            h(
              "span",
              { class: one.primary ? "primary-metric" : "" },
              `${this.named(one.metric, one.arm)} ${one.arrow}`,
            ),
            "z",
            one.metric,
            one.arm,
          ),
          h("small", {}, ...shown(one)),
        ),
      ),
    );
  }

  showRows() {
    const { card, window: sight } = this.model;
    if (!card.columns || !sight.lines) return void this.inner.replaceChildren();
    this.showHeads();
    this.count.textContent =
      sight.total === sight.of
        ? formatCount(sight.of)
        : `${formatCount(sight.total)} of ${formatCount(sight.of)}`;
    this.inner.style.height = `${sight.total * WALL_ROW}px`;
    this.list.setAttribute("aria-rowcount", sight.total);
    if (this.at.place >= sight.total) this.at = { place: -1, column: -1 };
    this.inner.replaceChildren(...sight.lines.map((line, i) => this.row(line, sight.start + i)));
    this.mark();
    this.ask();
  }

  row(line, place) {
    const { card } = this.model;
    const cell = (one, i) => {
      const look = card.palette[one.look];
      return h(
        "span",
        {
          role: "gridcell",
          id: `cell-${place}-${i}`,
          class: `verdict${look.hatched ? " hatched" : ""}`,
          "data-column": i,
          style: `background-color:${look.colour};color:${look.ink}`,
          "aria-label": this.words(line, one, i),
          title: this.words(line, one, i),
        },
        h("b", {}, look.glyph),
        h("span", { class: "effect" }, one.effect),
        h("span", { class: "ends" }, one.interval),
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
        style: `top:${place * WALL_ROW}px`,
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
        { role: "rowheader", class: "name", title: `${line.name}: read this one alone` },
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
  words(line, one, i) {
    const { card } = this.model;
    const { metric, arm } = card.columns[i];
    const interval = one.interval ? ` (${one.interval})` : "";
    return `${line.name} · ${metric}: ${card.control} ${one.values[0]}, ${arm} ${one.values[1]}; ${one.effect}${interval}${one.lift ? `, lift ${one.lift}` : ""}; p adjusted ${one.p}, alone ${one.p_raw}; ${one.words || card.palette[one.look].words}`;
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
    this.opened = this.list.matches(":focus");
    const pair = this.model.card.columns[column];
    this.send({
      type: "open",
      name: line.name,
      ...(pair ? { metric: pair.metric, arm: pair.arm } : {}),
    });
  }

  sortBy(sort, metric, arm) {
    this.sort = { sort, metric, arm };
    this.order.value = JSON.stringify([sort, metric, arm]);
    this.showHeads();
    this.anew();
  }

  anew() {
    this.list.scrollTop = 0;
    this.at = { place: -1, column: this.at.column };
    this.ask(true);
  }

  // A hidden list forgets how far it was scrolled.
  scrolled() {
    if (this.list.clientHeight) this.top = this.list.scrollTop;
    this.ask();
  }

  resized() {
    const columns = this.model.card.columns?.length || 1;
    if (!this.list.clientHeight) return;
    if (this.list.scrollTop !== this.top) this.list.scrollTop = this.top;
    // back from one experiment, the keys go on
    if (this.opened) this.list.focus({ preventScroll: true });
    this.opened = false;
    const letters = (this.model.card.largest || []).map((n) => formatCount(n)).join(" · ").length;
    const units = Math.min(Math.max(104, LETTER * letters + 16), 240);
    const each = (this.list.clientWidth - 286 - units) / columns;
    this.list.style.setProperty("--units", `${units}px`);
    this.list.classList.toggle("roomy", each >= ROOMY);
    this.list.classList.toggle("bare", each < NARROW);
    this.list.style.setProperty("--columns", columns);
    this.ask();
  }

  // What is in sight, and as much above and below.
  ask(anew = false) {
    const { window: sight } = this.model;
    if (sight.total === undefined) return;
    const rows = Math.max(Math.ceil(this.list.clientHeight / WALL_ROW), 20);
    const top = Math.floor(this.list.scrollTop / WALL_ROW);
    const first = Math.max(top - rows, 0);
    const wanted = { start: first, stop: first + 3 * rows, search: this.find.value, ...this.sort };
    const held =
      sight.start <= top && sight.start + sight.lines.length >= Math.min(top + rows, sight.total);
    const key = JSON.stringify(wanted);
    if ((held && !anew) || (key === this.asked && !anew)) return;
    this.asked = key;
    this.send({ type: "window", ...wanted });
  }

  mark() {
    const on = this.list.matches(":focus");
    for (const row of childrenOf(this.inner)) {
      const here = Number(row.dataset.place) === this.at.place;
      row.classList.toggle("on", here);
      findFirst(row, ".at")?.classList.remove("at");
      if (here && on && this.at.column >= 0) {
        findFirst(row, `[data-column="${this.at.column}"]`)?.classList.add("at");
      }
    }
    if (this.at.place < 0) this.list.removeAttribute("aria-activedescendant");
    else {
      this.list.setAttribute(
        "aria-activedescendant",
        this.at.column >= 0 ? `cell-${this.at.place}-${this.at.column}` : `row-${this.at.place}`,
      );
    }
    if (on && this.at.place >= 0) this.tell(this.at.place, this.at.column);
    else {
      this.told.textContent =
        "Point at a cell to read it; a click or Enter reads that experiment alone.";
    }
  }

  key(event) {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { card, window: sight } = this.model;
    const page = Math.max(Math.floor(this.list.clientHeight / WALL_ROW) - 2, 1);
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
    const top = this.at.place * WALL_ROW;
    const head = this.heads.offsetHeight;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (top + WALL_ROW + head > this.list.scrollTop + this.list.clientHeight) {
      this.list.scrollTop = top + WALL_ROW + head - this.list.clientHeight;
    }
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
  new ExperimentWall(model, el, lifetimeOf({ model, view }));
}
