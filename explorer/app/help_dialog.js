// How figures are computed: one dialog, opened at the topic that was asked for.

import { _ } from "../core/gettext.js";
import { findFirst, h, openDialog } from "../ui/dom.js";
import { OPEN_HELP } from "../ui/how_computed.js";

/** @typedef {{topic: string, title: string, html: string}} HelpPassage */
/** @typedef {HelpPassage & {passages: HelpPassage[]}} HelpSection */

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
      ...sections.map(({ passages, ...section }) => {
        const node = part("h3", section);
        node.append(...passages.map((passage) => part("h4", passage)));
        return node;
      }),
    );
    this.show();
  }

  show() {
    const place = findFirst(this.text, `[data-topic="${CSS.escape(this.topic)}"]`);
    const section = place?.closest("[data-section]")?.getAttribute("data-topic");
    for (const button of this.list.children) {
      const shown = button.getAttribute("data-topic") === section;
      button.setAttribute("aria-current", String(shown));
    }
    place?.scrollIntoView();
    // a screen reader begins at the heading; arrow keys scroll the text around it
    (place && findFirst(place, "h3, h4"))?.focus({ preventScroll: true });
  }
}

/**
 * @param {"h3" | "h4"} level
 * @param {HelpPassage} passage
 */
function part(level, { topic, title, html }) {
  const node = h(
    "section",
    { "data-topic": topic, "data-section": level === "h3" ? "" : null },
    h(level, { tabIndex: -1 }, title),
  );
  // the help text of this package, rendered from Markdown without HTML
  node.insertAdjacentHTML("beforeend", html);
  return node;
}
