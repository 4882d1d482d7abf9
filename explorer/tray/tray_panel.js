// The tray under the map: its button, its key, and the edge that changes its height.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { whenOver } from "../ui/lifetime.js";
import { describeEdge, watchEdge } from "./panel_edge.js";

const STORED = "explorer tray height"; // a habit of who looks, not of the data: kept by the browser
const LEAST = 200;
const USUAL = 320;

/**
 * The height that the tray may have: at most what leaves the map three tenths of the page.
 *
 * @param {number} height
 * @param {number} page
 */
export function trayHeight(height, page) {
  return Math.round(Math.min(Math.max(height, LEAST), Math.max(LEAST, 0.7 * page)));
}

export class TrayPanel {
  /**
   * @param {(on: boolean) => void} open asks for the tray to be open or closed
   * @param {AbortSignal} lifetime
   */
  constructor(open, lifetime) {
    this.open = open;
    this.page = document.documentElement;
    const label = _("Rows and charts under the map");
    this.button = h(
      "button",
      {
        class: "panel",
        title: `${label} (G)`,
        "aria-label": label,
        onclick: () => this.toggle(),
      },
      "⬓",
    );
    this.tray = /** @type {HTMLElement} */ (document.getElementById("tray"));
    this.edge = /** @type {HTMLElement} */ (document.getElementById("tray-edge"));
    const height = Number(localStorage.getItem(STORED));
    if (height) this.place(height);
    watchEdge(
      this.edge,
      {
        axis: "y",
        outward: -1,
        least: LEAST,
        usual: USUAL,
        size: () => this.tray.offsetHeight,
        resize: (size) => {
          this.place(size);
          localStorage.setItem(STORED, String(trayHeight(size, innerHeight)));
          this.describe();
        },
        toggle: () => this.toggle(),
      },
      lifetime,
    );
    whenOver(lifetime, () => this.button.remove());
  }

  /** @param {number} height */
  place(height) {
    this.page.style.setProperty("--tray-height", `${trayHeight(height, innerHeight)}px`);
  }

  /** @param {boolean} on */
  show(on) {
    this.page.dataset.tray = on ? "open" : "closed";
    this.button.setAttribute("aria-expanded", String(on));
    this.describe();
  }

  describe() {
    const most = trayHeight(Infinity, innerHeight);
    describeEdge(this.edge, { least: LEAST, most, now: this.tray.offsetHeight });
  }

  toggle() {
    const { tab, tray } = this.page.dataset;
    this.open(!(tab === "Map" && tray === "open"));
  }

  /**
   * Whether a key was its own.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.key.toLowerCase() !== "g") return false;
    this.toggle();
    return true;
  }
}
