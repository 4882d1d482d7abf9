// The regions of the map as a table: for who cannot see the map, or wants to read it.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";

const HEADS = [_("Region"), _("Detail"), _("Rows"), _("What distinguishes it")];

export class RegionTable {
  /** @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send */
  constructor(send) {
    this.send = send;
    this.shown = "";
    this.on = false;
    this.body = h("div", { class: "region-rows" });
    this.node = h(
      "details",
      {
        class: "region-table",
        // names are found when they are first asked for
        ontoggle: () => this.node.open && !this.on && this.send({ type: "regions" }),
      },
      h("summary", {}, _("Regions as a table")),
      this.body,
    );
  }

  show({ on = false, labels = [], words = "" }) {
    this.on = on;
    this.node.classList.toggle("quiet", !on);
    if (!on) this.node.open = false;
    const now = JSON.stringify([labels, words]);
    if (now === this.shown) return; // the focus stays where it is
    this.shown = now;
    this.body.replaceChildren(
      labels.length ? this.table(labels) : h("p", { class: "note" }, words),
    );
  }

  table(labels) {
    return h(
      "table",
      { "aria-label": _("Regions of the map") },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...HEADS.map((head) => h("th", { scope: "col" }, head)),
          h("td", {}, howComputed("regions", _("the regions"))),
        ),
      ),
      h("tbody", {}, ...labels.map((label) => this.row(label))),
    );
  }

  row({ name, count, level, number, than, reasons, note }) {
    const select = (/** @type {MouseEvent} */ event) =>
      this.send({
        type: "region",
        level,
        number,
        mode: event.shiftKey ? "add" : event.altKey ? "remove" : "replace",
      });
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h("td", { class: "count" }, level + 1),
      h("td", { class: "count" }, count.replace(/ rows$/, "")),
      h("td", { title: note }, [than, ...reasons].filter(Boolean).join(" · ")),
      h(
        "td",
        {},
        h(
          "button",
          {
            class: "small",
            "aria-label": _("Select the rows of {name}", { name }),
            onclick: select,
          },
          _("select"),
        ),
      ),
    );
  }
}
