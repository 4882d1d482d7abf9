import { _ } from "../core/gettext.js";
import { h } from "./dom.js";

/**
 * Rows seem to belong together: one click takes the unit, one says that there is none.
 *
 * @param {(message: {type: "set", unit: string}) => void} send
 * @param {{words: string, unit: string, decline: string, independent: string} | null} repeated
 */
export function repeatedLine(send, repeated) {
  if (!repeated || !repeated.words) return "";
  return h(
    "div",
    { class: "repeated", role: "status" },
    h("span", {}, h("b", {}, "! "), repeated.words),
    repeated.unit
      ? h(
          "button",
          { class: "take", onclick: () => send({ type: "set", unit: repeated.unit }) },
          _("the unit is {unit}", { unit: repeated.unit }),
        )
      : h("span", {}, _("name a unit above, or")),
    h(
      "button",
      {
        class: "take",
        title: _("Rows are independent: intervals and tests stay as they are"),
        onclick: () => send({ type: "set", unit: repeated.decline }),
      },
      repeated.independent,
    ),
  );
}
