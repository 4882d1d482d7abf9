// The toolbar of the map: what a drag does, and what is drawn.

import { findAll, h } from "../ui/dom.js";

const TRUST = "Colour by how far each row's neighbourhood can be trusted";

export class MapTools {
  /**
   * @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send
   * @param {{tool(name: string): void, whole(): void, hasSecondMap(): boolean}} actions
   */
  constructor(send, { tool, whole, hasSecondMap }) {
    this.node = h("div", { class: "tools", role: "toolbar", "aria-label": "Map tools" });
    for (const [name, label, title] of [
      ["pan", "Pan", "Drag moves the map (P)"],
      [
        "box",
        "Box",
        "Drag selects a rectangle (B); Shift adds, Alt removes, Shift+Alt keeps what is in both",
      ],
      [
        "lasso",
        "Lasso",
        "Drag selects a region (L); Shift adds, Alt removes, Shift+Alt keeps what is in both",
      ],
    ]) {
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
      "Trust",
    );
    this.two = h(
      "button",
      {
        title: "A second map beside this one: another embedding, or other colours",
        "aria-pressed": "false",
        onclick: () => send({ type: "second_map", on: !hasSecondMap() }),
      },
      "Compare maps",
    );
    this.node.append(
      this.trust,
      this.two,
      h("button", { title: "Whole map (0)", onclick: () => whole() }, "Fit"),
    );
  }

  press(button, on) {
    button.setAttribute("aria-pressed", String(on));
  }

  choose(name) {
    for (const button of findAll(this.node, "[data-tool]")) {
      this.press(button, button.dataset.tool === name);
    }
  }

  // What can be drawn in place of the colours, or why it cannot.
  layers(layers) {
    for (const { on, why_not: why } of layers) {
      this.press(this.trust, on);
      this.trust.disabled = Boolean(why);
      this.trust.title = why ? `Not now: ${why}` : TRUST;
    }
  }
}
