// What the colours and the patterns of an effect map mean.

import { _ } from "../../core/gettext.js";
import { h } from "../../ui/dom.js";
import { formatCount } from "../../ui/number_format.js";

export class EffectLegend {
  constructor() {
    this.node = h("div", { class: "legend" });
  }

  show({ legend, cells = [] }) {
    if (!legend) {
      this.node.replaceChildren();
      return;
    }
    const counts = [0, 1, 2, 3].map((kind) => cells.filter((cell) => cell.kind === kind).length);
    const [low, high] = legend.ends;
    const ticks = legend.ticks.map(([place, text]) =>
      h("span", { style: `left:${100 * place}%` }, text),
    );
    const keys = counts.flatMap((count, kind) =>
      count || kind < 3
        ? [
            h(
              "span",
              {
                class: "key",
                title: _("{count} regions: {keys}", {
                  count: formatCount(count),
                  keys: legend.keys[kind],
                }),
              },
              h("i", { class: `swatch kind-${kind}` }, kind === 2 ? "○" : ""),
              h("span", { class: "words" }, ` ${legend.keys[kind]}`),
              h("b", {}, ` ${formatCount(count)}`),
            ),
          ]
        : [],
    );
    this.node.replaceChildren(
      h("div", { class: "title" }, legend.title),
      h("div", {
        class: "bar",
        role: "img",
        "aria-label": _("From {lowest}, {low}, to {highest}, {high}", {
          lowest: legend.ticks[0][1],
          low,
          highest: legend.ticks.at(-1)[1],
          high,
        }),
        style: `background:linear-gradient(to right, ${legend.stops.join(",")})`,
      }),
      h("div", { class: "ticks" }, ...ticks),
      h("div", { class: "sides" }, h("span", {}, `◂ ${low}`), h("span", {}, `${high} ▸`)),
      h("div", { class: "keys" }, ...keys),
    );
  }
}
