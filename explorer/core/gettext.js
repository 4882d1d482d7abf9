// The texts of the page in the language of the server. A text is marked where it is used, as in
// gettext: `_("Save")`, `ngettext("{count} row", "{count} rows", n, { count })`. The server puts
// the translations of its language into the page (core/gettext.py); without any, texts stay
// English.

import { isolated } from "./text_direction.js";

/**
 * @typedef {Record<string, string | number | null | undefined>} Values what stands for {name}
 * @typedef {{messages: Record<string, string | string[]>, plurals: string}} Translations
 */

const PLACEHOLDER = /\{(\w+)\}/g;

const translations = read();

/** @returns {Translations} */
function read() {
  const text = globalThis.document?.getElementById("translations")?.textContent;
  return text ? JSON.parse(text) : { messages: {}, plurals: "" };
}

/**
 * A text of the page, translated. Names in braces stand for values.
 *
 * @param {string} text
 * @param {Values} [values]
 * @returns {string}
 */
export function _(text, values) {
  const translated = translations.messages[text];
  return filled(typeof translated === "string" ? translated : text, values);
}

/**
 * A text that depends on a number.
 *
 * @param {string} singular
 * @param {string} plural
 * @param {number} n
 * @param {Values} [values]
 * @returns {string}
 */
export function ngettext(singular, plural, n, values) {
  const forms = translations.messages[singular];
  if (!Array.isArray(forms)) return filled(n === 1 ? singular : plural, values);
  return filled(forms[pluralForm(n)] ?? plural, values);
}

/**
 * Which of its forms a language takes for a number: listed by the server for 0 to 1999, after which
 * they repeat by the thousand.
 *
 * @param {number} n
 */
function pluralForm(n) {
  return Number(translations.plurals[n < 1000 ? n : 1000 + (n % 1000)] ?? 0);
}

/**
 * @param {string} text
 * @param {Values} [values]
 */
function filled(text, values) {
  if (!values) return text;
  return text.replace(PLACEHOLDER, (whole, name) => isolated(String(values[name] ?? whole)));
}
