// Names in right-to-left scripts within texts that run from left to right (Unicode Standard Annex
// 9), as in text_direction.py.

const LETTERS =
  "[\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}]";
const RIGHT_TO_LEFT = new RegExp(LETTERS, "u");
const ISOLATED = /\u2068[^\u2068\u2069]*\u2069/g;
const BEGINS_SO = new RegExp(`^[^\\p{L}\\u2068]*${LETTERS}`, "u");

/**
 * A text that leaves the order of what stands around it as it is.
 *
 * @param {string} text
 */
export const isolated = (text) =>
  RIGHT_TO_LEFT.test(text.replace(ISOLATED, "")) ? `\u2068${text}\u2069` : text;

/**
 * A condition to be read, as `"age" >= 0`: each name and value in it has its own direction.
 *
 * @param {string} text
 */
export const isolatedQuotes = (text) => text.replace(/"[^"]*"|'[^']*'/g, isolated);

/**
 * Whether a text is to be read from right to left: its first letter says so. A sentence that begins
 * with an isolated name has its own direction.
 *
 * @param {string} text
 */
export const readsRightToLeft = (text) => BEGINS_SO.test(text);
