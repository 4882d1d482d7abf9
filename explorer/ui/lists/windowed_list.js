// A long list with a head, a search and an order. The page holds the lines in sight; others are
// asked for as one scrolls, searches or sorts.

import { _ } from "../../core/gettext.js";
import { h } from "../dom.js";
import { isTyping } from "../keys.js";
import { observeFor } from "../lifetime.js";
import { formatCount } from "../number_format.js";

const FEWEST_ROWS = 20; // in sight, however low the list is

/**
 * The lines that the page holds: those from place `start` on, of `total` that the search finds, of
 * `of` in all. Until the first have come it has no entries.
 *
 * @typedef {object} ListWindow
 * @property {number} start
 * @property {any[]} lines
 * @property {number} total
 * @property {number} of
 */

/**
 * @template {object} Sorting
 * @typedef {object} ListOptions
 * @property {AbortSignal} lifetime of the component
 * @property {string} one what a line is, with its article: an item
 * @property {string} many the same of several: items
 * @property {number} rowHeight in pixels
 * @property {string} headClass
 * @property {Sorting} sorting entries of a message that say the order
 * @property {(value: string) => Sorting} sortingOf the same for a value of the orders
 * @property {() => ListWindow} shown
 * @property {(range: {start: number, stop: number, search: string} & Sorting) => void} ask
 * @property {(line: any) => string} [nameOf]
 * @property {() => string | null | undefined} [chosen] the name of the line that is chosen
 * @property {(name: string | null) => boolean | void} [choose] false where nothing changes
 * @property {() => void} [restarted] it goes on from the top
 * @property {() => void} [resized]
 * @property {import("../types/page.js").Attributes<HTMLDivElement>} [attributes] of the list
 */

/**
 * The lines to ask for: those in sight, and as many above and below.
 *
 * @param {number} scrollTop
 * @param {number} height
 * @param {number} rowHeight
 */
export function rangeInSight(scrollTop, height, rowHeight) {
  const rows = Math.max(Math.ceil(height / rowHeight), FEWEST_ROWS);
  const top = Math.floor(scrollTop / rowHeight);
  const start = Math.max(top - rows, 0);
  return { top, rows, start, stop: start + 3 * rows };
}

/**
 * Say whether the page holds all lines in sight.
 *
 * @param {ListWindow} shown
 * @param {{top: number, rows: number}} range
 */
export function holdsRange({ start, lines, total }, { top, rows }) {
  return start <= top && start + lines.length >= Math.min(top + rows, total);
}

/**
 * How far to scroll, so that a line is in sight below the head.
 *
 * @param {number} place
 * @param {number} rowHeight
 * @param {{scrollTop: number, height: number, head: number}} list
 */
export function scrollToShow(place, rowHeight, { scrollTop, height, head }) {
  const top = place * rowHeight;
  return Math.min(Math.max(scrollTop, top + rowHeight + head - height), top);
}

/** @template {object} Sorting */
export class WindowedList {
  /** @param {ListOptions<Sorting>} options */
  constructor(options) {
    const { one, many, lifetime, sortingOf } = options;
    this.options = options;
    this.sorting = options.sorting;
    this.asked = ""; // the message under way
    this.offered = "";
    this.followed = "";
    this.head = h("div", { class: options.headClass, role: "row" });
    this.inner = h("div", { class: "inner", role: "rowgroup" });
    this.node = h(
      "div",
      {
        class: "list",
        role: "table",
        tabIndex: 0,
        "aria-label": many[0].toUpperCase() + many.slice(1),
        onscroll: () => this.ask(),
        onkeydown: (event) => this.key(event),
        ...options.attributes,
      },
      this.head,
      this.inner,
    );
    this.search = h("input", {
      type: "search",
      placeholder: _("find {one}", { one }),
      "aria-label": _("Find {one}", { one }),
      oninput: () => this.restart(),
    });
    this.order = h("select", {
      "aria-label": _("Order of {many}", { many }),
      onchange: ({ target }) => this.sort(sortingOf(target.value)),
    });
    this.count = h("span", { class: "note" });
    const resized = options.resized ?? (() => this.ask());
    observeFor(lifetime, new ResizeObserver(resized), this.node);
  }

  /**
   * Offer orders, each a value and its text.
   *
   * @param {string[][]} orders
   * @param {string} current
   */
  offerOrders(orders, current) {
    const offered = JSON.stringify(orders);
    if (offered !== this.offered) {
      this.offered = offered; // options that are replaced close the list of choices
      this.order.replaceChildren(...orders.map(([value, text]) => h("option", { value }, text)));
    }
    this.order.value = current;
  }

  /**
   * Take over the order that the server says, as that of a link; one chosen here is on its way.
   *
   * @param {Sorting} sorting
   */
  follow(sorting) {
    const text = JSON.stringify(sorting);
    if (text !== this.followed) this.sorting = sorting;
    this.followed = text;
  }

  /** @param {Sorting} sorting */
  sort(sorting) {
    this.sorting = sorting;
    this.restart();
  }

  // From the top.
  restart() {
    this.node.scrollTop = 0;
    this.options.restarted?.();
    this.ask(true);
  }

  /**
   * Draw the lines that the page holds.
   *
   * @param {(line: any, place: number) => HTMLElement} draw
   */
  show(draw) {
    const { start, lines, total, of } = this.options.shown();
    this.count.textContent =
      total === of
        ? formatCount(of)
        : _("{total} of {of}", { total: formatCount(total), of: formatCount(of) });
    this.inner.style.height = `${total * this.options.rowHeight}px`;
    this.inner.replaceChildren(...lines.map((line, i) => draw(line, start + i)));
  }

  /** @param {number} place */
  style(place) {
    return `top:${place * this.options.rowHeight}px`;
  }

  ask(anew = false) {
    const shown = this.options.shown();
    if (shown.lines === undefined) return;
    const range = rangeInSight(this.node.scrollTop, this.node.clientHeight, this.options.rowHeight);
    const { start, stop } = range;
    const message = { start, stop, search: this.search.value, ...this.sorting };
    const request = JSON.stringify(message);
    if (!anew && (request === this.asked || holdsRange(shown, range))) return;
    this.asked = request;
    this.options.ask(message);
  }

  /** @param {number} place */
  reveal(place) {
    const { scrollTop, clientHeight: height } = this.node;
    const list = { scrollTop, height, head: this.head.offsetHeight };
    this.node.scrollTop = scrollToShow(place, this.options.rowHeight, list);
  }

  /**
   * Arrows choose the line above or below, Escape none.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (isTyping(event) || (!step && event.key !== "Escape")) return;
    const { chosen, choose, nameOf } = this.options;
    if (!chosen || !choose || !nameOf) return;
    if (!step) {
      if (choose(null) === false) return;
    } else {
      const { start, lines } = this.options.shown();
      const from = lines.findIndex((line) => nameOf(line) === chosen());
      const next = from < 0 ? 0 : from + step;
      if (lines[next]) {
        choose(nameOf(lines[next]));
        this.reveal(start + next);
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
