// The Models tab: a strip of views, and in its place the one that is open.

import { _ } from "../core/gettext.js";
import { introduce } from "../ui/bokeh.js";
import { findFirst, focusedIn, h } from "../ui/dom.js";

const MODEL_VIEWS = {
  performance: _("how models perform, and which is better"),
  drift: _("whether a model or its inputs change over time"),
  engagement: _("rates of ads and items"),
  ranking: _("how high on the page the played title was"),
};

const VIEW_LABELS = {
  performance: _("performance"),
  drift: _("drift"),
  engagement: _("engagement"),
  ranking: _("ranking"),
};

/**
 * @typedef {import("../ui/types/messages.js").ModelsPageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").ModelsPageMessage} Message
 */

class ModelsPage {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   */
  constructor(model, root) {
    this.model = model;
    this.strip = h("div", {
      class: "strip",
      role: "tablist",
      "aria-label": _("Views of models"),
      onkeydown: (event) => this.key(event),
    });
    this.places = Object.fromEntries(
      Object.keys(MODEL_VIEWS).map((name) => [
        name,
        h(
          "div",
          { class: "place", role: "tabpanel", "aria-label": VIEW_LABELS[name] },
          model.get_child(name),
        ),
      ]),
    );
    root.append(
      h(
        "div",
        { class: "models", role: "region", "aria-label": _("Models") },
        this.strip,
        ...Object.values(this.places),
      ),
    );
    model.on("strip", () => this.show());
    this.show();
  }

  show() {
    const { views, open } = this.model.strip;
    const focused = this.strip.contains(focusedIn(this.strip));
    this.strip.replaceChildren(
      ...views.map((name) =>
        h(
          "button",
          {
            role: "tab",
            "aria-selected": String(name === open),
            tabIndex: name === open ? 0 : -1,
            class: name === open ? "on" : "",
            title: MODEL_VIEWS[name],
            onclick: () => this.open(name),
          },
          VIEW_LABELS[name],
        ),
      ),
      h("span", { class: "note" }, MODEL_VIEWS[open]),
    );
    for (const [name, place] of Object.entries(this.places)) place.hidden = name !== open;
    if (focused) findFirst(this.strip, ".on")?.focus();
  }

  open(name) {
    if (name !== this.model.strip.open) this.model.send_msg({ type: "view", name });
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const { views, open } = this.model.strip;
    this.open(views[(views.indexOf(open) + by + views.length) % views.length]);
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new ModelsPage(model, el);
}
