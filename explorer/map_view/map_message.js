// What stands in place of a map: why there is none, and what to do next.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { openPanel } from "../ui/open_panel.js";

export class MapMessage {
  /** @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send */
  constructor(send) {
    this.node = h("div", { class: "message", role: "alert" });
    /** @type {Record<string, [string, () => void]>} */
    this.actions = {
      tick: [_("Tick features"), () => openPanel("features")],
      columns: [
        _("Check what the columns are"),
        () => document.dispatchEvent(new CustomEvent("explorer:columns")),
      ],
      rows: [_("See the rows as a table"), () => send({ type: "rows" })],
      other: [_("Open another table"), () => this.tellOther()],
    };
    this.other = h(
      "p",
      { hidden: true, role: "status" },
      _(
        "A server shows one table. Stop it in its terminal with Ctrl+C, then start it with the other table: explorer serve TABLE",
      ),
    );
  }

  /** @param {{title: string, text: string, actions: string[]} | undefined} message */
  show(message) {
    this.node.classList.toggle("shown", Boolean(message));
    this.other.hidden = true;
    if (!message) return void this.node.replaceChildren();
    const buttons = message.actions.map((name) => {
      const [text, act] = this.actions[name];
      return h("button", { class: "pill", onclick: act }, text);
    });
    this.node.replaceChildren(
      h("strong", {}, message.title),
      h("span", {}, message.text),
      buttons.length ? h("div", { class: "next" }, ...buttons) : "",
      this.other,
    );
  }

  tellOther() {
    this.other.hidden = !this.other.hidden;
  }
}
