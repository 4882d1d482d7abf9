// The second map: which embedding or colours it shows, and what it says of the first.

import { h } from "../ui/dom.js";
import { MapLegend } from "./map_legend.js";

export class MapBeside {
  /** @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send */
  constructor(send) {
    this.send = send;
    this.legend = new MapLegend(() => {});
    this.head = h("div", { class: "card beside" });
    this.node = h("div", { class: "pane", hidden: true }, this.head);
  }

  show(beside) {
    const on = Boolean(beside.on);
    this.node.hidden = !on;
    if (!on) return;
    const option = (value, words, chosen) =>
      h("option", { value: value ?? "", selected: (value ?? "") === (chosen ?? "") }, words);
    const which = h(
      "select",
      {
        "aria-label": "Embedding of the second map",
        onchange: (event) => this.send({ type: "beside", embedding: event.target.value || null }),
      },
      option(null, "the same map", beside.embedding),
      ...beside.embeddings.map(({ key, name }) => option(key, name, beside.embedding)),
    );
    const colours = h(
      "select",
      {
        "aria-label": "Colours of the second map",
        onchange: (event) => this.send({ type: "beside", column: event.target.value || null }),
      },
      option(null, "the same colours", beside.column),
      ...beside.columns.map(([name, label]) => option(name, label, beside.column)),
    );
    const change = beside.embedding
      ? h(
          "label",
          { class: "note" },
          h("input", {
            type: "checkbox",
            checked: beside.changing,
            onchange: (event) =>
              this.send({ type: "layer", name: event.target.checked ? "change" : null }),
          }),
          " who changed neighbours",
        )
      : null;
    const close = h(
      "button",
      {
        class: "plain",
        title: "One map again",
        "aria-label": "Take the second map away",
        onclick: () => this.send({ type: "beside", on: false }),
      },
      "✕",
    );
    this.head.classList.add("shown");
    this.head.replaceChildren(
      h("div", { class: "line" }, which, h("span", { class: "fill" }), close),
      h("div", { class: "line" }, colours, change || ""),
      ...(beside.message ? [h("p", { class: "note", role: "status" }, beside.message)] : []),
    );
    const own = beside.column && !beside.changing;
    this.legend.show(own ? beside.legend : null);
    if (own) this.head.append(this.legend.node);
  }
}
