// The panels at both sides of the page: they close, open and change their width. On a narrow window
// they lie over the centre, one at a time.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { OPEN_PANEL } from "../ui/open_panel.js";
import { whenOver } from "../ui/lifetime.js";
import { describeEdge, watchEdge } from "../tray/panel_edge.js";

const STORED = "explorer side panels"; // a habit of who looks, not of the data: kept by the browser
const NARROW = "(max-width: 1000px)";
const LEAST = 180;

/**
 * @typedef {"rows" | "features"} PanelName
 * @typedef {object} SidePanel
 * @property {PanelName} name
 * @property {string} key
 * @property {number} usual width in pixels
 * @property {HTMLButtonElement} button
 */

/**
 * The width that a panel may have: at most what leaves the centre as much again.
 *
 * @param {number} width
 * @param {number} page
 */
export function panelWidth(width, page) {
  return Math.round(Math.min(Math.max(width, LEAST), Math.max(LEAST, page / 3)));
}

/**
 * What the browser kept; nothing where it kept nothing, or something else.
 *
 * @param {string | null} text
 * @returns {Record<string, {open?: boolean, width?: number}>}
 */
export function readStored(text) {
  try {
    const stored = JSON.parse(text || "{}");
    return typeof stored === "object" && stored !== null ? stored : {};
  } catch {
    return {};
  }
}

export class SidePanels {
  /** @param {AbortSignal} lifetime */
  constructor(lifetime) {
    this.page = document.documentElement;
    this.narrow = window.matchMedia(NARROW);
    this.stored = readStored(localStorage.getItem(STORED));
    this.rows = this.panel("rows", "[", _("Rows panel"), "◧", 264);
    this.features = this.panel("features", "]", _("Features panel"), "◨", 384);
    this.panels = [this.rows, this.features];
    for (const panel of this.panels) this.watchEdge(panel, lifetime);
    this.narrow.addEventListener("change", () => this.arrange(), { signal: lifetime });
    const centre = document.getElementById("centre");
    centre?.addEventListener("pointerdown", () => this.closeSheets(), {
      capture: true,
      signal: lifetime,
    });
    document.addEventListener(
      OPEN_PANEL,
      (event) => {
        const { detail } = /** @type {CustomEvent<PanelName>} */ (event);
        if (!this.isOpen(detail)) this.toggle(detail);
      },
      { signal: lifetime },
    );
    this.arrange();
    whenOver(lifetime, () => this.panels.forEach(({ button }) => button.remove()));
  }

  /**
   * @param {PanelName} name
   * @param {string} key
   * @param {string} label
   * @param {string} icon
   * @param {number} usual
   * @returns {SidePanel}
   */
  panel(name, key, label, icon, usual) {
    const button = h(
      "button",
      {
        class: "panel",
        title: `${label} (${key})`,
        "aria-label": label,
        onclick: () => this.toggle(name),
      },
      icon,
    );
    return { name, key, usual, button };
  }

  /** Whether a window is so narrow that panels lie over the centre. */
  get over() {
    return this.narrow.matches;
  }

  /** @param {PanelName} name */
  isOpen(name) {
    return this.page.dataset[name] === "open";
  }

  // As it was left; on a narrow window closed.
  arrange() {
    for (const { name } of this.panels) {
      const { open = true, width } = this.stored[name] || {};
      this.page.dataset[name] = open && !this.over ? "open" : "closed";
      if (width) this.widen(name, width);
    }
    this.show();
  }

  /** @param {PanelName} name */
  toggle(name) {
    const open = !this.isOpen(name);
    if (this.over) for (const panel of this.panels) this.page.dataset[panel.name] = "closed";
    this.page.dataset[name] = open ? "open" : "closed";
    if (!this.over) this.store(name, { open });
    this.show();
  }

  closeSheets() {
    if (!this.over) return false;
    const open = this.panels.filter(({ name }) => this.isOpen(name));
    for (const { name } of open) this.page.dataset[name] = "closed";
    this.show();
    return open.length > 0;
  }

  show() {
    for (const { name, button } of this.panels) {
      button.setAttribute("aria-expanded", String(this.isOpen(name)));
      // what is closed cannot hold the focus; its button opens it again
      const inside = document.getElementById(name)?.contains(document.activeElement);
      if (inside && !this.isOpen(name)) button.focus();
    }
    for (const panel of this.panels) this.describeEdge(panel);
  }

  /**
   * @param {PanelName} name
   * @param {{open?: boolean, width?: number}} change
   */
  store(name, change) {
    this.stored[name] = { ...this.stored[name], ...change };
    localStorage.setItem(STORED, JSON.stringify(this.stored));
  }

  /**
   * @param {PanelName} name
   * @param {number} width
   */
  widen(name, width) {
    this.page.style.setProperty(`--${name}-width`, `${panelWidth(width, innerWidth)}px`);
  }

  /** @param {SidePanel} panel */
  describeEdge({ name }) {
    const [edge, panel] = [document.getElementById(`${name}-edge`), document.getElementById(name)];
    if (!edge || !panel) return;
    const most = panelWidth(Infinity, innerWidth);
    describeEdge(edge, { least: LEAST, most, now: panel.offsetWidth });
  }

  /**
   * @param {SidePanel} panel
   * @param {AbortSignal} signal
   */
  watchEdge(panel, signal) {
    const { name, usual } = panel;
    const edge = document.getElementById(`${name}-edge`);
    const side = document.getElementById(name);
    if (!edge || !side) return;
    watchEdge(
      edge,
      {
        axis: "x",
        outward: name === "rows" ? 1 : -1,
        least: LEAST,
        usual,
        size: () => side.offsetWidth,
        resize: (width) => {
          const allowed = panelWidth(width, innerWidth);
          this.widen(name, allowed);
          this.store(name, { width: allowed });
          this.describeEdge(panel);
        },
        toggle: () => this.toggle(name),
      },
      signal,
    );
  }

  /**
   * Whether a key was one of theirs.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.key === "Escape") return this.closeSheets();
    const panel = this.panels.find(({ key }) => key === event.key);
    if (panel) this.toggle(panel.name);
    return Boolean(panel);
  }
}
