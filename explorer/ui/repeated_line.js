// Rows seem to belong together: one click takes the unit, one says that there is none.

import { h } from "./dom.js";

export function repeatedLine(send, one) {
  if (!one || !one.words) return "";
  return h(
    "div",
    { class: "repeated", role: "status" },
    h("span", {}, h("b", {}, "! "), one.words),
    one.unit
      ? h(
          "button",
          { class: "take", onclick: () => send({ type: "set", unit: one.unit }) },
          `the unit is ${one.unit}`,
        )
      : h("span", {}, "name a unit above, or"),
    h(
      "button",
      {
        class: "take",
        title: "Each stands alone: intervals and tests stay as they are",
        onclick: () => send({ type: "set", unit: one.decline }),
      },
      one.independent,
    ),
  );
}
