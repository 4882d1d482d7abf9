// The second map: which embedding or colours it shows, and what it says of the first.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";
import { MapLegend } from "./map_legend.js";

export class SecondMapCard {
  /** @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send */
  constructor(send) {
    this.send = send;
    this.legend = new MapLegend(() => {});
    this.head = h("div", { class: "card second-map" });
    this.node = h("div", { class: "pane", hidden: true }, this.head);
  }

  show(card) {
    const on = Boolean(card.on);
    this.node.hidden = !on;
    if (!on) return;
    const option = (value, text, chosen) =>
      h("option", { value: value ?? "", selected: (value ?? "") === (chosen ?? "") }, text);
    const which = h(
      "select",
      {
        "aria-label": _("Embedding of the second map"),
        onchange: (event) =>
          this.send({ type: "second_map", embedding: event.target.value || null }),
      },
      option(null, _("the same map"), card.embedding),
      ...card.embeddings.map(({ key, name }) => option(key, name, card.embedding)),
    );
    const colours = h(
      "select",
      {
        "aria-label": _("Colours of the second map"),
        onchange: (event) => this.send({ type: "second_map", column: event.target.value || null }),
      },
      option(null, _("the same colours"), card.column),
      ...card.columns.map(([name, label]) => option(name, label, card.column)),
    );
    const change = card.embedding
      ? h(
          "label",
          { class: "note" },
          h("input", {
            type: "checkbox",
            checked: card.changing,
            onchange: (event) =>
              this.send({ type: "layer", name: event.target.checked ? "change" : null }),
          }),
          ` ${_("rows whose neighbours changed")}`,
        )
      : null;
    const close = h(
      "button",
      {
        class: "plain",
        title: _("One map again"),
        "aria-label": _("Remove the second map"),
        onclick: () => this.send({ type: "second_map", on: false }),
      },
      "✕",
    );
    this.head.classList.add("shown");
    this.head.replaceChildren(
      h(
        "div",
        { class: "line" },
        which,
        howComputed("maps", _("two maps")),
        h("span", { class: "fill" }),
        close,
      ),
      h("div", { class: "line" }, colours, change || ""),
      ...(card.message ? [h("p", { class: "note", role: "status" }, card.message)] : []),
    );
    const own = card.column && !card.changing;
    this.legend.show(own ? card.legend : null);
    if (own) this.head.append(this.legend.node);
  }
}
