// The small button beside a figure that opens how it is computed.

import { _ } from "../core/gettext.js";
import { h } from "./dom.js";

export const OPEN_HELP = "explorer-open-help";

/**
 * @param {string} topic a name of explorer/app/help_text.py
 * @param {string} [what] what is computed, for who cannot see what the button stands beside
 */
export function howComputed(topic, what) {
  return h(
    "button",
    {
      class: "how-computed",
      title: _("How is this computed?"),
      "aria-label": what ? _("How is this computed: {what}", { what }) : _("How is this computed?"),
      onclick: (event) => {
        event.stopPropagation();
        event.preventDefault();
        document.dispatchEvent(new CustomEvent(OPEN_HELP, { detail: topic }));
      },
    },
    "?",
  );
}

/**
 * A heading of a card, and beside it how its figures are computed.
 *
 * @param {string} topic
 * @param {string} title
 */
export function howHeading(topic, title) {
  return [h("h3", {}, title), howComputed(topic, title)];
}

/**
 * The same as a line below figures.
 *
 * @param {string} topic
 */
export function howComputedLine(topic) {
  return h(
    "p",
    { class: "note how-line" },
    `${_("How are these figures computed?")} `,
    howComputed(topic),
  );
}
