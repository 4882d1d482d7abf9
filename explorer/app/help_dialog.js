// How figures are computed: one dialog, opened at the topic that was asked for.

import { _ } from "../core/gettext.js";
import { findFirst, h, openDialog } from "../ui/dom.js";
import { OPEN_HELP } from "../ui/how_computed.js";

/** @typedef {{topic: string, title: string, html: string}} HelpSection */

export class HelpDialog {
  /**
   * @param {() => void} ask asks the server for the sections, once
   * @param {AbortSignal} lifetime
   */
  constructor(ask, lifetime) {
    this.ask = ask;
    this.topic = "";
    this.list = h("nav", { class: "topics", "aria-label": _("Topics") });
    this.text = h("div", { class: "text", tabIndex: 0, role: "region" });
    this.text.setAttribute("aria-label", _("How figures are computed"));
    this.node = h(
      "dialog",
      { class: "sheet help" },
      h("h2", {}, _("How figures are computed")),
      h("div", { class: "columns" }, this.list, this.text),
      h("form", { method: "dialog" }, h("button", { class: "primary" }, _("Close"))),
    );
    document.addEventListener(
      OPEN_HELP,
      (event) => this.open(/** @type {CustomEvent<string>} */ (event).detail),
      { signal: lifetime },
    );
  }

  /** @param {string} topic */
  open(topic) {
    this.topic = topic;
    if (!this.node.open) openDialog(this.node);
    if (this.text.childElementCount) this.show();
    else this.ask();
  }

  /** @param {HelpSection[]} sections */
  fill(sections) {
    this.list.replaceChildren(
      ...sections.map(({ topic, title }) =>
        h("button", { "data-topic": topic, onclick: () => this.open(topic) }, title),
      ),
    );
    this.text.replaceChildren(
      ...sections.map(({ topic, title, html }) => {
        const section = h("section", { "data-topic": topic }, h("h3", {}, title));
        // the help text of this package, rendered from Markdown without HTML
        section.insertAdjacentHTML("beforeend", html);
        return section;
      }),
    );
    this.show();
  }

  show() {
    for (const button of this.list.children) {
      const shown = button.getAttribute("data-topic") === this.topic;
      button.setAttribute("aria-current", String(shown));
    }
    findFirst(this.text, `section[data-topic="${CSS.escape(this.topic)}"]`)?.scrollIntoView();
    this.text.focus();
  }
}
