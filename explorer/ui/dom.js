// Nodes, files and dialogs.

import { _ } from "../core/gettext.js";
import { readsRightToLeft } from "../core/text_direction.js";

/**
 * Make an element: attributes and properties by name, listeners as `onclick`, then its children.
 * What is null, undefined or false is left out. An element that holds nothing but a text is read in
 * the direction of this text.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {import("./types/page.js").Attributes<HTMLElementTagNameMap[Tag]>} [attributes]
 * @param {...(import("./types/page.js").Child | import("./types/page.js").Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  const properties = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (node));
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) {
      node.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    } else if (key === "class") node.className = String(value);
    else if (key in node && key !== "list" && key !== "role") properties[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  const only = children.length === 1 && children[0];
  if (typeof only === "string" && !node.dir && readsRightToLeft(only)) node.dir = "rtl";
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.append(typeof child === "number" ? String(child) : child);
  }
  return node;
}

/**
 * All elements below a node that a selector finds.
 *
 * @param {ParentNode} node
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function findAll(node, selector) {
  return [...node.querySelectorAll(selector)].map(
    (element) => /** @type {HTMLElement} */ (element),
  );
}

/**
 * The first element below a node that a selector finds; null where there is none.
 *
 * @param {ParentNode} node
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function findFirst(node, selector) {
  return node.querySelector(selector);
}

/**
 * @param {ParentNode} node
 * @returns {HTMLElement[]}
 */
export function childrenOf(node) {
  return [...node.children].map((child) => /** @type {HTMLElement} */ (child));
}

/**
 * The element with the focus in the shadow tree of a node, or in the document.
 *
 * @param {Node} node
 * @returns {HTMLElement | null}
 */
export function focusedIn(node) {
  const root = /** @type {ShadowRoot | Document} */ (node.getRootNode());
  return /** @type {HTMLElement | null} */ (root.activeElement);
}

/**
 * Draw the fields of a form anew; the focus goes back to the field of the same label.
 *
 * @param {HTMLElement} form
 * @param {() => void} draw
 */
export function keepFocus(form, draw) {
  const focused = focusedIn(form);
  const label = form.contains(focused) ? focused?.getAttribute("aria-label") : null;
  draw();
  if (label) {
    findFirst(form, `[aria-label="${CSS.escape(label)}"]`)?.focus({ preventScroll: true });
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/**
 * What is said where CSV is saved.
 *
 * @param {string} form
 * @param {string} title
 */
export const saveTitle = (form, title) =>
  form === "csv"
    ? _(
        "{title}. In CSV, text that a spreadsheet would run as a formula gets an apostrophe before it.",
        { title },
      )
    : title;

/**
 * Save a file of the server, or one that came as a message.
 *
 * @param {{name?: string, path?: string, data?: string}} file
 */
export function saveFile({ name, path, data }) {
  const page = location.pathname.replace(/\/?$/, "/");
  if (path || data) h("a", { href: data || page + path, download: name }).click();
}

/**
 * A button that shows all of a card, or its first lines alone. Styles say where it is seen.
 *
 * @param {HTMLElement} card
 * @param {string} label
 */
export function foldButton(card, label) {
  const button = h(
    "button",
    {
      class: "plain fold",
      title: label,
      "aria-label": label,
      "aria-expanded": "false",
      onclick: () => {
        button.setAttribute("aria-expanded", String(card.classList.toggle("unfolded")));
      },
    },
    "▾",
  );
  return button;
}

/**
 * Open a dialog. Keys of the page sleep while it is open, wherever it is. A closed panel around
 * it is laid out meanwhile, unseen: else the dialog could not be seen either.
 *
 * @param {HTMLDialogElement} dialog
 */
export function openDialog(dialog) {
  const panel = panelAround(dialog);
  const page = document.documentElement.dataset;
  const under = page.dialog; // help may be opened over another dialog, which stays
  dialog.addEventListener(
    "close",
    () => {
      if (!under) delete page.dialog;
      delete panel?.dataset.asks;
    },
    { once: true },
  );
  page.dialog = "1";
  if (panel) panel.dataset.asks = "1";
  dialog.showModal();
}

/**
 * @param {Element} node
 * @returns {HTMLElement | null}
 */
function panelAround(node) {
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? panelAround(root.host) : node.closest("#rows, #features");
}
