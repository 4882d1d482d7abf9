// What the keys and the modifiers of a gesture mean.

/**
 * How a gesture combines with the present selection: Shift adds, Alt removes, both keep what is in
 * both.
 *
 * @param {{shiftKey: boolean, altKey: boolean}} event
 * @returns {import("./types/page.js").Mode}
 */
export function modeOf(event) {
  if (event.shiftKey && event.altKey) return "intersect";
  return event.shiftKey ? "add" : event.altKey ? "remove" : "replace";
}

/**
 * Keys sleep while one writes text; in a list of choices only letters do, since they jump to an
 * entry.
 *
 * @param {KeyboardEvent} event
 */
export function isTyping(event) {
  const page = document.documentElement.dataset;
  if (page.dialog || page.lost) return true; // a page without its server does nothing any more
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("select")) return event.key.length === 1 && !event.ctrlKey && !event.metaKey;
  return target.matches("textarea, input:not([type=checkbox])") || target.isContentEditable;
}

/**
 * Whether a key is pressed with one that makes a command of it. Brackets are written with AltGr on
 * many keyboards, which some systems report as Ctrl and Alt.
 *
 * @param {KeyboardEvent} event
 */
export function hasModifier(event) {
  if (event.getModifierState("AltGraph")) return false;
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** @type {Record<string, string>} */
const DECISIONS = { k: "keep", d: "drop", t: "transform", m: "merge", f: "defer" };

/**
 * The decision that a key stands for, if it is one: not while one types, not while a key is held
 * down.
 *
 * @param {KeyboardEvent} event
 */
export function decisionOf(event) {
  const decision = DECISIONS[event.key.toLowerCase()];
  return decision &&
    !isTyping(event) &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    !event.repeat
    ? decision
    : null;
}
