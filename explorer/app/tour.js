// Six steps through the page, for who sees it for the first time.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";

const STORED = "explorer tour";
const GAP = 12;
const WIDTH = 340;

/** @typedef {{target: string, title: string, text: string}} Step */

/** @type {Step[]} */
export const STEPS = [
  {
    target: "#map",
    title: _("The map"),
    text: _(
      "Every row of the table is drawn, and similar rows lie near each other. Zoom with the wheel or two fingers, move by dragging.",
    ),
  },
  {
    target: "#features",
    title: _("The features"),
    text: _(
      "The ticked features draw the map. Tick those that matter to you and press Project: a new map of all rows is made.",
    ),
  },
  {
    target: "#features",
    title: _("One feature"),
    text: _(
      "Click the name of a feature to see its distribution, outliers and missing values. The round button colours the map by it.",
    ),
  },
  {
    target: "#map",
    title: _("A selection"),
    text: _(
      "Press Lasso and draw around some rows. A sentence says how they differ from the others; Compare shows the evidence.",
    ),
  },
  {
    target: "#rows",
    title: _("The rows"),
    text: _(
      "Filters, groups, labels and saved selections are here. A filter applies everywhere, and you can switch it off again.",
    ),
  },
  {
    target: "#header",
    title: _("The tabs"),
    text: _(
      "Compare groups, read experiments and models, and keep verdicts on features. Undo reverses any step; Share copies a link to exactly this page.",
    ),
  },
];

/**
 * Where the card stands: beside what it explains where there is room, else below or above, and
 * always inside the window.
 *
 * @param {{left: number, top: number, right: number, bottom: number} | null} place
 * @param {{width: number, height: number}} card
 * @param {{width: number, height: number}} page
 * @returns {[number, number]}
 */
export function cardPlace(place, card, page) {
  const inside = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.max(GAP, Math.min(value, most - GAP));
  if (!place) return [(page.width - card.width) / 2, (page.height - card.height) / 2];
  const roomRight = page.width - place.right;
  const left =
    place.left > card.width + 2 * GAP
      ? place.left - card.width - GAP
      : roomRight > card.width + 2 * GAP
        ? place.right + GAP
        : (place.left + place.right - card.width) / 2;
  const beside = left + card.width <= place.left || left >= place.right;
  const top = beside
    ? (place.top + place.bottom - card.height) / 2
    : page.height - place.bottom > card.height + 2 * GAP
      ? place.bottom + GAP
      : (place.top + place.bottom - card.height) / 2;
  return [inside(left, page.width - card.width), inside(top, page.height - card.height)];
}

export class Tour {
  constructor() {
    this.at = 0;
    this.spot = h("div", { class: "tour-spot", popover: "manual" });
    this.title = h("h2", { class: "minor" });
    this.text = h("p");
    this.back = h("button", { class: "pill", onclick: () => this.go(this.at - 1) }, _("Back"));
    this.next = h("button", { class: "primary", onclick: () => this.go(this.at + 1) });
    this.card = h(
      "div",
      {
        class: "tour",
        role: "dialog",
        popover: "manual",
        onkeydown: (event) => {
          if (event.key === "Escape") this.end();
          event.stopPropagation();
        },
      },
      this.title,
      this.text,
      h(
        "div",
        { class: "row" },
        h("button", { class: "small", onclick: () => this.end() }, _("Skip")),
        h("span", { class: "fill" }),
        this.back,
        this.next,
      ),
    );
    this.card.setAttribute("aria-live", "polite");
    // offered until it was taken or skipped, and always in the sheet of keys
    this.offer = h("button", { class: "pill", onclick: () => this.start() }, _("Take the tour"));
    this.offer.hidden = localStorage.getItem(STORED) !== null;
  }

  start() {
    this.spot.showPopover();
    this.card.showPopover();
    this.go(0);
  }

  /** @param {number} at */
  go(at) {
    if (at >= STEPS.length) return void this.end();
    this.at = Math.max(0, at);
    const { target, title, text } = STEPS[this.at];
    this.title.textContent = _("{at} of {count} · {title}", {
      at: this.at + 1,
      count: STEPS.length,
      title,
    });
    this.card.setAttribute("aria-label", _("Tour: {title}", { title }));
    this.text.textContent = text;
    this.back.hidden = this.at === 0;
    this.next.textContent = this.at === STEPS.length - 1 ? _("Done") : _("Next");
    const box = document.querySelector(target)?.getBoundingClientRect();
    const place = box && box.width && box.height ? box : null;
    this.spot.hidden = !place;
    if (place) {
      Object.assign(this.spot.style, {
        left: `${place.left}px`,
        top: `${place.top}px`,
        width: `${place.width}px`,
        height: `${place.height}px`,
      });
    }
    const size = { width: Math.min(WIDTH, innerWidth - 2 * GAP), height: this.card.offsetHeight };
    const [left, top] = cardPlace(place, size, { width: innerWidth, height: innerHeight });
    Object.assign(this.card.style, { left: `${left}px`, top: `${top}px` });
    this.next.focus();
  }

  end() {
    localStorage.setItem(STORED, "seen");
    this.offer.hidden = true;
    this.card.hidePopover();
    this.spot.hidePopover();
  }
}
