// Finding and ordering features: fuzzy search, pasted lists, sort keys.

import { _ } from "../core/gettext.js";

// Every word must be found: whole in any text, or its letters in order in name or label. Higher is
// better, 0 is no match.
export function searchScore(feature, words) {
  let total = 0;
  for (const word of words) {
    const score = wordScore(feature, word);
    if (!score) return 0;
    total += score;
  }
  return total;
}

function wordScore(feature, word) {
  const text = feature.text;
  if (word.startsWith("#")) {
    return feature.tags.some((tag) => tag.toLowerCase().startsWith(word.slice(1))) ? 5 : 0;
  }
  for (const name of text.names) {
    const at = name.indexOf(word);
    if (at === 0) return 5;
    if (at > 0) return /[a-z0-9]/.test(name[at - 1]) ? 3.5 : 4;
  }
  if (text.rest.includes(word)) return 2;
  if (word.length < 3) return 0;
  // letters in order, close together: "rtmn" finds "runtime_min"; or one letter wrong: "runtme"
  return Math.max(...text.names.map((name) => Math.max(inOrder(name, word), oneOff(name, word))));
}

function inOrder(name, word) {
  let from = -1;
  let first = -1;
  for (const letter of word) {
    from = name.indexOf(letter, from + 1);
    if (from < 0) return 0;
    if (first < 0) first = from;
  }
  const spread = (from - first + 1) / word.length;
  return spread <= 3 ? 1 / spread : 0;
}

// A word with one letter wrong, missing or too many, at the start of a part of the name.
function oneOff(name, word) {
  const sizes = [word.length - 1, word.length, word.length + 1];
  return name
    .split(/[^a-z0-9]+/)
    .some((part) =>
      sizes.some((size) => part.length >= size && edits(part.slice(0, size), word) <= 1),
    )
    ? 1.2
    : 0;
}

function edits(piece, word) {
  let before = Array.from({ length: word.length + 1 }, (unused, index) => index);
  for (let i = 1; i <= piece.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= word.length; j += 1) {
      row.push(
        Math.min(
          before[j] + 1,
          row[j - 1] + 1,
          before[j - 1] + (piece[i - 1] === word[j - 1] ? 0 : 1),
        ),
      );
    }
    before = row;
  }
  return before[word.length];
}

// A pasted list: names or labels, one a line, or parted by commas, semicolons or tabs.
export function pastedNames(text, features) {
  const byName = new Map();
  for (const feature of features) {
    for (const key of [feature.label, feature.name]) byName.set(key.trim().toLowerCase(), feature);
  }
  const words = text
    .split(/[\n\r\t;,]+/)
    .map((word) => word.trim().replace(/^["'`]|["'`]$/g, ""))
    .filter(Boolean);
  const matches = [];
  const unknown = [];
  for (const word of new Set(words)) {
    const feature = byName.get(word.toLowerCase());
    if (feature) matches.push(feature);
    else unknown.push(word);
  }
  return { words: words.length, found: [...new Set(matches)], unknown };
}

/**
 * Orders: their words, and what a strip is sorted by, largest first; null goes last.
 *
 * @typedef {{ticked: Set<string>, order: string, keys: Record<string, any>, looks: any[]}} Sorted
 * @typedef {(list: Sorted, feature: any, look: any) => any} SortKey
 * @type {Record<string, {words: string, asks?: boolean, key?: SortKey}>}
 */
export const ORDERS = {
  table: { words: _("table order") },
  ticked: {
    words: _("ticked first"),
    key: (list, feature) => (list.ticked.has(feature.name) ? 1 : 0),
  },
  role: { words: _("role") },
  name: { words: _("name") },
  missing: { words: _("most missing"), key: (list, feature, look) => look && look.missing },
  gaussian: { words: _("least Gaussian"), key: (list, feature, look) => look && look.gaussian },
  outliers: { words: _("most far outliers"), key: (list, feature, look) => look && look.outliers },
  redundancy: { words: _("most redundant"), key: (list, feature, look) => look && look.redundancy },
  difference: { words: _("selection differs"), asks: true },
  relevance: { words: _("relevance to …"), asks: true },
};

/**
 * @param {Sorted} list
 * @param {any[]} items
 */
export function sortedFeatures(list, items) {
  const { order } = list;
  if (order === "name") {
    return items.sort((a, b) =>
      a.feature.label.localeCompare(b.feature.label, undefined, { numeric: true }),
    );
  }
  const rule = ORDERS[order];
  if (order === "role") {
    return items.sort((a, b) => a.feature.role_label.localeCompare(b.feature.role_label));
  }
  const key = rule.asks
    ? ({ feature }) => list.keys[feature.name]
    : ({ feature, index }) => rule.key?.(list, feature, list.looks[index]);
  const place = (item) => {
    const value = key(item);
    return value === null || value === undefined ? -Infinity : value;
  };
  // equals stay in table order
  return items
    .map((item) => [place(item), item])
    .sort((a, b) => (b[0] === a[0] ? 0 : b[0] - a[0]))
    .map(([, item]) => item);
}
