// The toolbar of the map: what a drag does, and what is drawn.

import { _ } from "../core/gettext.js";
import { findAll, h } from "../ui/dom.js";
import { setUnavailable } from "../ui/forms/unavailable.js";

const TRUST = _(
  "Colour each row by the share of its nearest rows in the features that are near it on the map",
);
const TWO = _("A second map beside this one: another embedding, or other colours");
const FIT = _("Whole map (0)");

export class MapTools {
  /**
   * @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send
   * @param {{tool(name: string): void, whole(): void, hasSecondMap(): boolean}} actions
   */
  constructor(send, { tool, whole, hasSecondMap }) {
    this.node = h("div", { class: "tools", role: "toolbar", "aria-label": _("Map tools") });
    /** @type {Record<string, string>} */
    this.titles = {};
    for (const [name, label, title] of [
      ["pan", _("Pan"), _("Drag moves the map (P)")],
      [
        "box",
        _("Box"),
        _(
          "Drag to select a rectangle (B); Shift adds, Alt removes, Shift+Alt keeps what is in both",
        ),
      ],
      [
        "lasso",
        _("Lasso"),
        _("Drag to select a region (L); Shift adds, Alt removes, Shift+Alt keeps what is in both"),
      ],
    ]) {
      this.titles[name] = title;
      this.node.append(
        h(
          "button",
          { "data-tool": name, title, "aria-pressed": "false", onclick: () => tool(name) },
          label,
        ),
      );
    }
    const pressed = (button) => button.getAttribute("aria-pressed") === "true";
    this.trust = h(
      "button",
      {
        title: TRUST,
        "aria-pressed": "false",
        onclick: () => send({ type: "layer", name: pressed(this.trust) ? null : "trust" }),
      },
      _("Trust"),
    );
    this.two = h(
      "button",
      {
        title: TWO,
        "aria-pressed": "false",
        onclick: () => send({ type: "second_map", on: !hasSecondMap() }),
      },
      _("Compare maps"),
    );
    this.fit = h("button", { title: FIT, onclick: () => whole() }, _("Fit"));
    this.node.append(this.trust, this.two, this.fit);
  }

  press(button, on) {
    button.setAttribute("aria-pressed", String(on));
  }

  choose(name) {
    for (const button of findAll(this.node, "[data-tool]")) {
      this.press(button, button.dataset.tool === name);
    }
  }

  // What can be drawn in place of the colours, or why it cannot; says why there is no map.
  layers(layers) {
    const none = layers ? "" : _("There is no map yet");
    for (const button of findAll(this.node, "[data-tool]")) {
      setUnavailable(button, none, this.titles[button.dataset.tool ?? ""]);
    }
    setUnavailable(this.two, none, TWO);
    setUnavailable(this.fit, none, FIT);
    if (!layers) setUnavailable(this.trust, none);
    for (const { on, why_not: why } of layers || []) {
      this.press(this.trust, on);
      setUnavailable(this.trust, why && _("Not available: {why}", { why }), TRUST);
    }
    return none;
  }
}
